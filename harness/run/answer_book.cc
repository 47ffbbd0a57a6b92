#include "harness/run/answer_book.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "harness/base/clock.h"
#include "harness/core/framing.h"

namespace coresweep {
namespace {

constexpr size_t kLeastCapacity = 64;
constexpr size_t kMostMergeBytes = size_t{256} << 20;

}  // namespace

size_t MergeCapacity(size_t in_flight, size_t span, size_t chunk_answer_bytes) {
  const size_t wanted = std::max({kLeastCapacity, 8 * in_flight, span});
  const size_t affordable = kMostMergeBytes / std::max<size_t>(1, chunk_answer_bytes);
  return std::max(in_flight, std::min(wanted, affordable));
}

std::vector<std::byte> MergeRoom(size_t capacity, size_t chunk_answer_bytes) {
  return std::vector<std::byte>(capacity * chunk_answer_bytes);
}

std::vector<std::byte> PackOutputs(const ItemLayout& layout, const ChunkSequence& chunks,
                                   std::vector<std::byte> outputs) {
  if (!layout.Varies()) return outputs;
  const size_t slot_bytes = MostPackedBytes(layout, chunks.chunk());
  std::vector<std::byte> packed;
  for (int64_t k = 0; k < chunks.chunks_per_pass(); ++k) {
    const auto slot = std::span(outputs).subspan(static_cast<size_t>(k) * slot_bytes);
    const int64_t count = chunks.Range(static_cast<uint64_t>(k)).count;
    // Zeros, as a slot is before its answer comes, are frames without bytes.
    const size_t bytes = LeadingBytes(layout, slot, count).value_or(0);
    packed.insert(packed.end(), slot.begin(), slot.begin() + static_cast<ptrdiff_t>(bytes));
  }
  return packed;
}

AnswerBook::AnswerBook(AnswerTask task)
    : task_(std::move(task)),
      merger_(task_.capacity, task_.window, task_.order),
      checker_(task_.reference),
      waiting_(merger_.capacity()),
      slot_bytes_(MostPackedBytes(*task_.reference.layout, task_.chunks.chunk())) {}

bool AnswerBook::Take(const ChunkSample& sample, const Incoming& answer, AnswerKeeper* keeper) {
  const uint64_t sequence = sample.sequence;
  const int64_t now_ns = NowNs();
  if (merger_.Complete(sample, now_ns) != ReorderBuffer::Arrival::kAccepted) {
    if (keeper != nullptr) keeper->Release(answer.slot);
    return false;
  }
  checker_.Check(task_.chunks.Range(sequence), answer.payload, answer.header.digest);
  const int64_t checked_ns = NowNs();
  check_ns_ += checked_ns - now_ns;
  if (task_.work_items > 0) EndWindowWhenWorkIsDone();
  if (task_.order == Order::kCompletion) {
    Deliver(sequence, answer.payload);
    if (keeper != nullptr) keeper->Release(answer.slot);
    return true;
  }
  Wait(sequence, answer, keeper);
  MergeReady();
  return true;
}

void AnswerBook::EndWindowWhenWorkIsDone() {
  if (merger_.items_in_window() < static_cast<double>(task_.work_items)) return;
  task_.work_items = 0;
  task_.window.end_ns = std::min(task_.window.end_ns, NowNs() + kEndLeadNs);
  merger_.EndWindowAt(task_.window.end_ns);
  task_.gate->EndWindowAt(task_.window.end_ns);
}

void AnswerBook::Wait(uint64_t sequence, const Incoming& answer, AnswerKeeper* keeper) {
  const size_t place = merger_.SlotOf(sequence);
  waiting_[place] = {answer.payload, keeper, answer.slot};
  if (keeper != nullptr) {
    ++kept_;
    return;
  }
  if (sequence == merger_.next() || answer.payload.empty()) return;  // its turn is now
  if (task_.room.empty()) task_.room = MergeRoom(merger_.capacity(), slot_bytes_);
  std::byte* room = task_.room.data() + place * slot_bytes_;
  std::memcpy(room, answer.payload.data(), answer.payload.size());
  waiting_[place].bytes = {room, answer.payload.size()};
}

void AnswerBook::MergeReady() {
  merger_.MergeReady(NowNs(), [this](uint64_t sequence) {
    Waiting& merged = waiting_[merger_.SlotOf(sequence)];
    Deliver(sequence, merged.bytes);
    if (merged.keeper == nullptr) return;
    merged.keeper->Release(merged.slot);
    merged.keeper = nullptr;
    --kept_;
  });
}

void AnswerBook::Deliver(uint64_t sequence, std::span<const std::byte> answers) {
  if (task_.outputs == nullptr || answers.empty()) return;
  if (sequence >= static_cast<uint64_t>(task_.chunks.chunks_per_pass())) return;
  std::memcpy(task_.outputs->data() + sequence * slot_bytes_, answers.data(), answers.size());
}

bool AnswerBook::Keeps(const AnswerKeeper* keeper) const {
  return std::any_of(waiting_.begin(), waiting_.end(),
                     [keeper](const Waiting& waiting) { return waiting.keeper == keeper; });
}

void AnswerBook::GiveUp(uint64_t sequence) {
  merger_.GiveUp(sequence, task_.chunks.Range(sequence).count);
}

void AnswerBook::AddTo(TrialMeasurement& measurement) const {
  measurement.window = task_.window;
  measurement.items_in_window = merger_.items_in_window();
  measurement.chunks = merger_.chunks();
  measurement.drained_ns = merger_.last_ns();
  measurement.samples = merger_.log().samples();
  measurement.samples_total = merger_.log().added();
  measurement.sample_stride = merger_.log().stride();
  merger_.AddTo(measurement.ordering);
  checker_.AddTo(measurement.ordering);
  measurement.output = checker_.output();
}

}  // namespace coresweep
