#include "harness/base/shared_region.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "harness/base/error.h"

namespace coresweep {
namespace {

std::byte* Map(int fd, size_t bytes, SharedRegion::Access access) {
  const int protection =
      access == SharedRegion::Access::kReadWrite ? PROT_READ | PROT_WRITE : PROT_READ;
  void* address = mmap(nullptr, bytes, protection, MAP_SHARED, fd, 0);
  if (address == MAP_FAILED) ThrowErrno("mmap", fmt::format("{} shared bytes", bytes));
  return static_cast<std::byte*>(address);
}

}  // namespace

SharedRegion SharedRegion::Create(const std::string& label, size_t bytes) {
  UniqueFd fd(memfd_create(label.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) ThrowErrno("memfd_create", label);
  const std::string object = fmt::format("{} ({} bytes of shared memory)", label, bytes);
  Check(ftruncate(fd.get(), static_cast<off_t>(bytes)), "ftruncate", object);
  int rc = 0;
  while ((rc = posix_fallocate(fd.get(), 0, static_cast<off_t>(bytes))) == EINTR) {
  }
  if (rc != 0) {  // posix_fallocate returns the error number and leaves errno alone
    errno = rc;
    ThrowErrno("posix_fallocate", object);
  }
  // A peer that truncated the file would end us with SIGBUS.
  Check(fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), "fcntl F_ADD_SEALS", object);
  std::byte* data = Map(fd.get(), bytes, Access::kReadWrite);
  return {std::move(fd), data, bytes};
}

SharedRegion SharedRegion::Attach(UniqueFd fd, size_t least_bytes, Access access) {
  struct stat info {};
  Check(fstat(fd.get(), &info), "fstat", "shared memory");
  const auto size = static_cast<size_t>(info.st_size);
  if (size < least_bytes || size == 0) {
    throw Error(fmt::format("shared memory holds {} bytes where {} are needed", size, least_bytes));
  }
  std::byte* data = Map(fd.get(), size, access);
  return {std::move(fd), data, size};
}

SharedRegion::SharedRegion(SharedRegion&& other) noexcept
    : fd_(std::move(other.fd_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

SharedRegion& SharedRegion::operator=(SharedRegion&& other) noexcept {
  if (this != &other) {
    Unmap();
    fd_ = std::move(other.fd_);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

SharedRegion::~SharedRegion() {
  Unmap();
}

void SharedRegion::Unmap() noexcept {
  if (data_ != nullptr) munmap(data_, size_);
  data_ = nullptr;
}

}  // namespace coresweep
