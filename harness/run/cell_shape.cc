#include "harness/run/cell_shape.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/clock.h"
#include "harness/core/chunk_dealer.h"
#include "harness/core/framing.h"
#include "harness/ipc/transports.h"
#include "harness/run/answer_book.h"

namespace coresweep {
namespace {

constexpr int64_t kSpinNs = 50 * kNsPerUs;   // about the wake-up of an idle virtual CPU
constexpr int64_t kQueuedNs = 8 * kNsPerMs;  // of work that a worker has before it
constexpr int kLeastCredit = 2;              // one that computes, one that waits
constexpr int kMostCredit = 64;
constexpr size_t kMostQueuedBytes = size_t{8} << 20;  // of copies that `auto` may make

ChunkSequence ChunksOf(const Cell& cell, const WorkloadInfo& info) {
  return {info.items, std::min(cell.chunk, info.items)};
}

/// Chunks in flight for a worker when the user names no number.
int AutoCredit(int64_t chunk_ns, size_t chunk_bytes) {
  const int64_t by_time = kQueuedNs / std::max<int64_t>(1, chunk_ns);
  const auto by_memory = static_cast<int64_t>(kMostQueuedBytes / std::max<size_t>(1, chunk_bytes));
  return static_cast<int>(
      std::clamp<int64_t>(std::min(by_time, by_memory), kLeastCredit, kMostCredit));
}

/// "" or why nobody should spin.
std::string WhyNotSpin(const PlannedCell& planned, int usable_cpus) {
  const int runnable = planned.cell.Parallelism() + 1;
  if (runnable > usable_cpus)
    return fmt::format("{} threads are runnable on {} usable CPUs", runnable, usable_cpus);
  if (planned.placement.oversubscribed) return "workers share CPUs";
  if (planned.placement.dispatcher_shares_core) return "the dispatcher shares a core with a worker";
  return "";
}

void SetWaiting(const PlannedCell& planned, int usable_cpus, CellShape& shape) {
  const std::string why_not = WhyNotSpin(planned, usable_cpus);
  switch (planned.cell.wait) {
    case Wait::kBlock:
      shape.waiting = "sleep";
      return;
    case Wait::kSpin:
      shape.channel.spin_ns = kSpinForever;
      shape.waiting = why_not.empty() ? "spin" : fmt::format("spin, although {}", why_not);
      return;
    case Wait::kAdaptive:
      shape.channel.spin_ns = why_not.empty() ? kSpinNs : 0;
      shape.waiting = why_not.empty()
                          ? fmt::format("spin up to {} us, then sleep", kSpinNs / kNsPerUs)
                          : fmt::format("sleep: {}", why_not);
  }
}

}  // namespace

CellShape ShapeOf(const PlannedCell& planned, const ReferenceData& reference, int usable_cpus) {
  const Cell& cell = planned.cell;
  const WorkloadInfo& info = reference.info;
  const ChunkSequence chunks = ChunksOf(cell, info);
  const int64_t per_pass = chunks.chunks_per_pass();
  const int run = ChunkDealer::LongestRun(cell.dispatch, cell.workers, per_pass);
  const ChunkReference* chunk = reference.Find(cell.chunk);
  CellShape shape;
  ChannelShape& channel = shape.channel;
  channel.request_bytes = reference.Items().LargestRun(chunks, run);
  // A worker may answer wrongly, also in length; what it declared bounds it.
  channel.answer_bytes = MostPackedBytes(info.answer, chunks.chunk());
  channel.requests = cell.credit > 0 ? cell.credit
                     : run > 1       ? kLeastCredit
                                     : AutoCredit(chunk != nullptr ? chunk->chunk_ns : 0,
                                            channel.request_bytes + channel.answer_bytes);
  channel.credit = channel.requests * run;
  // Workers of `static` are a whole part apart: what waits there is copied.
  channel.held_answers = cell.dispatch == Dispatch::kStatic ? 0 : 2 * channel.credit;
  channel.lent = {reference.items.size(), reference.items.fd(), reference.items.data()};
  const size_t in_flight = static_cast<size_t>(cell.workers) * static_cast<size_t>(channel.credit);
  shape.merge_capacity = MergeCapacity(
      in_flight, ChunkDealer::Span(cell.dispatch, cell.workers, per_pass), channel.answer_bytes);
  if (cell.dispatch == Dispatch::kPull)
    shape.board = {static_cast<uint32_t>(shape.merge_capacity), channel.answer_bytes};
  SetWaiting(planned, usable_cpus, shape);
  return shape;
}

uint64_t BytesOnTheirWay(const Cell& cell, const CellShape& shape) {
  if (cell.dispatch == Dispatch::kPull) return PullBoard::Bytes(shape.board);
  return static_cast<uint64_t>(cell.workers) * ConnectionBytes(cell.transport, shape.channel) +
         shape.merge_capacity * shape.channel.answer_bytes;
}

std::string WhyImpossible(const PlannedCell& planned, const HostFacts& facts,
                          const ReferenceData& reference) {
  const Cell& cell = planned.cell;
  const ChunkReference* chunk = reference.Find(cell.chunk);
  if (chunk == nullptr) return "no reference for this chunk size";
  if (!chunk->error.empty()) return chunk->error;
  if (cell.mode != Mode::kProcesses) return "";
  const CellShape shape = ShapeOf(planned, reference, facts.UsableCpus());
  const uint64_t span = ChunkDealer::Span(cell.dispatch, cell.workers,
                                          ChunksOf(cell, reference.info).chunks_per_pass());
  if (shape.merge_capacity < span) {
    return fmt::format(
        "{} answers of {} bytes may wait for their turn, more than the {} there is room for; use "
        "dispatch dynamic, or order completion",
        span, shape.channel.answer_bytes, shape.merge_capacity);
  }
  const uint64_t needed = BytesOnTheirWay(cell, shape);
  if (needed <= facts.UsableMemoryBytes() / 2) return "";
  return fmt::format(
      "{} MiB for chunks and answers on their way would be more than half of the {} MiB there are; "
      "use a smaller chunk, fewer workers or --credit 1",
      needed >> 20, facts.UsableMemoryBytes() >> 20);
}

}  // namespace coresweep
