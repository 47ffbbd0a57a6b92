// Calls, budget and time of a sweep, for the report and in words.
#pragma once

#include <string>

#include "harness/core/result.h"
#include "reports/json_values.h"

namespace coresweep {

/// One entry a call of `coresweep run`: when, its command line, the trials that were there before
/// it and those that it added, and how long it took.
OrderedJson CallsJson(const SweepResult& sweep);

/// {"asked_s", "used_s", "ended_sweep"} of the last call; null where it had no budget.
OrderedJson BudgetJson(const SweepResult& sweep);

/// {"total_s", "measuring_s", "not_measuring_share"}, see harness/core/sweep_time.h; null where
/// nothing was timed.
OrderedJson TimeJson(const SweepResult& sweep);

/// "Took 12.3 s, of which 4.5 s were measured windows: 63 % …" with the budget and what was
/// resumed;
/// "" where nothing was timed.
std::string TimeLine(const SweepResult& sweep);

}  // namespace coresweep
