// The parent's side of mode `processes`: deals chunks out on credit and takes the answers.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/core/arrival_queue.h"
#include "harness/core/chunk_dealer.h"
#include "harness/core/item_index.h"
#include "harness/core/measurement.h"
#include "harness/ipc/channel.h"
#include "harness/ipc/start_gate.h"
#include "harness/run/answer_book.h"
#include "harness/run/dispatcher_meter.h"
#include "harness/run/held_chunks.h"
#include "harness/run/peer_watch.h"
#include "harness/run/worker_losses.h"
#include "harness/run/worker_pool.h"

namespace coresweep {

/// Starts a new incarnation of worker `i` in the place of a dead one and returns the dispatcher's
/// end of its connection.
using Respawn = std::function<std::unique_ptr<DispatcherChannel>(size_t i, uint32_t generation)>;

/// What one trial's dispatcher works on. Views outlive it.
struct DispatchTask {
  AnswerTask answers;
  std::span<const std::byte> items;  ///< all items, packed
  ItemIndex index;                   ///< of `items`
  Schedule schedule;
  ChannelShape shape;
  Dispatch policy = Dispatch::kDynamic;
  int64_t chunk_timeout_ns = 0;
  int64_t startup_timeout_ns = 0;
  std::optional<ArrivalSpec> arrivals;  ///< open load, with policy dynamic; nullopt: closed load
  Respawn respawn;                      ///< empty: the death of a worker ends the trial
};

/// Used once, by the main thread.
class Dispatcher {
 public:
  Dispatcher(DispatchTask task, std::vector<std::unique_ptr<DispatcherChannel>> channels,
             WorkerPool& pool, StopSignal* stop);

  /// From the gate until every worker has reported. Throws `TrialFailure` when a worker dies and is
  /// not to be replaced, reports an error, sends nonsense or keeps silent, and on a stop signal;
  /// what was measured stays.
  void Run();

  /// Writes what was measured so far, also after `Run` threw.
  void AddTo(TrialMeasurement& measurement) const;

 private:
  struct Peer {
    std::unique_ptr<DispatcherChannel> channel;
    HeldChunks held;
    int64_t last_sign_ns = 0;  ///< of life
    uint32_t generation = 1;
    bool ready = true;  ///< false: a new incarnation on its way
    bool stop_sent = false;
    bool told = true;   ///< answers may be there, as far as one knows without a system call
    bool done = false;  ///< it has reported, or died with nothing left to do
    /// What its report or its end leads to. While this is set the last answers may be on their way.
    std::function<void()> parting;
    double items_in_window = 0;
    std::string report;
  };

  void Turn();
  [[nodiscard]] bool Issuing() const;
  void Issue();
  void IssueDue();
  [[nodiscard]] bool IssueToLeastBusy();
  [[nodiscard]] bool IssueTo(size_t i);
  [[nodiscard]] bool Resend(size_t i);
  /// When it was issued; nullopt: no room for it now. `due_ns` 0: closed load.
  [[nodiscard]] std::optional<int64_t> SendRun(size_t i, ChunkRun run, int64_t due_ns);
  void SendStops();
  [[nodiscard]] bool ReceiveAll();
  /// False: `Watch` will say when it is worth the system call.
  [[nodiscard]] bool WorthLooking(const Peer& peer) const;
  void ReceiveFrom(size_t i);
  void OnAnswer(size_t i, const Incoming& answer);
  /// Takes chunk `sequence` off what `peer` holds and gives up what was lost before it; nullopt
  /// when it is not held.
  [[nodiscard]] std::optional<HeldChunk> TakeHeld(Peer& peer, uint64_t sequence);
  void CheckAnswer(size_t i, const Incoming& answer, ItemRange range) const;
  void Sleep();
  void Spin();
  /// Whether a request comes so soon that sleeping would make it late.
  [[nodiscard]] bool IsDueSoon(int64_t now_ns) const;
  /// Sees to it that the next request wakes the dispatcher, unless it would find no worker free.
  void WakeForNextRequest();
  /// How many answers of peer `i` are worth a wake-up.
  [[nodiscard]] size_t WorthWaking(const Peer& peer, bool blocked) const;
  /// Looks after signals, deaths, reports and time limits, waiting up to `timeout_ms` for
  /// something.
  void Watch(int timeout_ms);
  void OnControl(size_t i);
  /// Worker `i` has said its last word: `then` follows once what it answered before has come.
  void Part(size_t i, std::function<void()> then);
  /// True when there was such a one whose last answer has come.
  [[nodiscard]] bool SeeOff();
  [[nodiscard]] bool HasLastAnswer(const Peer& peer) const;
  void OnDeath(size_t i);
  void Replace(size_t i);
  void Restart(size_t i);
  void Finish(size_t i);
  void CheckTimeouts();
  [[nodiscard]] bool HoldsNothing() const;
  [[nodiscard]] bool AllDone() const;

  DispatchTask task_;
  WorkerPool& pool_;
  PeerWatch watch_;
  std::vector<Peer> peers_;
  std::vector<std::unique_ptr<DispatcherChannel>> graves_;  ///< answers in them still wait
  AnswerBook book_;
  ChunkDealer dealer_;
  std::optional<ArrivalQueue> queue_;  ///< open load only
  std::deque<HeldChunk> resend_;       ///< lost with their workers, in order
  WorkerLosses losses_;
  size_t next_peer_ = 0;
  size_t parting_ = 0;  ///< peers that are
  int64_t idle_since_ns_ = 0;
  int64_t answers_ = 0;
  int64_t duplicated_ = 0;
  DispatcherMeter meter_;
};

}  // namespace coresweep
