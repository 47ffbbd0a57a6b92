// The parent's side of mode `processes`: hands chunks out on credit, checks and merges the answers.
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "harness/core/answer_checker.h"
#include "harness/core/chunk_sequence.h"
#include "harness/core/measurement.h"
#include "harness/core/merger.h"
#include "harness/ipc/channel.h"
#include "harness/ipc/start_gate.h"
#include "harness/run/worker_pool.h"

namespace coresweep {

/// What one trial's dispatcher works on. Views outlive it.
struct DispatchTask {
  ChunkSequence chunks;
  std::span<const std::byte> items;  ///< all items, packed
  size_t item_bytes = 0;
  size_t answer_bytes = 0;
  Reference reference;
  Schedule schedule;
  ChannelShape shape;
  int64_t chunk_timeout_ns = 0;
  std::vector<std::byte>* outputs =
      nullptr;                   ///< when given: the answers of the first pass, in order
  std::vector<std::byte> slots;  ///< from `MergeSlots`, made before the gate; empty: made late
};

/// Room for answers between arrival and merge. Hundreds of megabytes where answers are large, and
/// zeroing those takes longer than a warm-up.
std::vector<std::byte> MergeSlots(size_t workers, const ChannelShape& shape);

/// Used once, by the main thread.
class Dispatcher {
 public:
  Dispatcher(DispatchTask task, std::vector<std::unique_ptr<DispatcherChannel>> channels,
             WorkerPool& pool, StopSignal* stop);

  /// From the gate until every worker has reported. Throws `TrialFailure` when a worker dies,
  /// reports an error, sends nonsense or keeps silent, and on a stop signal; what was measured
  /// stays.
  void Run();

  /// Writes what was measured so far, also after `Run` threw.
  void AddTo(TrialMeasurement& measurement) const;

 private:
  struct Outstanding {
    uint64_t sequence;
    int64_t issued_ns;
    int overtaken = 0;  ///< later chunks of this worker that were answered before it
  };
  struct Peer {
    std::unique_ptr<DispatcherChannel> channel;
    std::deque<Outstanding> held;  ///< issued and not answered, oldest first
    int64_t last_sign_ns = 0;      ///< of life
    bool stop_sent = false;
    bool done = false;  ///< it has reported
    double items_in_window = 0;
    std::string report;
  };

  [[nodiscard]] bool Issuing() const;
  void Issue();
  [[nodiscard]] bool IssueTo(size_t i);
  void SendStops();
  [[nodiscard]] bool ReceiveAll();
  void ReceiveFrom(size_t i);
  void OnAnswer(size_t i, const Incoming& answer);
  /// Takes chunk `sequence` off what peer `i` holds; gives up chunks that were overtaken for good.
  [[nodiscard]] int64_t TakeHeld(size_t i, uint64_t sequence);
  void CheckAnswer(size_t i, const Incoming& answer, ItemRange range) const;
  void Merge(uint64_t sequence, std::span<const std::byte> answers);
  void Sleep();
  /// Looks after signals, deaths, reports and time limits, waiting up to `timeout_ms` for
  /// something.
  void Watch(int timeout_ms);
  void OnReport(size_t i);
  void CheckTimeouts();
  void GiveUpHeld(size_t i);
  [[nodiscard]] std::string Holding(size_t i) const;
  [[nodiscard]] bool AllDone() const;

  DispatchTask task_;
  WorkerPool& pool_;
  StopSignal* stop_;
  std::vector<Peer> peers_;
  Merger merger_;
  AnswerChecker checker_;
  std::vector<std::byte> slots_;  ///< answers between arrival and merge
  size_t slot_bytes_;
  uint64_t next_ = 0;  ///< number of the next chunk to issue
  size_t next_peer_ = 0;
  int64_t idle_since_ns_ = 0;
  int64_t duplicated_ = 0;
  DispatcherUse use_;
};

}  // namespace coresweep
