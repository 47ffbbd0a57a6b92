// Packs the items of a workload and runs it on packed items, whatever their sizes.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "harness/core/chunk_sequence.h"
#include "harness/core/workload.h"

namespace coresweep {

/// Memory that item `index` takes among packed ones. Throws `Error` when the workload makes it
/// larger than it declared. `info` is that of `workload`.
size_t PackedBytes(const Workload& workload, const WorkloadInfo& info, int64_t index);

/// Makes item `index` at the start of `space`, which must hold its `PackedBytes`, and returns its
/// own bytes, without head and padding.
std::span<std::byte> PackItem(const Workload& workload, const WorkloadInfo& info, int64_t index,
                              std::span<std::byte> space);

/// Packed items `range`.
std::vector<std::byte> PackItems(const Workload& workload, const WorkloadInfo& info,
                                 ItemRange range);

/// Used by the thread that runs the workload.
class ChunkRunner {
 public:
  /// `name` is the workload's. Views outlive the runner.
  ChunkRunner(Workload& workload, const WorkloadInfo& info, std::string name)
      : workload_(workload),
        info_(info),
        name_(std::move(name)),
        plain_(!info.item.Varies() && !info.answer.Varies()) {}

  /// Computes the answers to items `range`, which lie packed in `items` and may be scribbled on.
  /// `answers` has `MostPackedBytes(info.answer, range.count)`; returns how many of them the
  /// answers take. Throws `Error` when the workload refuses, when `items` is not those items, and
  /// when an answer is not as declared.
  size_t Run(ItemRange range, std::span<std::byte> items, std::span<std::byte> answers) {
    if (!plain_) return RunEach(range, items, answers);
    workload_.Run(range.count, items, answers);
    return answers.size();
  }

 private:
  size_t RunEach(ItemRange range, std::span<std::byte> items, std::span<std::byte> answers);

  Workload& workload_;
  const WorkloadInfo& info_;
  std::string name_;
  bool plain_;
  std::vector<std::span<std::byte>> views_;
};

}  // namespace coresweep
