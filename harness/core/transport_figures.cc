#include "harness/core/transport_figures.h"

namespace coresweep {

std::string_view ToString(EndsWait wait) {
  switch (wait) {
    case EndsWait::kBlock:
      return "block";
    case EndsWait::kSpin:
      return "spin";
    case EndsWait::kAdaptive:
      return "adaptive";
  }
  return "";
}

std::optional<EndsWait> ParseEndsWait(std::string_view name) {
  for (const EndsWait wait : {EndsWait::kBlock, EndsWait::kSpin, EndsWait::kAdaptive}) {
    if (ToString(wait) == name) return wait;
  }
  return std::nullopt;
}

}  // namespace coresweep
