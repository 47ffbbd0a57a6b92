#include "harness/host/small_file.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <cerrno>

#include "harness/base/unique_fd.h"

namespace coresweep {
namespace {

/// Reads to the end of `fd`; the errno of the refusal, or 0.
int ReadAll(int fd, std::string& text) {
  char buffer[4096];
  while (true) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got > 0) text.append(buffer, static_cast<size_t>(got));
    if (got == 0) return 0;
    if (got < 0 && errno != EINTR) return errno;
  }
}

}  // namespace

std::optional<std::string> ReadSmallFile(const std::filesystem::path& path, int* error_number) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  const int error = fd ? ReadAll(fd.get(), text) : errno;
  if (error == 0) return text;
  if (error_number != nullptr) *error_number = error;
  return std::nullopt;
}

std::string ErrnoName(int error_number) {
  const char* name = strerrorname_np(error_number);
  return name != nullptr ? name : "errno " + std::to_string(error_number);
}

}  // namespace coresweep
