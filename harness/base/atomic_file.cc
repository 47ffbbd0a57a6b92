#include "harness/base/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string>

#include "harness/base/error.h"
#include "harness/base/unique_fd.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

/// Removes the partial file unless the rename went through.
class PartFile {
 public:
  explicit PartFile(std::string name) : name_(std::move(name)) {}
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;
  ~PartFile() {
    if (!kept_) ::unlink(name_.c_str());
  }
  void Keep() { kept_ = true; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
  bool kept_ = false;
};

}  // namespace

void WriteAll(int fd, std::string_view text, const std::string& name) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    Check(written, "write", name);
    text.remove_prefix(static_cast<size_t>(written));
  }
}

void SyncFolderOf(const fs::path& path) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd) ::fsync(fd.get());  // best effort: some file systems refuse to sync folders
}

void WriteFileAtomically(const fs::path& path, std::string_view text) {
  std::error_code ignored;
  if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored)) {
    // /dev/stdout, a pipe: nothing to replace, so written as it comes.
    const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd) ThrowErrno("cannot write", path.string());
    WriteAll(fd.get(), text, path.string());
    return;
  }
  const std::string name = path.string() + ".part";
  const UniqueFd fd(::open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd) ThrowErrno("cannot write", path.string());
  PartFile part(name);
  WriteAll(fd.get(), text, name);
  Check(::fsync(fd.get()), "fsync", name);
  Check(::rename(name.c_str(), path.c_str()), "rename to", path.string());
  part.Keep();
  SyncFolderOf(path);
}

void CheckWritable(const fs::path& path) {
  std::error_code ignored;
  const bool special = fs::exists(path, ignored) && !fs::is_regular_file(path, ignored);
  if (fs::is_directory(path, ignored)) {
    throw Error(fmt::format("cannot write {}: it is a folder", path.string()));
  }
  const std::string name = special ? path.string() : path.string() + ".part";
  const UniqueFd fd(::open(name.c_str(), O_WRONLY | (special ? 0 : O_CREAT) | O_CLOEXEC, 0644));
  if (!fd) ThrowErrno("cannot write", path.string());
  if (!special) ::unlink(name.c_str());
}

std::string ReadFile(const fs::path& path, size_t limit_bytes) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) ThrowErrno("cannot read", path.string());
  std::string text;
  struct stat facts {};
  // A large text that grows is copied several times. The spare room is what a parser may ask for.
  constexpr size_t kSpareBytes = 64;
  if (::fstat(fd.get(), &facts) == 0 && S_ISREG(facts.st_mode))
    text.reserve(std::min(static_cast<size_t>(facts.st_size), limit_bytes) + kSpareBytes);
  char buffer[1 << 16];
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (Check(got, "cannot read", path.string()) == 0) return text;
    text.append(buffer, static_cast<size_t>(got));
    if (text.size() > limit_bytes) {
      throw Error(fmt::format("cannot read {}: larger than {} bytes", path.string(), limit_bytes));
    }
  }
}

}  // namespace coresweep
