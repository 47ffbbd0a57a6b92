// One instance's loop over the chunks of a process that needs no dispatcher.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "harness/core/answer_checker.h"
#include "harness/core/chunk_sequence.h"
#include "harness/core/item_index.h"
#include "harness/core/merger.h"
#include "harness/ipc/start_gate.h"
#include "harness/run/fault.h"
#include "harness/run/instance.h"

namespace coresweep {

/// The chunks of one process, handed out and merged in order: with one instance nothing ever waits,
/// with several it is what an in-process server needs to give its answers in order. Thread-safe.
class SharedSequence {
 public:
  /// Chunk number i of this process is number `first` + i · `stride` of the trial, which runs by
  /// `schedule` and ends its window at `gate`.
  SharedSequence(uint64_t first, uint64_t stride, const Schedule& schedule, StartGate& gate,
                 size_t capacity)
      : first_(first),
        stride_(stride),
        gate_(gate),
        work_items_(schedule.work_items),
        latest_end_ns_(schedule.window.end_ns),
        merger_(capacity, schedule.window) {}

  /// Number within this process of the next chunk, waiting while the reorder window is full;
  /// nullopt after `Abort`.
  std::optional<uint64_t> Claim();
  /// Its number in the trial.
  [[nodiscard]] uint64_t Global(uint64_t local) const { return first_ + local * stride_; }
  /// The claimed chunk `local` is computed and checked.
  void Complete(uint64_t local, ChunkSample sample);
  /// No more chunks for anybody: an instance failed.
  void Abort();
  /// When the window ends, as far as known now.
  [[nodiscard]] int64_t EndNs() const { return std::min(latest_end_ns_, gate_.EndNs()); }

  /// Only once all instances have ended.
  [[nodiscard]] const Merger& merger() const { return merger_; }

 private:
  void TellWork(int64_t now_ns);

  const uint64_t first_;
  const uint64_t stride_;
  StartGate& gate_;
  const int64_t work_items_;
  const int64_t latest_end_ns_;
  int64_t told_items_ = 0;
  int64_t told_ns_ = 0;
  std::mutex mutex_;
  std::condition_variable room_;
  uint64_t next_ = 0;
  bool aborted_ = false;
  Merger merger_;
};

/// What the instances of a process share.
struct Work {
  Window window;  ///< as scheduled
  const StartGate* gate = nullptr;
  Reference reference;
  std::span<const std::byte> items;  ///< all items, packed
  ItemIndex index;                   ///< of `items`
  SharedSequence* sequence = nullptr;
};

/// Used by the instance's thread alone.
class Driver {
 public:
  /// Copies the items: the inputs are then inside the worker, on its own memory node.
  Driver(Instance& instance, const WorkerSetup& setup, const Work& work);

  /// Begins chunks until the window ends, and finishes the last one.
  void RunToTheEndOfTheWindow();

  [[nodiscard]] const AnswerChecker& checker() const { return checker_; }

 private:
  void RunChunk(uint64_t local);
  std::span<std::byte> ItemsOf(ItemRange range);
  void Count(const ChunkSample& sample);

  Instance& instance_;
  const Work& work_;
  bool scribbles_;
  ChunkSequence chunks_;
  std::optional<Fault> fault_;
  AnswerChecker checker_;
  std::vector<std::byte> items_;
  std::vector<std::byte> scratch_;
  std::vector<std::byte> answers_;
};

}  // namespace coresweep
