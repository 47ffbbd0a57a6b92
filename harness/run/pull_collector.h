// The parent's side of dispatch `pull`: it deals nothing out, it only takes the answers.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/measurement.h"
#include "harness/ipc/pull_board.h"
#include "harness/ipc/start_gate.h"
#include "harness/run/answer_book.h"
#include "harness/run/dispatcher_meter.h"
#include "harness/run/peer_watch.h"
#include "harness/run/worker_losses.h"
#include "harness/run/worker_pool.h"

namespace coresweep {

/// What one trial's collector works on. Views outlive it.
struct CollectTask {
  AnswerTask answers;
  Schedule schedule;
  BoardShape board;
  int64_t spin_ns = 0;
  int64_t chunk_timeout_ns = 0;
  int64_t startup_timeout_ns = 0;
  /// Starts a new incarnation of worker `i`; empty: the death of a worker ends the trial.
  std::function<void(size_t i, uint32_t generation)> respawn;
};

/// Used once, by the main thread.
class PullCollector final : private AnswerKeeper {
 public:
  /// `wake_fd`: the eventfd that workers write to.
  PullCollector(CollectTask task, PullBoard& board, int wake_fd, WorkerPool& pool,
                StopSignal* stop);

  /// As `Dispatcher::Run`.
  void Run();
  /// As `Dispatcher::AddTo`.
  void AddTo(TrialMeasurement& measurement) const;

 private:
  enum class Place : uint8_t { kAwaited, kTaken, kMerged };
  struct Peer {
    int64_t last_sign_ns = 0;
    uint32_t generation = 1;
    bool ready = true;
    bool done = false;
    double items_in_window = 0;
    std::string report;
  };

  void Release(uint32_t slot) override;
  [[nodiscard]] Place& PlaceOf(uint64_t chunk) { return places_[chunk % places_.size()]; }
  /// Takes what is done; false when nothing was.
  bool Collect();
  /// Throws `TrialFailure` when the words that workers share are such as no worker of ours writes.
  void CheckBoard();
  /// As `PullBoard::Done`, but a malformed answer is a `TrialFailure`.
  [[nodiscard]] std::optional<PullBoard::Answer> Done(uint64_t chunk) const;
  void Take(uint64_t chunk, const PullBoard::Answer& answer);
  void CheckAnswer(uint64_t chunk, const PullBoard::Answer& answer) const;
  void Sleep();
  void Watch(int timeout_ms);
  void OnControl(size_t i);
  void OnDeath(size_t i);
  /// Chunks that worker `i` has claimed and not answered, of those there can be.
  [[nodiscard]] std::vector<uint64_t> HeldBy(size_t i) const;
  /// When all workers have reported: what was claimed and is not answered will never be.
  void GiveUpTheRest();
  void CheckTimeouts();
  [[nodiscard]] std::string Holding(size_t i) const;
  [[nodiscard]] bool AllDone() const;

  CollectTask task_;
  PullBoard& board_;
  int wake_fd_;
  WorkerPool& pool_;
  PeerWatch watch_;
  std::vector<Peer> peers_;
  AnswerBook book_;
  uint64_t lowest_ = 0;        ///< all chunks below it are merged
  uint64_t end_ = 0;           ///< no chunk from here on is claimed, as far as is known
  uint64_t owed_ = 0;          ///< as last written to the board
  std::vector<Place> places_;  ///< of chunks lowest_ to lowest_ + capacity - 1
  WorkerLosses losses_;
  int64_t idle_since_ns_ = 0;
  DispatcherMeter meter_;
};

}  // namespace coresweep
