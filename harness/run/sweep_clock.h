// How long this call of a sweep has lasted, and whether its budget allows another trial.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "harness/base/clock.h"
#include "harness/core/duration.h"

namespace coresweep {

/// Made when the program begins, so that host, spin test, reference and plan are of the budget too.
class SweepClock {
 public:
  using Now = std::function<int64_t()>;

  /// `budget_s`: nullopt = none. `now` gives nanoseconds of one clock; tests have their own.
  explicit SweepClock(std::optional<double> budget_s = {}, Now now = NowNs)
      : now_(std::move(now)), begin_ns_(now_()), budget_s_(budget_s) {}

  /// The budget, once the options were read.
  void SetBudget(std::optional<double> budget_s) { budget_s_ = budget_s; }

  [[nodiscard]] int64_t ElapsedNs() const { return now_() - begin_ns_; }

  /// Does what takes this long end within the budget if it starts now?
  [[nodiscard]] bool Allows(int64_t expected_ns) const {
    return !budget_s_ || ElapsedNs() + expected_ns <= SecondsToNs(*budget_s_);
  }

  /// "the time budget of 10 min", where there is one.
  [[nodiscard]] std::string BudgetName() const {
    return "the time budget of " + DurationText(budget_s_.value_or(0));
  }

 private:
  Now now_;
  int64_t begin_ns_;
  std::optional<double> budget_s_;
};

}  // namespace coresweep
