// The items and the serial reference of a sweep, as the parent holds them.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "harness/base/shared_region.h"
#include "harness/core/answer_checker.h"
#include "harness/core/config.h"
#include "harness/core/host_facts.h"
#include "harness/core/item_index.h"
#include "harness/run/worker_pool.h"

namespace coresweep {

/// The reference of one chunk size.
struct ChunkReference {
  int64_t chunk = 0;
  size_t digests_offset = 0;
  std::string error;        ///< the workload refuses this chunk size; "" = it does not
  int64_t chunk_ns = 0;     ///< median time of a whole chunk in one process, one thread
  bool differs = false;     ///< answers lie outside the tolerance of those at the first chunk size
  double max_abs_diff = 0;  ///< to the answers at the first chunk size
};

/// Made by a child of its own, so that the parent loads no model and starts no thread.
struct ReferenceData {
  WorkloadInfo info;
  RuntimeFacts runtime;
  std::vector<ChunkReference> chunks;
  size_t answers_offset = 0;
  bool scribbles = false;  ///< the workload writes on its input
  int64_t distinct_items = 0;
  int64_t distinct_answers = 0;
  SharedRegion items;
  SharedRegion region;                 ///< digests of each chunk size, then the answers
  std::vector<size_t> item_offsets;    ///< `FrameOffsets` of `items`
  std::vector<size_t> answer_offsets;  ///< the same of the answers

  /// nullptr when the sweep has no such chunk size.
  [[nodiscard]] const ChunkReference* Find(int64_t chunk) const;
  [[nodiscard]] ItemIndex Items() const { return {info.item, item_offsets}; }
  [[nodiscard]] ItemIndex AnswerIndex() const { return {info.answer, answer_offsets}; }
  /// All answers, packed.
  [[nodiscard]] std::span<const std::byte> Answers() const;
  /// View for checking answers at `chunk`, which must be known and without error.
  [[nodiscard]] Reference For(int64_t chunk) const;
  /// What a user should know before believing the checks.
  [[nodiscard]] std::vector<std::string> Warnings() const;
};

/// Told how many items of how many are computed.
using ReferenceProgress = std::function<void(int64_t done, int64_t total)>;

/// Runs the reference child on the allowed CPUs. Throws `UsageError` when the workload cannot be
/// loaded or refuses every chunk size, `TrialFailure` when the child dies, hangs (no progress for
/// the start-up timeout or the chunk timeout, whichever is longer) or a stop signal comes.
ReferenceData RunReference(const ProcessContext& context, const SweepConfig& config,
                           const HostFacts& facts, const ReferenceProgress& progress);

}  // namespace coresweep
