// How workers leave their dispatcher: by a report, by death, by silence.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/base/clock.h"
#include "harness/run/dispatcher.h"

namespace coresweep {
namespace {

/// How long the next of a worker's last answers may take. The end of the connection comes behind
/// them; only a process that the worker left behind with its socket can keep it from coming.
constexpr int64_t kLongestLateNs = kNsPerS;

}  // namespace

void Dispatcher::OnControl(size_t i) {
  std::optional<ControlMessage> message;
  try {
    message = pool_.Read(i, Deadline::After(0));
  } catch (const WorkerGone&) {
    return Part(i, [this, i] { OnDeath(i); });
  } catch (const TrialFailure& failure) {
    return Part(i, [this, i, failure] {
      throw TrialFailure(failure.outcome(),
                         fmt::format("{} ({})", failure.what(), peers_[i].held.Describe()));
    });
  }
  if (!message) return;
  Peer& peer = peers_[i];
  if (!peer.ready) {  // the first word of a new incarnation
    peer.ready = true;
    peer.last_sign_ns = NowNs();
    return;
  }
  peer.report = std::move(message->text);
  Part(i, [this, i] { Finish(i); });
}

void Dispatcher::Part(size_t i, std::function<void()> then) {
  Peer& peer = peers_[i];
  peer.parting = std::move(then);
  ++parting_;
  peer.told = true;
  peer.last_sign_ns = NowNs();
  watch_.Remove(i);  // what it said or its end would wake us until then
  watch_.Add(i, peer.channel->receive_fd(), -1, -1);
}

bool Dispatcher::SeeOff() {
  bool any = false;
  for (Peer& peer : peers_) {
    if (!peer.parting || !HasLastAnswer(peer)) continue;
    --parting_;
    std::exchange(peer.parting, nullptr)();
    any = true;
  }
  return any;
}

bool Dispatcher::HasLastAnswer(const Peer& peer) const {
  return peer.held.empty() || !peer.channel->AnswersMayBeLate() ||
         NowNs() - peer.last_sign_ns >= std::min(kLongestLateNs, task_.chunk_timeout_ns);
}

void Dispatcher::Finish(size_t i) {
  for (const uint64_t lost : peers_[i].held.TakeAll())
    book_.GiveUp(lost);
  peers_[i].done = true;
  watch_.Remove(i);
  if (!AllDone()) return book_.MergeReady();
  for (uint64_t sequence = book_.merger().next(); sequence < dealer_.end(); ++sequence) {
    if (!dealer_.Dealt(sequence)) book_.Skip(sequence);
  }
  book_.MergeReady();
}

void Dispatcher::OnDeath(size_t i) {
  if (!task_.respawn) pool_.FailDead(i, peers_[i].held.Describe());
  Replace(i);
}

void Dispatcher::Replace(size_t i) {
  const std::deque<HeldChunk>& held = peers_[i].held.chunks();
  resend_.insert(resend_.end(), held.begin(), held.end());
  const std::vector<uint64_t> lost = peers_[i].held.TakeAll();
  if (const auto why_not = losses_.Note({i, pool_.HowItEnded(i), peers_[i].ready, lost}))
    pool_.FailDead(i, *why_not);
  std::sort(resend_.begin(), resend_.end(),
            [](const HeldChunk& a, const HeldChunk& b) { return a.sequence < b.sequence; });
  if (peers_[i].stop_sent) return Finish(i);  // it had nothing left to do but report
  watch_.Remove(i);
  Restart(i);
  losses_.SetSuccessor(pool_.pid(i));
}

void Dispatcher::Restart(size_t i) {
  Peer& peer = peers_[i];
  graves_.push_back(std::move(peer.channel));
  std::erase_if(graves_, [this](const auto& grave) { return !book_.Keeps(grave.get()); });
  Peer next;
  next.generation = peer.generation + 1;
  next.items_in_window = peer.items_in_window;
  next.ready = false;
  next.channel = task_.respawn(i, next.generation);
  next.last_sign_ns = NowNs();
  peer = std::move(next);
  watch_.Add(i, peer.channel->receive_fd(), pool_.control_fd(i), pool_.pidfd(i));
}

void Dispatcher::CheckTimeouts() {
  const int64_t now_ns = NowNs();
  for (size_t i = 0; i < peers_.size(); ++i) {
    const Peer& peer = peers_[i];
    if (peer.done || peer.parting) continue;
    const int64_t silent_ns = now_ns - peer.last_sign_ns;
    if (!peer.ready && silent_ns >= task_.startup_timeout_ns) {
      throw TrialFailure(Outcome::kTimedOut,
                         fmt::format("{}, a replacement, was not ready after {:.1f} s; raise "
                                     "--startup-timeout-s if it may take longer",
                                     pool_.Name(i), NsToSeconds(silent_ns)));
    }
    const bool owes = peer.ready && (!peer.held.empty() || peer.stop_sent);
    if (!owes || silent_ns < task_.chunk_timeout_ns) continue;
    throw TrialFailure(
        Outcome::kTimedOut,
        fmt::format("{} gave no sign of life for {:.1f} s {}; raise --chunk-timeout-s if a chunk "
                    "may take longer",
                    pool_.Name(i), NsToSeconds(task_.chunk_timeout_ns), peers_[i].held.Describe()));
  }
}

}  // namespace coresweep
