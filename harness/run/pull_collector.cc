#include "harness/run/pull_collector.h"

#include <fmt/format.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/base/clock.h"
#include "harness/core/framing.h"
#include "harness/ipc/futex.h"
#include "harness/run/held_chunks.h"
#include "harness/run/worker_report.h"

namespace coresweep {
namespace {

constexpr int kLongestPullSleepMs = 100;
constexpr uint64_t kPullTurnsBetweenLooks = 4096;

}  // namespace

PullCollector::PullCollector(CollectTask task, PullBoard& board, int wake_fd, WorkerPool& pool,
                             StopSignal* stop)
    : task_(std::move(task)),
      board_(board),
      wake_fd_(wake_fd),
      pool_(pool),
      watch_(stop != nullptr ? stop->fd() : -1),
      peers_(pool.size()),
      book_(std::move(task_.answers)),
      places_(task_.board.capacity, Place::kAwaited) {
  for (size_t i = 0; i < peers_.size(); ++i)
    watch_.Add(i, -1, pool_.control_fd(i), pool_.pidfd(i));
  watch_.Add(peers_.size(), wake_fd_, -1, -1);  // theirs in common
}

void PullCollector::Run() {
  SleepUntil(task_.schedule.gate_ns);
  meter_.Start();
  for (Peer& peer : peers_)
    peer.last_sign_ns = NowNs();
  try {
    for (uint64_t turn = 1; !AllDone(); ++turn) {
      if (!Collect()) Sleep();
      if (turn % kPullTurnsBetweenLooks == 0) Watch(0);
    }
    (void)Collect();
    GiveUpTheRest();
  } catch (...) {
    meter_.Stop();
    throw;
  }
  meter_.Stop();
}

bool PullCollector::AllDone() const {
  return std::all_of(peers_.begin(), peers_.end(), [](const Peer& peer) { return peer.done; });
}

void PullCollector::CheckBoard() {
  // A chunk is claimed only once the one a round before it was freed, and only we raise `owed`.
  const uint64_t next = board_.next();
  if (next > lowest_ + places_.size() || board_.owed() != owed_) {
    throw TrialFailure(Outcome::kFailed,
                       fmt::format("a worker wrote nonsense to the board that all share: chunk {} "
                                   "claimed where {} is the lowest open one, {} of {} owed",
                                   next, lowest_, board_.owed(), owed_));
  }
  end_ = std::max(end_, next);  // where a chunk was reclaimed the hint went back
}

std::optional<PullBoard::Answer> PullCollector::Done(uint64_t chunk) const {
  try {
    return board_.Done(chunk);
  } catch (const Error& error) {
    throw TrialFailure(Outcome::kFailed, fmt::format("a worker left a malformed answer to chunk "
                                                     "{}: {}",
                                                     chunk, error.what()));
  }
}

bool PullCollector::Collect() {
  CheckBoard();
  std::vector<std::pair<uint64_t, PullBoard::Answer>> done;
  const uint64_t end = std::min(lowest_ + places_.size(), end_);
  for (uint64_t chunk = lowest_; chunk < end; ++chunk) {
    if (PlaceOf(chunk) != Place::kAwaited) continue;
    if (const auto answer = Done(chunk)) done.emplace_back(chunk, *answer);
  }
  if (done.empty()) return false;
  idle_since_ns_ = 0;
  // As they were completed: so inversions are counted as they were.
  std::sort(done.begin(), done.end(), [](const auto& a, const auto& b) {
    return a.second.header.computed_ns < b.second.header.computed_ns;
  });
  for (const auto& [chunk, answer] : done)
    Take(chunk, answer);
  board_.WakeWaiting();
  return true;
}

void PullCollector::Take(uint64_t chunk, const PullBoard::Answer& answer) {
  CheckAnswer(chunk, answer);
  PlaceOf(chunk) = Place::kTaken;
  ChunkSample sample;
  sample.sequence = chunk;
  sample.worker = static_cast<int32_t>(answer.worker);
  sample.items = static_cast<int32_t>(answer.header.items);
  sample.issued_ns = answer.header.issued_ns;
  sample.started_ns = answer.header.started_ns;
  sample.computed_ns = answer.header.computed_ns;
  Peer& peer = peers_[answer.worker];
  peer.last_sign_ns = NowNs();
  if (book_.Take(sample,
                 {answer.header, answer.payload, static_cast<uint32_t>(chunk % places_.size())},
                 this))
    peer.items_in_window += book_.merger().ItemsInWindow(sample);
}

void PullCollector::Release(uint32_t slot) {
  const uint64_t chunk =
      lowest_ + (slot + places_.size() - lowest_ % places_.size()) % places_.size();
  board_.Free(chunk);
  PlaceOf(chunk) = Place::kMerged;
  for (; PlaceOf(lowest_) == Place::kMerged; ++lowest_)
    PlaceOf(lowest_) = Place::kAwaited;
}

void PullCollector::CheckAnswer(uint64_t chunk, const PullBoard::Answer& answer) const {
  const ChunkHeader& header = answer.header;
  const ItemRange range = book_.chunks().Range(chunk);
  const bool sound = answer.worker < peers_.size() &&
                     header.generation == peers_[answer.worker].generation &&
                     header.sequence == chunk && header.items == range.count &&
                     IsPacked(book_.answer_layout(), answer.payload, range.count) &&
                     header.issued_ns <= header.started_ns &&
                     header.started_ns <= header.computed_ns && header.computed_ns <= NowNs();
  if (sound) return;
  const std::string who =
      answer.worker < peers_.size() ? pool_.Name(answer.worker) : std::string("a worker");
  throw TrialFailure(Outcome::kFailed,
                     fmt::format("{} left a malformed answer to chunk {}", who, chunk));
}

void PullCollector::Sleep() {
  if (task_.spin_ns > 0) {
    const int64_t now_ns = NowNs();
    if (idle_since_ns_ == 0) idle_since_ns_ = now_ns;
    if (now_ns - idle_since_ns_ < task_.spin_ns) return SpinPause();
  }
  // Woken when half of the room is taken: workers never wait for it then. Where that half is there
  // already, the first one holds it up, and nothing later will come.
  const uint64_t half = std::max<uint64_t>(1, task_.board.capacity / 2);
  const uint64_t target = lowest_ + half - 1;
  if (!board_.Arm(PlaceOf(target) == Place::kAwaited ? target : lowest_)) return;
  meter_.CountWakeup();
  Watch(kLongestPullSleepMs);
}

void PullCollector::Watch(int timeout_ms) {
  for (const auto& [source, i] : watch_.Wait(timeout_ms)) {
    if (source == PeerWatch::Source::kStop) {
      pool_.CheckStop();
    } else if (source == PeerWatch::Source::kReceive) {
      eventfd_t count = 0;
      eventfd_read(wake_fd_, &count);
    } else if (!peers_[i].done && (source == PeerWatch::Source::kControl || pool_.HasEnded(i))) {
      OnControl(i);
    }
  }
  CheckTimeouts();
}

void PullCollector::OnControl(size_t i) {
  std::optional<ControlMessage> message;
  try {
    message = pool_.Read(i, Deadline::After(0));
  } catch (const WorkerGone&) {
    return OnDeath(i);
  } catch (const TrialFailure& failure) {
    throw TrialFailure(failure.outcome(), fmt::format("{} ({})", failure.what(), Holding(i)));
  }
  if (!message) return;
  Peer& peer = peers_[i];
  peer.last_sign_ns = NowNs();
  if (!peer.ready) {
    peer.ready = true;
    return;
  }
  peer.report = std::move(message->text);
  peer.done = true;
  watch_.Remove(i);
}

std::vector<uint64_t> PullCollector::HeldBy(size_t i) const {
  std::vector<uint64_t> held = board_.HeldBy(static_cast<uint32_t>(i));
  std::erase_if(held, [this](uint64_t chunk) {
    return chunk < lowest_ || chunk >= lowest_ + places_.size();
  });
  return held;
}

void PullCollector::GiveUpTheRest() {
  const uint64_t end = std::min(lowest_ + places_.size(), std::max(end_, board_.claimed_end()));
  for (uint64_t chunk = lowest_; chunk < end; ++chunk) {
    if (PlaceOf(chunk) == Place::kAwaited) book_.GiveUp(chunk);
  }
  book_.MergeReady();
}

void PullCollector::OnDeath(size_t i) {
  while (Collect()) {
  }
  const std::vector<uint64_t> lost = HeldBy(i);
  if (!task_.respawn) {
    for (const uint64_t chunk : lost)
      book_.GiveUp(chunk);
    pool_.FailDead(i, Holding(i));
  }
  if (const auto why_not = losses_.Note({i, pool_.HowItEnded(i), peers_[i].ready, lost}))
    pool_.FailDead(i, *why_not);
  if (!lost.empty())
    owed_ = std::max(owed_, std::min(board_.claimed_end(), lowest_ + places_.size()));
  for (const uint64_t chunk : lost)
    board_.Reclaim(chunk, owed_);
  board_.WakeWaiting();
  watch_.Remove(i);
  Peer& peer = peers_[i];
  ++peer.generation;
  peer.ready = false;
  task_.respawn(i, peer.generation);
  peer.last_sign_ns = NowNs();
  watch_.Add(i, -1, pool_.control_fd(i), pool_.pidfd(i));
  losses_.SetSuccessor(pool_.pid(i));
}

void PullCollector::CheckTimeouts() {
  const int64_t now_ns = NowNs();
  for (size_t i = 0; i < peers_.size(); ++i) {
    const Peer& peer = peers_[i];
    const int64_t silent_ns = now_ns - peer.last_sign_ns;
    const int64_t limit_ns = peer.ready ? task_.chunk_timeout_ns : task_.startup_timeout_ns;
    if (peer.done || silent_ns < limit_ns) continue;
    // Silent workers may wait for room that another one holds up.
    const bool over = now_ns > book_.window().end_ns + task_.chunk_timeout_ns;
    if (peer.ready && !over && HeldBy(i).empty()) continue;
    throw TrialFailure(
        Outcome::kTimedOut,
        fmt::format("{} gave no sign of life for {:.1f} s {}; raise {} if it may take longer",
                    pool_.Name(i), NsToSeconds(silent_ns), Holding(i),
                    peer.ready ? "--chunk-timeout-s" : "--startup-timeout-s"));
  }
}

std::string PullCollector::Holding(size_t i) const {
  return DescribeHeld(HeldBy(i));
}

void PullCollector::AddTo(TrialMeasurement& measurement) const {
  book_.AddTo(measurement);
  measurement.dispatcher = meter_.Use(book_.check_ns());
  measurement.replacements = losses_.replacements();
  for (const Peer& peer : peers_) {
    if (peer.report.empty()) continue;
    AddReport(nlohmann::json::parse(peer.report), peer.items_in_window, measurement);
  }
}

}  // namespace coresweep
