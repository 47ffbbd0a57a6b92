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
  if (task_.arrivals)
    queue_.emplace(*task_.arrivals, task_.schedule.gate_ns, task_.schedule.window);
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
  if (queue_) queue_->Advance(NowNs());
  if (Issuing() || !resend_.empty()) {
    Issue();
  } else {
    SendStops();
  }
  const bool received = ReceiveAll();
  const bool parted = parting_ > 0 && SeeOff();
  if (!received && !parted) Sleep();
}

bool Dispatcher::Issuing() const {
  const Window& window = book_.window();
  const int64_t now_ns = NowNs();
  if (now_ns < window.end_ns) return true;
  // Requests that came due in the window belong to it, however late; but a cell that cannot keep up
  // is not waited for without an end.
  return queue_ && queue_->Waiting() && now_ns < window.end_ns + window.LengthNs();
}

bool Dispatcher::AllDone() const {
  return std::all_of(peers_.begin(), peers_.end(), [](const Peer& peer) { return peer.done; });
}

void Dispatcher::Issue() {
  if (queue_) return IssueDue();
  // One run to each worker in turn, so that none gets its second before another its first.
  for (size_t idle = 0; idle < peers_.size();) {
    idle = IssueTo(next_peer_) ? 0 : idle + 1;
    next_peer_ = (next_peer_ + 1) % peers_.size();
  }
}

bool Dispatcher::IssueTo(size_t i) {
  if (!peers_[i].ready || peers_[i].done || peers_[i].parting) return false;
  if (!resend_.empty()) return Resend(i);
  if (!Issuing()) return false;
  const auto run = dealer_.Next(static_cast<int>(i));
  if (!run) return false;
  const auto issued_ns = SendRun(i, *run, queue_ ? queue_->FrontDueNs() : 0);
  if (!issued_ns) return false;
  dealer_.Take(static_cast<int>(i));
  if (queue_) queue_->Issue(*issued_ns);
  return true;
}

bool Dispatcher::Resend(size_t i) {
  if (!SendRun(i, {resend_.front().sequence, 1}, resend_.front().due_ns)) return false;
  resend_.pop_front();
  return true;
}

std::optional<int64_t> Dispatcher::SendRun(size_t i, ChunkRun run, int64_t due_ns) {
  Peer& peer = peers_[i];
  const uint64_t last = run.first + static_cast<uint64_t>(run.chunks) - 1;
  if (peer.held.size() + static_cast<size_t>(run.chunks) > static_cast<size_t>(task_.shape.credit))
    return std::nullopt;
  if (!book_.merger().MayIssue(last)) return std::nullopt;
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
  if (!peer.channel->TrySend(header, payload)) return std::nullopt;
  if (peer.held.empty()) peer.last_sign_ns = header.issued_ns;
  for (uint64_t sequence = run.first; sequence <= last; ++sequence)
    peer.held.Add(sequence, header.issued_ns, due_ns);
  return header.issued_ns;
}

void Dispatcher::SendStops() {
  // While a worker holds chunks it may die and leave them to the others.
  if (task_.respawn && !HoldsNothing()) return;
  for (Peer& peer : peers_) {
    if (peer.stop_sent || peer.done || peer.parting || !peer.ready) continue;
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
  for (size_t i = 0; i < peers_.size(); ++i) {
    if (WorthLooking(peers_[i])) ReceiveFrom(i);
  }
  if (answers_ == before) return false;
  idle_since_ns_ = 0;
  return true;
}

bool Dispatcher::WorthLooking(const Peer& peer) const {
  return peer.told || task_.shape.spin_ns > 0 || !peer.channel->LookIsSystemCall();
}

void Dispatcher::ReceiveFrom(size_t i) {
  try {
    while (const auto answer = peers_[i].channel->TryReceive())
      OnAnswer(i, *answer);
    peers_[i].told = false;
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
  const auto held = TakeHeld(peer, sequence);
  sample.issued_ns = held ? held->issued_ns : 0;
  sample.due_ns = held ? held->due_ns : 0;
  sample.started_ns = answer.header.started_ns;
  sample.computed_ns = answer.header.computed_ns;
  // What waits for its turn stays with the channel while that has room for the chunks in flight.
  const bool holds = peer.channel->HoldsAnswers();
  AnswerKeeper* keeper = holds && book_.kept() < static_cast<size_t>(task_.shape.held_answers)
                             ? peer.channel.get()
                             : nullptr;
  const bool is_new = held && book_.Take(sample, answer, keeper);
  if (holds && (keeper == nullptr || !held)) peer.channel->Release(answer.slot);
  if (is_new) {
    peer.items_in_window += book_.merger().ItemsInWindow(sample);
    if (queue_) queue_->Computed(sample.computed_ns);
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

std::optional<HeldChunk> Dispatcher::TakeHeld(Peer& peer, uint64_t sequence) {
  const auto taken = peer.held.Take(sequence);
  for (const uint64_t lost : peer.held.TakeOvertaken(task_.shape.credit))
    book_.GiveUp(lost);
  return taken;
}

void Dispatcher::Sleep() {
  if (task_.shape.spin_ns > 0) {
    const int64_t now_ns = NowNs();
    if (idle_since_ns_ == 0) idle_since_ns_ = now_ns;
    if (now_ns - idle_since_ns_ < task_.shape.spin_ns || IsDueSoon(now_ns)) return Spin();
  }
  for (size_t i = 0; i < peers_.size(); ++i) {
    Peer& peer = peers_[i];
    if (peer.done) continue;
    const auto run = dealer_.Next(static_cast<int>(i));
    const bool blocked = run && !book_.merger().MayIssue(run->first);
    if (!peer.channel->PrepareToSleep(WorthWaking(peer, blocked))) return;
    watch_.WantToSend(i, peer.channel->send_fd(), peer.channel->WantsToSend());
  }
  const int64_t until_end_ms = (book_.window().end_ns - NowNs()) / kNsPerMs + 1;
  const bool window_open = until_end_ms > 0 && until_end_ms < kLongestSleepMs;
  if (queue_) WakeForNextRequest();
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
  // brings half of it back. One that another's slow chunk holds up is to be told at once, and so is
  // one whose answer somebody waits for: open load, unless requests wait for credit.
  if (queue_ && !queue_->Waiting()) return 1;
  return blocked ? 1 : std::max<size_t>(1, (peer.held.size() + 1) / 2);
}

void Dispatcher::Watch(int timeout_ms) {
  using Source = PeerWatch::Source;
  for (const auto& [source, i] : watch_.Wait(timeout_ms)) {
    if (source == Source::kStop) {
      pool_.CheckStop();
    } else if (source == Source::kTime || peers_[i].done) {
      continue;
    } else if (source == Source::kReceive) {
      peers_[i].channel->Woken();
      peers_[i].told = true;
    } else if (source == Source::kSend) {
      peers_[i].channel->Flush();
    } else if (!peers_[i].parting && (source == Source::kControl || pool_.HasEnded(i))) {
      OnControl(i);  // an end closes the connection, behind what was reported before
    }
  }
  CheckTimeouts();
}

void Dispatcher::AddTo(TrialMeasurement& measurement) const {
  book_.AddTo(measurement);
  measurement.ordering.duplicated += duplicated_;
  if (queue_) measurement.open_load = queue_->Use();
  measurement.dispatcher = meter_.Use(book_.check_ns());
  measurement.replacements = losses_.replacements();
  for (const Peer& peer : peers_) {
    if (peer.report.empty()) continue;
    AddReport(nlohmann::json::parse(peer.report), peer.items_in_window, measurement);
  }
}

}  // namespace coresweep
