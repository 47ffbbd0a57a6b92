#include "harness/core/trial_schedule.h"

namespace coresweep {

std::optional<Trial> ListSchedule::Next() const {
  if (stopped_ || next_ >= trials_.size()) return std::nullopt;
  return trials_[next_];
}

void ListSchedule::Add(const TrialResult& /*result*/) {
  ++next_;
}

void ListSchedule::Stop(std::string_view /*why*/) {
  stopped_ = true;
}

}  // namespace coresweep
