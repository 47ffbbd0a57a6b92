// The one clock that measures: CLOCK_MONOTONIC, comparable between the processes of one container.
#pragma once

#include <time.h>

#include <cerrno>
#include <cstdint>

namespace coresweep {

constexpr int64_t kNsPerUs = 1'000;
constexpr int64_t kNsPerMs = 1'000'000;
constexpr int64_t kNsPerS = 1'000'000'000;

inline int64_t ReadClockNs(clockid_t clock) noexcept {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<int64_t>(t.tv_sec) * kNsPerS + t.tv_nsec;
}

/// Nanoseconds of CLOCK_MONOTONIC.
inline int64_t NowNs() noexcept {
  return ReadClockNs(CLOCK_MONOTONIC);
}

/// Milliseconds of the wall clock since 1970 (UTC), for dates in reports; it may jump.
inline int64_t UnixMs() noexcept {
  return ReadClockNs(CLOCK_REALTIME) / kNsPerMs;
}

/// CPU time of the calling thread / of the whole process, in nanoseconds.
inline int64_t ThreadCpuNs() noexcept {
  return ReadClockNs(CLOCK_THREAD_CPUTIME_ID);
}
inline int64_t ProcessCpuNs() noexcept {
  return ReadClockNs(CLOCK_PROCESS_CPUTIME_ID);
}

/// Sleeps until `at_ns` of CLOCK_MONOTONIC; returns at once when that has passed.
inline void SleepUntil(int64_t at_ns) noexcept {
  const timespec at{at_ns / kNsPerS, at_ns % kNsPerS};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr) == EINTR) {
  }
}

/// Seconds as nanoseconds, rounded to nearest.
constexpr int64_t SecondsToNs(double seconds) {
  return static_cast<int64_t>(seconds * 1e9 + (seconds < 0 ? -0.5 : 0.5));
}
constexpr double NsToSeconds(int64_t ns) {
  return static_cast<double>(ns) * 1e-9;
}

/// Absolute time on CLOCK_MONOTONIC after which waiting ends.
class Deadline {
 public:
  explicit Deadline(int64_t at_ns) : at_ns_(at_ns) {}
  static Deadline After(int64_t ns) { return Deadline(NowNs() + ns); }
  [[nodiscard]] int64_t at_ns() const { return at_ns_; }
  [[nodiscard]] bool Passed() const { return NowNs() >= at_ns_; }
  /// Time left, never negative, in milliseconds rounded up: fit for poll and epoll.
  [[nodiscard]] int RemainingMs() const {
    const int64_t left_ns = at_ns_ - NowNs();
    if (left_ns <= 0) return 0;
    const int64_t ms = (left_ns + kNsPerMs - 1) / kNsPerMs;
    return ms > 1'000'000 ? 1'000'000 : static_cast<int>(ms);
  }

 private:
  int64_t at_ns_;
};

}  // namespace coresweep
