#include "harness/core/measurement.h"

namespace coresweep {

std::string_view ToString(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk:
      return "ok";
    case Outcome::kIncorrect:
      return "incorrect";
    case Outcome::kDisordered:
      return "disordered";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kTimedOut:
      return "timed_out";
    case Outcome::kInterrupted:
      return "interrupted";
  }
  return "failed";
}

std::optional<Outcome> ParseOutcome(std::string_view name) {
  for (const Outcome outcome : {Outcome::kOk, Outcome::kIncorrect, Outcome::kDisordered,
                                Outcome::kFailed, Outcome::kTimedOut, Outcome::kInterrupted}) {
    if (ToString(outcome) == name) return outcome;
  }
  return std::nullopt;
}

}  // namespace coresweep
