// Which worker gets which chunk: the axis `dispatch` without its IPC.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/core/delivery.h"

namespace coresweep {

/// Chunks `first`, …, `first` + `chunks` - 1, all of one pass: their items lie side by side.
struct ChunkRun {
  uint64_t first = 0;
  int chunks = 1;
};

/// Longest run that `guided` hands out at once: most of what is saved by handing out fewer is saved
/// by then, and room for requests grows with it.
constexpr int kLongestRun = 16;

/// Deals an endless sequence of chunks, pass after pass over the data set. Each chunk is dealt
/// once.
/// - dynamic: the next chunk to whoever asks.
/// - static: worker w of W has chunks ⌊w·C/W⌋ up to ⌊(w+1)·C/W⌋ of the C of every pass, so that
/// parts
///   differ by one at most and none is lost; dealt one by one.
/// - guided: runs of ⌈left/2W⌉ of the chunks left in the pass, at most `kLongestRun`, at least one
///   (as OpenMP's schedule(guided), halved so that the first to ask does not end last).
/// Not for `pull`, where nobody deals.
class ChunkDealer {
 public:
  ChunkDealer(Dispatch policy, int workers, int64_t chunks_per_pass);

  /// What `worker` would get now; the same until somebody takes. nullopt: it has no part at all.
  [[nodiscard]] std::optional<ChunkRun> Next(int worker) const;
  /// `worker` takes what `Next` gave it.
  void Take(int worker);
  /// Whether chunk `sequence` was taken by anybody.
  [[nodiscard]] bool Dealt(uint64_t sequence) const;
  /// One more than the highest number that may have been taken.
  [[nodiscard]] uint64_t end() const { return end_; }

  /// The longest run that there will be.
  static int LongestRun(Dispatch policy, int workers, int64_t chunks_per_pass);
  /// Chunks that lie between the first one not merged and the last one computed when every worker
  /// is at the end of its part; what merging in order needs room for.
  static uint64_t Span(Dispatch policy, int workers, int64_t chunks_per_pass);

 private:
  [[nodiscard]] uint64_t PartBegin(uint64_t worker) const { return worker * per_pass_ / workers_; }
  [[nodiscard]] uint64_t PartSize(uint64_t worker) const {
    return PartBegin(worker + 1) - PartBegin(worker);
  }

  Dispatch policy_;
  uint64_t workers_;
  uint64_t per_pass_;
  uint64_t end_ = 0;
  std::vector<uint64_t> taken_;  ///< static: by each worker
};

}  // namespace coresweep
