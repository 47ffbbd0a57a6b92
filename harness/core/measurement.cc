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

}  // namespace coresweep
