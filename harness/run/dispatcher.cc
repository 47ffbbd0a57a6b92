#include "harness/run/dispatcher.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "harness/base/clock.h"
#include "harness/ipc/futex.h"
#include "harness/run/worker_report.h"

namespace coresweep {
namespace {

constexpr int kLongestSleepMs = 100;
constexpr uint64_t kTurnsBetweenLooks = 4096;
constexpr size_t kMostMergeBytes = size_t{256} << 20;

/// Enough that one slow chunk does not stop the others at once, within a bound of memory.
size_t ReorderCapacity(size_t peers, int credit, size_t slot_bytes) {
  const size_t in_flight = peers * static_cast<size_t>(credit);
  const size_t wanted = std::max<size_t>(64, 8 * in_flight);
  const size_t affordable = kMostMergeBytes / std::max<size_t>(1, slot_bytes);
  return std::max(in_flight, std::min(wanted, affordable));
}

}  // namespace

std::vector<std::byte> MergeSlots(size_t workers, const ChannelShape& shape) {
  const size_t capacity = ReorderCapacity(workers, shape.credit, shape.answer_bytes);
  return std::vector<std::byte>(capacity * shape.answer_bytes);
}

Dispatcher::Dispatcher(DispatchTask task, std::vector<std::unique_ptr<DispatcherChannel>> channels,
                       WorkerPool& pool, StopSignal* stop)
    : task_(std::move(task)),
      pool_(pool),
      stop_(stop),
      merger_(ReorderCapacity(channels.size(), task_.shape.credit, task_.shape.answer_bytes),
              task_.schedule.window),
      checker_(task_.reference),
      slots_(std::move(task_.slots)),
      slot_bytes_(task_.shape.answer_bytes) {
  if (slots_.empty()) slots_ = MergeSlots(channels.size(), task_.shape);
  for (auto& channel : channels) {
    peers_.emplace_back();
    peers_.back().channel = std::move(channel);
  }
}

void Dispatcher::Run() {
  SleepUntil(task_.schedule.gate_ns);
  const int64_t cpu_before_ns = ThreadCpuNs();
  const int64_t begin_ns = NowNs();
  for (Peer& peer : peers_)
    peer.last_sign_ns = begin_ns;
  try {
    for (uint64_t turn = 1; !AllDone(); ++turn) {
      if (Issuing()) {
        Issue();
      } else {
        SendStops();
      }
      if (!ReceiveAll()) Sleep();
      if (turn % kTurnsBetweenLooks == 0) Watch(0);  // also when answers never let us sleep
    }
  } catch (...) {
    use_.cpu_ns = ThreadCpuNs() - cpu_before_ns;
    use_.wall_ns = NowNs() - begin_ns;
    throw;
  }
  use_.cpu_ns = ThreadCpuNs() - cpu_before_ns;
  use_.wall_ns = NowNs() - begin_ns;
}

bool Dispatcher::Issuing() const {
  return NowNs() < task_.schedule.window.end_ns;
}

bool Dispatcher::AllDone() const {
  return std::all_of(peers_.begin(), peers_.end(), [](const Peer& peer) { return peer.done; });
}

void Dispatcher::Issue() {
  // One chunk to each worker in turn, so that none gets its second before another its first.
  for (size_t idle = 0; idle < peers_.size();) {
    idle = IssueTo(next_peer_) ? 0 : idle + 1;
    next_peer_ = (next_peer_ + 1) % peers_.size();
  }
}

bool Dispatcher::IssueTo(size_t i) {
  Peer& peer = peers_[i];
  if (peer.held.size() >= static_cast<size_t>(task_.shape.credit)) return false;
  if (!merger_.MayIssue(next_)) return false;
  const ItemRange range = task_.chunks.Range(next_);
  ChunkHeader header;
  header.generation = task_.shape.generation;
  header.sequence = next_;
  header.items = static_cast<uint32_t>(range.count);
  header.payload_bytes = static_cast<size_t>(range.count) * task_.item_bytes;
  header.issued_ns = NowNs();
  const auto payload = task_.items.subspan(static_cast<size_t>(range.first) * task_.item_bytes,
                                           header.payload_bytes);
  if (!peer.channel->TrySend(header, payload)) return false;
  if (peer.held.empty()) peer.last_sign_ns = header.issued_ns;
  peer.held.push_back({next_++, header.issued_ns});
  return true;
}

void Dispatcher::SendStops() {
  for (Peer& peer : peers_) {
    if (peer.stop_sent) continue;
    ChunkHeader header;
    header.generation = task_.shape.generation;
    header.kind = MessageKind::kStop;
    peer.stop_sent = peer.channel->TrySend(header, {});
    if (peer.held.empty()) peer.last_sign_ns = NowNs();
  }
}

bool Dispatcher::ReceiveAll() {
  const int64_t before = merger_.chunks() + duplicated_;
  for (size_t i = 0; i < peers_.size(); ++i)
    ReceiveFrom(i);
  const bool any = merger_.chunks() + duplicated_ != before;
  if (any) idle_since_ns_ = 0;
  return any;
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
  const uint64_t sequence = answer.header.sequence;
  if (sequence >= next_) throw Error(fmt::format("answered chunk {}, never issued", sequence));
  const ItemRange range = task_.chunks.Range(sequence);
  CheckAnswer(i, answer, range);
  const int64_t now_ns = NowNs();
  peer.last_sign_ns = now_ns;
  ChunkSample sample;
  sample.sequence = sequence;
  sample.worker = static_cast<int32_t>(i);
  sample.items = static_cast<int32_t>(range.count);
  sample.issued_ns = TakeHeld(i, sequence);
  sample.started_ns = answer.header.started_ns;
  sample.computed_ns = answer.header.computed_ns;
  if (sample.issued_ns == 0 ||
      merger_.Complete(sample, now_ns) != ReorderBuffer::Arrival::kAccepted) {
    duplicated_ += range.count;
    return;
  }
  peer.items_in_window += merger_.ItemsInWindow(sample);
  const int64_t check_begin_ns = NowNs();
  checker_.Check(range, answer.payload, answer.header.digest);
  use_.check_ns += NowNs() - check_begin_ns;
  Merge(sequence, answer.payload);
}

void Dispatcher::CheckAnswer(size_t i, const Incoming& answer, ItemRange range) const {
  const ChunkHeader& header = answer.header;
  const size_t due = static_cast<size_t>(range.count) * task_.answer_bytes;
  const bool times_make_sense =
      header.started_ns <= header.computed_ns && header.computed_ns <= NowNs();
  if (header.kind == MessageKind::kChunk && header.items == range.count &&
      answer.payload.size() == due && times_make_sense) {
    return;
  }
  throw TrialFailure(Outcome::kFailed, fmt::format("{} sent a malformed answer to chunk {}",
                                                   pool_.Name(i), header.sequence));
}

int64_t Dispatcher::TakeHeld(size_t i, uint64_t sequence) {
  auto& held = peers_[i].held;
  const auto found = std::find_if(held.begin(), held.end(),
                                  [&](const Outstanding& o) { return o.sequence == sequence; });
  if (found == held.end()) return 0;
  const int64_t issued_ns = found->issued_ns;
  for (auto it = held.begin(); it != found; ++it)
    ++it->overtaken;
  held.erase(found);
  // A connection keeps its order and carries at most `credit` chunks: one that so many later ones
  // have overtaken was lost, and those behind it need not wait for it.
  while (!held.empty() && held.front().overtaken >= task_.shape.credit) {
    merger_.GiveUp(held.front().sequence, task_.chunks.Range(held.front().sequence).count);
    held.pop_front();
  }
  return issued_ns;
}

void Dispatcher::Merge(uint64_t sequence, std::span<const std::byte> answers) {
  // The answer's slot in the merged stream; the transport's buffer is needed for the next one.
  if (!answers.empty()) {
    std::memcpy(slots_.data() + merger_.SlotOf(sequence) * slot_bytes_, answers.data(),
                answers.size());
  }
  merger_.MergeReady(NowNs(), [&](uint64_t merged) {
    const bool first_pass = merged < static_cast<uint64_t>(task_.chunks.chunks_per_pass());
    if (task_.outputs == nullptr || !first_pass || slot_bytes_ == 0) return;
    const ItemRange items = task_.chunks.Range(merged);
    std::memcpy(task_.outputs->data() + static_cast<size_t>(items.first) * task_.answer_bytes,
                slots_.data() + merger_.SlotOf(merged) * slot_bytes_,
                static_cast<size_t>(items.count) * task_.answer_bytes);
  });
}

void Dispatcher::Sleep() {
  if (task_.shape.spin_ns > 0) {
    const int64_t now_ns = NowNs();
    if (idle_since_ns_ == 0) idle_since_ns_ = now_ns;
    if (now_ns - idle_since_ns_ < task_.shape.spin_ns) return SpinPause();
  }
  for (Peer& peer : peers_) {
    if (!peer.channel->PrepareToSleep(1)) return;
  }
  const int64_t until_end_ms = (task_.schedule.window.end_ns - NowNs()) / kNsPerMs + 1;
  const bool window_open = until_end_ms > 0 && until_end_ms < kLongestSleepMs;
  ++use_.wakeups;
  Watch(window_open ? static_cast<int>(until_end_ms) : kLongestSleepMs);
}

void Dispatcher::Watch(int timeout_ms) {
  std::vector<pollfd> watched{{stop_ ? stop_->fd() : -1, POLLIN, 0}};
  for (size_t i = 0; i < peers_.size(); ++i) {
    const Peer& peer = peers_[i];
    watched.push_back({peer.done ? -1 : peer.channel->receive_fd(), POLLIN, 0});
    watched.push_back({peer.channel->WantsToSend() ? peer.channel->send_fd() : -1, POLLOUT, 0});
    watched.push_back({peer.done ? -1 : pool_.control_fd(i), POLLIN, 0});
    watched.push_back({peer.done ? -1 : pool_.pidfd(i), POLLIN, 0});
  }
  if (::poll(watched.data(), watched.size(), timeout_ms) < 0 && errno != EINTR) ThrowErrno("poll");
  pool_.CheckStop();
  for (size_t i = 0; i < peers_.size(); ++i) {
    const pollfd* of_peer = &watched[1 + 4 * i];
    if (of_peer[0].revents != 0) peers_[i].channel->Woken();
    if (of_peer[1].revents != 0) peers_[i].channel->Flush();
    if (of_peer[2].revents != 0) {
      OnReport(i);
    } else if (of_peer[3].revents != 0) {
      ReceiveFrom(i);
      pool_.FailDead(i, Holding(i));
    }
  }
  CheckTimeouts();
}

void Dispatcher::OnReport(size_t i) {
  std::optional<ControlMessage> message;
  try {
    message = pool_.Read(i, Deadline::After(0));
  } catch (const TrialFailure& failure) {
    ReceiveFrom(i);
    throw TrialFailure(failure.outcome(), fmt::format("{} ({})", failure.what(), Holding(i)));
  }
  if (!message) return;
  ReceiveFrom(i);  // what it sent before the report is there already
  GiveUpHeld(i);
  peers_[i].report = message->text;
  peers_[i].done = true;
}

void Dispatcher::GiveUpHeld(size_t i) {
  for (const Outstanding& lost : peers_[i].held) {
    merger_.GiveUp(lost.sequence, task_.chunks.Range(lost.sequence).count);
  }
  peers_[i].held.clear();
  merger_.MergeReady(NowNs(), [](uint64_t) {});
}

void Dispatcher::CheckTimeouts() {
  const int64_t now_ns = NowNs();
  for (size_t i = 0; i < peers_.size(); ++i) {
    const Peer& peer = peers_[i];
    const bool owes = !peer.held.empty() || (peer.stop_sent && !peer.done);
    if (!owes || now_ns - peer.last_sign_ns < task_.chunk_timeout_ns) continue;
    throw TrialFailure(
        Outcome::kTimedOut,
        fmt::format("{} gave no sign of life for {:.1f} s {}; raise --chunk-timeout-s if a chunk "
                    "may take longer",
                    pool_.Name(i), NsToSeconds(task_.chunk_timeout_ns), Holding(i)));
  }
}

std::string Dispatcher::Holding(size_t i) const {
  const auto& held = peers_[i].held;
  if (held.empty()) return "while it held no chunk";
  std::string text = held.size() == 1 ? "while it held chunk " : "while it held chunks ";
  for (size_t k = 0; k < held.size(); ++k) {
    text += fmt::format("{}{}", k == 0 ? "" : ", ", held[k].sequence);
  }
  return text;
}

void Dispatcher::AddTo(TrialMeasurement& measurement) const {
  measurement.items_in_window = merger_.items_in_window();
  measurement.chunks = merger_.chunks();
  measurement.drained_ns = merger_.last_ns();
  measurement.samples = merger_.log().samples();
  measurement.samples_total = merger_.log().added();
  measurement.sample_stride = merger_.log().stride();
  merger_.AddTo(measurement.ordering);
  checker_.AddTo(measurement.ordering);
  measurement.ordering.duplicated += duplicated_;
  measurement.output = checker_.output();
  measurement.dispatcher = use_;
  measurement.dispatcher->cpus_effective = GetAffinity().ToList();
  for (const Peer& peer : peers_) {
    if (!peer.done) continue;
    const auto json = nlohmann::json::parse(peer.report);
    if (json.contains("system")) measurement.system = SystemUseFromJson(json.at("system"));
    for (const auto& worker : json.at("workers")) {
      measurement.workers.push_back(WorkerMeasurementFromJson(worker));
      measurement.workers.back().items_in_window = peer.items_in_window;
    }
  }
}

}  // namespace coresweep
