#include "harness/core/trial_replay.h"

#include <fmt/format.h>

#include "harness/base/error.h"

namespace coresweep {
namespace {

std::string Describe(const Trial& trial) {
  return fmt::format("cell {}, repetition {} ({})", trial.cell_index, trial.repetition,
                     ToString(trial.role));
}

}  // namespace

void ReplayTrials(TrialSchedule& schedule, const std::vector<TrialResult>& records) {
  for (size_t i = 0; i < records.size(); ++i) {
    const auto due = schedule.Next();
    if (due == records[i].trial) {
      schedule.Add(records[i]);
      continue;
    }
    throw Error(fmt::format("trial {} is of {}, where this sweep has {}", i + 1,
                            Describe(records[i].trial), due ? Describe(*due) : "come to its end"));
  }
}

}  // namespace coresweep
