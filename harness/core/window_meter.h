// How much work fell into the measured window.
#pragma once

#include <algorithm>
#include <cstdint>

namespace coresweep {

/// The measured interval of a trial, the same for all its workers; CLOCK_MONOTONIC nanoseconds.
struct Window {
  int64_t begin_ns = 0;
  int64_t end_ns = 0;
  [[nodiscard]] int64_t LengthNs() const { return end_ns - begin_ns; }
  bool operator==(const Window&) const = default;
};

/// Share of [started, computed] that lies in the window: 1 for a chunk inside, 0 for one outside,
/// and in proportion for the few that cross an edge. Counting those whole or not at all would
/// quantise the throughput by chunks / window, which for long chunks exceeds every effect we look
/// for.
inline double FractionInWindow(Window window, int64_t started_ns, int64_t computed_ns) noexcept {
  if (computed_ns <= started_ns) {
    return computed_ns > window.begin_ns && computed_ns <= window.end_ns ? 1.0 : 0.0;
  }
  const int64_t overlap =
      std::min(window.end_ns, computed_ns) - std::max(window.begin_ns, started_ns);
  if (overlap <= 0) return 0.0;
  return static_cast<double>(overlap) / static_cast<double>(computed_ns - started_ns);
}

}  // namespace coresweep
