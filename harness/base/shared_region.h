// Memory shared between the dispatcher and its workers: a sealed memfd, handed over as a
// descriptor.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "harness/base/unique_fd.h"

namespace coresweep {

/// One mapping of one memfd. There is no name to unlink: the memory goes with its last descriptor
/// and mapping, also after SIGKILL, and is not bound by the size of /dev/shm.
class SharedRegion {
 public:
  enum class Access { kReadWrite, kReadOnly };

  SharedRegion() = default;

  /// Creates `bytes` (> 0) zeroed bytes, reserved now (posix_fallocate: a refusal is an `Error`
  /// here, not a SIGBUS later) and sealed against shrinking and growing.
  static SharedRegion Create(const std::string& label, size_t bytes);

  /// Maps the whole memfd `fd`, whose ownership it takes. Throws `Error` when it is smaller than
  /// `least_bytes`.
  static SharedRegion Attach(UniqueFd fd, size_t least_bytes, Access access);

  SharedRegion(SharedRegion&& other) noexcept;
  SharedRegion& operator=(SharedRegion&& other) noexcept;
  SharedRegion(const SharedRegion&) = delete;
  SharedRegion& operator=(const SharedRegion&) = delete;
  ~SharedRegion();

  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] std::span<std::byte> bytes() const { return {data_, size_}; }
  [[nodiscard]] int fd() const { return fd_.get(); }
  explicit operator bool() const { return data_ != nullptr; }

 private:
  SharedRegion(UniqueFd fd, std::byte* data, size_t size)
      : fd_(std::move(fd)), data_(data), size_(size) {}
  void Unmap() noexcept;

  UniqueFd fd_;
  std::byte* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace coresweep
