#include "harness/core/arrival_schedule.h"

#include <cmath>

namespace coresweep {

ArrivalSchedule::ArrivalSchedule(const ArrivalSpec& spec, int64_t origin_ns)
    : spec_(spec), random_(spec.seed, spec.stream), origin_ns_(origin_ns) {
  Compute();
}

void ArrivalSchedule::Next() noexcept {
  ++index_;
  Compute();
}

void ArrivalSchedule::Compute() noexcept {
  if (spec_.arrivals == Arrivals::kConstant) {
    since_origin_ns_ = static_cast<double>(index_) * 1e9 / spec_.rate_per_s;
  } else {
    since_origin_ns_ += -std::log1p(-random_.Uniform(index_)) * 1e9 / spec_.rate_per_s;
  }
  due_ns_ = origin_ns_ + std::llround(since_origin_ns_);
}

}  // namespace coresweep
