// Keeps a child that is stopped between its creation and its exec from holding its parent for ever.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <thread>

#include "harness/base/unique_fd.h"

namespace coresweep {

/// posix_spawn shares our memory with the child and suspends the calling thread until the child
/// execs or ends; no signal but a fatal one gets through to it. While one of these lives another
/// thread waits for `patience_ns`, then kills what has been created and has not become a program of
/// its own. Throws `Error` when the thread cannot be had.
class SpawnGuard {
 public:
  explicit SpawnGuard(int64_t patience_ns);
  SpawnGuard(const SpawnGuard&) = delete;
  SpawnGuard& operator=(const SpawnGuard&) = delete;
  /// Waits for the thread to end, which it does at once.
  ~SpawnGuard();

  /// Whether it had to kill this child; call behind posix_spawn.
  [[nodiscard]] bool Killed(pid_t child) const { return killed_.load() == child; }

 private:
  UniqueFd over_;
  std::atomic<pid_t> killed_{0};
  std::thread thread_;
};

}  // namespace coresweep
