#include "harness/core/answer_writer.h"

#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/core/framing.h"

namespace coresweep {

std::span<std::byte> AnswerWriter::Next(size_t bytes) {
  if (answers_ == range_.count) {
    throw Error(fmt::format("workload {} gives more than the {} answers to items {} to {}",
                            workload_, range_.count, range_.first,
                            range_.first + range_.count - 1));
  }
  if (!layout_.Allows(bytes)) {
    throw Error(fmt::format(
        "workload {} gives an answer of {} bytes to item {}, where it declared {}{} bytes in whole "
        "elements of {}",
        workload_, bytes, range_.first + answers_, layout_.Varies() ? "at most " : "",
        layout_.bytes, ToString(layout_.tensors.front().dtype)));
  }
  const size_t taken = layout_.Varies() ? FrameBytes(bytes) : bytes;
  const auto place = space_.subspan(written_, taken);
  written_ += taken;
  ++answers_;
  return layout_.Varies() ? BeginFrame(place, bytes) : place;
}

size_t AnswerWriter::Finish() const {
  if (answers_ == range_.count) return written_;
  throw Error(
      fmt::format("workload {} gave {} answers to {} items", workload_, answers_, range_.count));
}

}  // namespace coresweep
