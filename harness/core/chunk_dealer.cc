#include "harness/core/chunk_dealer.h"

#include <algorithm>

namespace coresweep {
namespace {

/// ⌈left / 2W⌉ within the limits.
int GuidedRun(uint64_t left, uint64_t workers) {
  return static_cast<int>(
      std::clamp<uint64_t>((left + 2 * workers - 1) / (2 * workers), 1, kLongestRun));
}

}  // namespace

ChunkDealer::ChunkDealer(Dispatch policy, int workers, int64_t chunks_per_pass)
    : policy_(policy),
      workers_(static_cast<uint64_t>(workers)),
      per_pass_(static_cast<uint64_t>(chunks_per_pass)),
      taken_(policy == Dispatch::kStatic ? workers_ : 0) {}

std::optional<ChunkRun> ChunkDealer::Next(int worker) const {
  if (policy_ == Dispatch::kDynamic) return ChunkRun{end_, 1};
  if (policy_ == Dispatch::kGuided) {
    return ChunkRun{end_, GuidedRun(per_pass_ - end_ % per_pass_, workers_)};
  }
  const auto w = static_cast<uint64_t>(worker);
  const uint64_t size = PartSize(w);
  if (size == 0) return std::nullopt;
  return ChunkRun{taken_[w] / size * per_pass_ + PartBegin(w) + taken_[w] % size, 1};
}

void ChunkDealer::Take(int worker) {
  const auto run = Next(worker);
  if (!run) return;
  if (policy_ == Dispatch::kStatic) ++taken_[static_cast<size_t>(worker)];
  end_ = std::max(end_, run->first + static_cast<uint64_t>(run->chunks));
}

bool ChunkDealer::Dealt(uint64_t sequence) const {
  if (sequence >= end_) return false;
  if (policy_ != Dispatch::kStatic) return true;
  const uint64_t chunk = sequence % per_pass_;
  const uint64_t owner = ((chunk + 1) * workers_ - 1) / per_pass_;  // least w with its end > chunk
  return sequence / per_pass_ * PartSize(owner) + chunk - PartBegin(owner) < taken_[owner];
}

int ChunkDealer::LongestRun(Dispatch policy, int workers, int64_t chunks_per_pass) {
  if (policy != Dispatch::kGuided) return 1;
  return GuidedRun(static_cast<uint64_t>(chunks_per_pass), static_cast<uint64_t>(workers));
}

uint64_t ChunkDealer::Span(Dispatch policy, int workers, int64_t chunks_per_pass) {
  // The last worker may begin its part of the next pass while the first ends its part of this one.
  if (policy == Dispatch::kStatic)
    return workers == 1 ? 1 : 2 * static_cast<uint64_t>(chunks_per_pass);
  return static_cast<uint64_t>(LongestRun(policy, workers, chunks_per_pass)) *
         static_cast<uint64_t>(workers);
}

}  // namespace coresweep
