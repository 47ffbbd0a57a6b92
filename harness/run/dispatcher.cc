#include "harness/run/dispatcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/base/clock.h"
#include "harness/core/framing.h"
#include "harness/ipc/futex.h"
#include "harness/run/worker_report.h"

namespace coresweep {
namespace {

constexpr int kLongestSleepMs = 100;
constexpr uint64_t kTurnsBetweenLooks = 4096;

}  // namespace

Dispatcher::Dispatcher(DispatchTask task, std::vector<std::unique_ptr<DispatcherChannel>> channels,
                       WorkerPool& pool, StopSignal* stop)
    : task_(std::move(task)),
      pool_(pool),
      watch_(stop != nullptr ? stop->fd() : -1),
      book_(std::move(task_.answers)),
      dealer_(task_.policy, static_cast<int>(channels.size()), book_.chunks().chunks_per_pass()) {
  for (auto& channel : channels) {
    watch_.Add(peers_.size(), channel->receive_fd(), pool_.control_fd(peers_.size()),
               pool_.pidfd(peers_.size()));
    peers_.emplace_back();
    peers_.back().channel = std::move(channel);
  }
}

void Dispatcher::Run() {
  SleepUntil(task_.schedule.gate_ns);
  meter_.Start();
  const int64_t begin_ns = NowNs();
  for (Peer& peer : peers_)
    peer.last_sign_ns = begin_ns;
  try {
    for (uint64_t turn = 1; !AllDone(); ++turn) {
      Turn();
      if (turn % kTurnsBetweenLooks == 0) Watch(0);  // also when answers never let us sleep
    }
  } catch (...) {
    meter_.Stop();
    throw;
  }
  meter_.Stop();
}

void Dispatcher::Turn() {
  if (Issuing() || !resend_.empty()) {
    Issue();
  } else {
    SendStops();
  }
  if (!ReceiveAll()) Sleep();
}

bool Dispatcher::Issuing() const {
  return NowNs() < task_.schedule.window.end_ns;
}

bool Dispatcher::AllDone() const {
  return std::all_of(peers_.begin(), peers_.end(), [](const Peer& peer) { return peer.done; });
}

void Dispatcher::Issue() {
  // One run to each worker in turn, so that none gets its second before another its first.
  for (size_t idle = 0; idle < peers_.size();) {
    idle = IssueTo(next_peer_) ? 0 : idle + 1;
    next_peer_ = (next_peer_ + 1) % peers_.size();
  }
}

bool Dispatcher::IssueTo(size_t i) {
  if (!peers_[i].ready || peers_[i].done) return false;
  if (!resend_.empty()) return Resend(i);
  if (!Issuing()) return false;
  const auto run = dealer_.Next(static_cast<int>(i));
  if (!run || !SendRun(i, *run)) return false;
  dealer_.Take(static_cast<int>(i));
  return true;
}

bool Dispatcher::Resend(size_t i) {
  if (!SendRun(i, {resend_.front(), 1})) return false;
  resend_.pop_front();
  return true;
}

bool Dispatcher::SendRun(size_t i, ChunkRun run) {
  Peer& peer = peers_[i];
  const uint64_t last = run.first + static_cast<uint64_t>(run.chunks) - 1;
  if (peer.held.size() + static_cast<size_t>(run.chunks) > static_cast<size_t>(task_.shape.credit))
    return false;
  if (!book_.merger().MayIssue(last)) return false;
  const ItemRange begin = book_.chunks().Range(run.first);
  const ItemRange end = book_.chunks().Range(last);
  const int64_t items = end.first + end.count - begin.first;
  const auto payload = task_.index.Chunk(task_.items, {begin.first, items});
  ChunkHeader header;
  header.generation = peer.generation;
  header.chunks = static_cast<uint16_t>(run.chunks);
  header.sequence = run.first;
  header.items = static_cast<uint32_t>(items);
  header.payload_bytes = payload.size();
  header.issued_ns = NowNs();
  if (!peer.channel->TrySend(header, payload)) return false;
  if (peer.held.empty()) peer.last_sign_ns = header.issued_ns;
  for (uint64_t sequence = run.first; sequence <= last; ++sequence)
    peer.held.Add(sequence, header.issued_ns);
  return true;
}

void Dispatcher::SendStops() {
  // While a worker holds chunks it may die and leave them to the others.
  if (task_.respawn && !HoldsNothing()) return;
  for (Peer& peer : peers_) {
    if (peer.stop_sent || peer.done || !peer.ready) continue;
    ChunkHeader header;
    header.generation = peer.generation;
    header.kind = MessageKind::kStop;
    peer.stop_sent = peer.channel->TrySend(header, {});
    if (peer.held.empty()) peer.last_sign_ns = NowNs();
  }
}

bool Dispatcher::HoldsNothing() const {
  return std::all_of(peers_.begin(), peers_.end(),
                     [](const Peer& peer) { return peer.held.empty(); });
}

bool Dispatcher::ReceiveAll() {
  const int64_t before = answers_;
  for (size_t i = 0; i < peers_.size(); ++i)
    ReceiveFrom(i);
  if (answers_ == before) return false;
  idle_since_ns_ = 0;
  return true;
}

void Dispatcher::ReceiveFrom(size_t i) {
  try {
    while (const auto answer = peers_[i].channel->TryReceive())
      OnAnswer(i, *answer);
  } catch (const TrialFailure&) {
    throw;
  } catch (const Error& error) {
    throw TrialFailure(Outcome::kFailed, fmt::format("{}: {}", pool_.Name(i), error.what()));
  }
}

void Dispatcher::OnAnswer(size_t i, const Incoming& answer) {
  Peer& peer = peers_[i];
  ++answers_;
  const uint64_t sequence = answer.header.sequence;
  if (!dealer_.Dealt(sequence))
    throw Error(fmt::format("answered chunk {}, never issued", sequence));
  const ItemRange range = book_.chunks().Range(sequence);
  CheckAnswer(i, answer, range);
  peer.last_sign_ns = NowNs();
  ChunkSample sample;
  sample.sequence = sequence;
  sample.worker = static_cast<int32_t>(i);
  sample.items = static_cast<int32_t>(range.count);
  const auto issued_ns = TakeHeld(peer, sequence);
  sample.issued_ns = issued_ns.value_or(0);
  sample.started_ns = answer.header.started_ns;
  sample.computed_ns = answer.header.computed_ns;
  // What waits for its turn stays with the channel while that has room for the chunks in flight.
  const bool holds = peer.channel->HoldsAnswers();
  AnswerKeeper* keeper = holds && book_.kept() < static_cast<size_t>(task_.shape.held_answers)
                             ? peer.channel.get()
                             : nullptr;
  const bool is_new = issued_ns && book_.Take(sample, answer, keeper);
  if (holds && (keeper == nullptr || !issued_ns)) peer.channel->Release(answer.slot);
  if (is_new) {
    peer.items_in_window += book_.merger().ItemsInWindow(sample);
  } else {
    duplicated_ += range.count;
  }
}

void Dispatcher::CheckAnswer(size_t i, const Incoming& answer, ItemRange range) const {
  const ChunkHeader& header = answer.header;
  const bool times_make_sense =
      header.started_ns <= header.computed_ns && header.computed_ns <= NowNs();
  if (header.kind == MessageKind::kChunk && header.items == range.count &&
      IsPacked(book_.answer_layout(), answer.payload, range.count) && times_make_sense) {
    return;
  }
  throw TrialFailure(Outcome::kFailed, fmt::format("{} sent a malformed answer to chunk {}",
                                                   pool_.Name(i), header.sequence));
}

std::optional<int64_t> Dispatcher::TakeHeld(Peer& peer, uint64_t sequence) {
  const auto issued_ns = peer.held.Take(sequence);
  for (const uint64_t lost : peer.held.TakeOvertaken(task_.shape.credit))
    book_.GiveUp(lost);
  return issued_ns;
}

void Dispatcher::Sleep() {
  if (task_.shape.spin_ns > 0) {
    const int64_t now_ns = NowNs();
    if (idle_since_ns_ == 0) idle_since_ns_ = now_ns;
    if (now_ns - idle_since_ns_ < task_.shape.spin_ns) return Spin();
  }
  for (size_t i = 0; i < peers_.size(); ++i) {
    Peer& peer = peers_[i];
    if (peer.done) continue;
    const auto run = dealer_.Next(static_cast<int>(i));
    const bool blocked = run && !book_.merger().MayIssue(run->first);
    if (!peer.channel->PrepareToSleep(WorthWaking(peer, blocked))) return;
    watch_.WantToSend(i, peer.channel->send_fd(), peer.channel->WantsToSend());
  }
  const int64_t until_end_ms = (task_.schedule.window.end_ns - NowNs()) / kNsPerMs + 1;
  const bool window_open = until_end_ms > 0 && until_end_ms < kLongestSleepMs;
  meter_.CountWakeup();
  Watch(window_open ? static_cast<int>(until_end_ms) : kLongestSleepMs);
}

void Dispatcher::Spin() {
  for (const Peer& peer : peers_) {
    if (!peer.done && peer.channel->WantsToSend()) peer.channel->Flush();
  }
  SpinPause();
}

size_t Dispatcher::WorthWaking(const Peer& peer, bool blocked) const {
  // A worker that has half of its credit left goes on computing while we sleep: one wake-up then
  // brings half of it back. One that another's slow chunk holds up is to be told at once.
  return blocked ? 1 : std::max<size_t>(1, (peer.held.size() + 1) / 2);
}

void Dispatcher::Watch(int timeout_ms) {
  using Source = PeerWatch::Source;
  for (const auto& [source, i] : watch_.Wait(timeout_ms)) {
    if (source == Source::kStop) {
      pool_.CheckStop();
    } else if (peers_[i].done) {
      continue;
    } else if (source == Source::kReceive) {
      peers_[i].channel->Woken();
    } else if (source == Source::kSend) {
      peers_[i].channel->Flush();
    } else if (source == Source::kControl || pool_.HasEnded(i)) {
      OnControl(i);  // an end closes the connection, behind what was reported before
    }
  }
  CheckTimeouts();
}

void Dispatcher::OnControl(size_t i) {
  std::optional<ControlMessage> message;
  try {
    message = pool_.Read(i, Deadline::After(0));
  } catch (const WorkerGone&) {
    return OnDeath(i);
  } catch (const TrialFailure& failure) {
    ReceiveFrom(i);
    throw TrialFailure(failure.outcome(),
                       fmt::format("{} ({})", failure.what(), peers_[i].held.Describe()));
  }
  if (!message) return;
  Peer& peer = peers_[i];
  if (!peer.ready) {  // the first word of a new incarnation
    peer.ready = true;
    peer.last_sign_ns = NowNs();
    return;
  }
  ReceiveFrom(i);  // what it sent before the report is there already
  peer.report = std::move(message->text);
  Finish(i);
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
  ReceiveFrom(i);  // what it sent before it died is there already
  if (!task_.respawn) pool_.FailDead(i, peers_[i].held.Describe());
  Replace(i);
}

void Dispatcher::Replace(size_t i) {
  const std::vector<uint64_t> lost = peers_[i].held.TakeAll();
  if (const auto why_not = losses_.Note({i, pool_.HowItEnded(i), peers_[i].ready, lost}))
    pool_.FailDead(i, *why_not);
  resend_.insert(resend_.end(), lost.begin(), lost.end());
  std::sort(resend_.begin(), resend_.end());
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
    if (peer.done) continue;
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

void Dispatcher::AddTo(TrialMeasurement& measurement) const {
  book_.AddTo(measurement);
  measurement.ordering.duplicated += duplicated_;
  measurement.dispatcher = meter_.Use(book_.check_ns());
  measurement.replacements = losses_.replacements();
  for (const Peer& peer : peers_) {
    if (peer.report.empty()) continue;
    AddReport(nlohmann::json::parse(peer.report), peer.items_in_window, measurement);
  }
}

}  // namespace coresweep
