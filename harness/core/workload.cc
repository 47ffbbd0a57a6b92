#include "harness/core/workload.h"

#include "harness/base/error.h"

namespace coresweep {

void Workload::RunEach(std::span<const std::span<std::byte>> /*items*/, AnswerWriter& /*answers*/) {
  throw Error("the workload declares items or answers of variable size and cannot run them");
}

}  // namespace coresweep
