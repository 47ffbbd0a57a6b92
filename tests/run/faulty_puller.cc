#include "tests/run/faulty_puller.h"

#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>

#include "harness/base/child_process.h"
#include "harness/base/error.h"
#include "harness/core/answer_checker.h"
#include "harness/core/measurement_json.h"
#include "harness/ipc/control.h"
#include "harness/ipc/pull_board.h"
#include "harness/ipc/start_gate.h"
#include "harness/run/worker_setup.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

// Where the words of a board lie; a hostile worker knows as much.
constexpr size_t kNextAt = 0;
constexpr size_t kArmedAt = 128;
constexpr size_t kWakeAtAt = 136;
constexpr size_t kWaitingAt = 256;
constexpr size_t kOwedAt = 384;
constexpr size_t kSlotsAt = 512;
constexpr size_t kSlotBytes = 128;

/// Of this process. `BoardShape::at_step` has no argument to carry it.
struct {
  PullPlan plan;
  WorkerSetup setup;
  PullStage* stage = nullptr;
  std::byte* memory = nullptr;
  uint64_t chunk = 0;  ///< the claimed one
  int answered = 0;
} me;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

void Store(size_t at, uint64_t value) {
  std::memcpy(me.memory + at, &value, sizeof value);
}
size_t WordOf(uint64_t chunk) {
  return kSlotsAt + chunk % me.setup.board.capacity * kSlotBytes;
}

/// True for the first worker 0 that gets here with one good answer behind it.
bool IsToStrike() {
  if (me.setup.index != 0 || me.answered == 0 || me.plan.misdeed == PullMisdeed::kNone)
    return false;
  if (me.stage->struck.exchange(1) != 0) return false;
  // Until it strikes it works alone, and so takes one chunk after the other.
  me.stage->chunk = static_cast<uint64_t>(me.answered);
  return true;
}

void EndAs(PullMisdeed misdeed) {
  for (const auto& [name, number] : {std::pair{PullMisdeed::kKill, SIGKILL},
                                     {PullMisdeed::kSegv, SIGSEGV},
                                     {PullMisdeed::kBus, SIGBUS},
                                     {PullMisdeed::kStop, SIGSTOP}}) {
    if (misdeed != name) continue;
    if (number != SIGKILL && number != SIGSTOP) std::signal(number, SIG_DFL);
    std::raise(number);
  }
  if (misdeed == PullMisdeed::kExit) _exit(7);
}

void Damage(PullMisdeed misdeed) {
  switch (misdeed) {
    case PullMisdeed::kNextHigh:
      return Store(kNextAt, uint64_t{1} << 40);
    case PullMisdeed::kNextLow:
      return Store(kNextAt, 0);
    case PullMisdeed::kOwed:
      return Store(kOwedAt, uint64_t{1} << 40);
    case PullMisdeed::kSleepers:
      Store(kArmedAt, 0xa5a5a5a5);
      Store(kWakeAtAt, ~uint64_t{0});
      return Store(kWaitingAt, 0xa5a5a5a5);
    case PullMisdeed::kWords:
      for (uint64_t i = 0; i < me.setup.board.capacity; ++i)
        Store(WordOf(i), 0xa5a5a5a5a5a5a5a5);
      return;
    case PullMisdeed::kFreed:
      return Store(WordOf(me.chunk), me.chunk << 16);
    case PullMisdeed::kForged:
      return Store(WordOf(me.chunk + 1), (me.chunk + 1) << 16 | 0xffff);
    default:
      return;
  }
}

void AtEachStep(Step step) {
  if (step != me.plan.step || me.plan.misdeed > PullMisdeed::kStop) return;
  if (IsToStrike()) EndAs(me.plan.misdeed);
}

void Falsify(ChunkHeader& header, uint32_t& worker, std::span<std::byte> answer) {
  switch (me.plan.misdeed) {
    case PullMisdeed::kTooLong:
      header.payload_bytes = kAnswerBytes + 1;
      return;
    case PullMisdeed::kShort:
      header.payload_bytes = kAnswerBytes - 1;
      return;
    case PullMisdeed::kGeneration:
      header.generation += 1;
      return;
    case PullMisdeed::kWorker:
      worker = 99;
      return;
    case PullMisdeed::kItems:
      header.items = 2;
      return;
    case PullMisdeed::kTimes:
      header.computed_ns = header.started_ns - 1;
      return;
    case PullMisdeed::kBytes:
      answer[5] ^= std::byte{1};
      return;
    default:
      return Damage(me.plan.misdeed);
  }
}

/// A header whose number is not its slot's cannot be published by the board's own functions.
void PublishElsewhere(const ChunkHeader& header) {
  ChunkHeader other = header;
  other.sequence += 1;
  std::memcpy(me.memory + WordOf(me.chunk) + 8, &me.setup.index, sizeof(uint32_t));
  std::memcpy(me.memory + WordOf(me.chunk) + 16, &other, sizeof other);
  Store(WordOf(me.chunk), me.chunk << 16 | 0xffff);
}

/// False when the chunk is to be forgotten.
bool AnswerChunk(PullBoard& board, uint64_t chunk, int wake_fd) {
  me.chunk = chunk;
  auto worker = static_cast<uint32_t>(me.setup.index);
  ChunkHeader header;
  header.generation = me.setup.shape.generation;
  header.sequence = chunk;
  header.items = 1;
  header.payload_bytes = kAnswerBytes;
  header.issued_ns = header.started_ns = NowNs();
  const auto answer = board.AnswerSpace(chunk).first(kAnswerBytes);
  std::memset(answer.data(), static_cast<int>(chunk % kPullItems), answer.size());
  header.computed_ns = NowNs();
  header.digest = DigestOfChunk(answer, me.setup.info.answer);
  if (me.plan.misdeed > PullMisdeed::kStop && IsToStrike()) {
    if (me.plan.misdeed == PullMisdeed::kForget) return false;
    if (me.plan.misdeed == PullMisdeed::kSequence) return PublishElsewhere(header), true;
    Falsify(header, worker, answer);
    if (worker == 99) {  // the claim is ours, the name is not
      std::memcpy(me.memory + WordOf(chunk) + 8, &worker, sizeof worker);
      std::memcpy(me.memory + WordOf(chunk) + 16, &header, sizeof header);
      Store(WordOf(chunk), chunk << 16 | 0xffff);
      return true;
    }
  }
  if (!board.Publish(worker, header)) throw Error("its claim has gone");
  if (board.MustWake(chunk)) eventfd_write(wake_fd, 1);
  if (me.plan.step == Step::kSent) AtEachStep(Step::kSent);
  ++me.answered;
  return true;
}

void Work(PullBoard& board, Window window, int wake_fd) {
  const auto pause = std::chrono::microseconds(200);
  while (true) {
    // Number 1 leaves enough for 0 to get to its misdeed.
    if (me.setup.index != 0 && me.plan.misdeed != PullMisdeed::kNone && me.stage->struck == 0) {
      std::this_thread::sleep_for(pause);
      continue;
    }
    if (me.plan.step == Step::kReceiving) board.AwaitRoom(0);
    const uint64_t bound = NowNs() < window.end_ns ? kPullChunks : 0;
    if (const auto chunk = board.TryClaim(static_cast<uint32_t>(me.setup.index), bound)) {
      if (!AnswerChunk(board, *chunk, wake_fd)) return;
    } else if (bound == 0 || board.next() >= kPullChunks) {
      return;
    } else {
      std::this_thread::sleep_for(pause);
    }
  }
}

PullPlan FromText(const std::string& text) {
  const size_t colon = text.find(':');
  return {static_cast<PullMisdeed>(std::stoi(text)),
          static_cast<Step>(std::stoi(text.substr(colon + 1)))};
}

void Serve(const ControlEnd& control) {
  const auto message = control.Receive(Deadline::After(30 * kNsPerS));
  if (!message) throw Error("no instructions");
  me.setup = WorkerSetupFromJson(Json::parse(message->text));
  me.plan = FromText(me.setup.fault);
  DieWithParent(me.setup.parent_pid);
  const SharedRegion stage =
      SharedRegion::Attach(UniqueFd(kItemsFd), sizeof(PullStage), SharedRegion::Access::kReadWrite);
  me.stage = reinterpret_cast<PullStage*>(stage.data());
  BoardShape shape = me.setup.board;
  const SharedRegion memory = SharedRegion::Attach(
      UniqueFd(dup(kFirstTransportFd)), PullBoard::Bytes(shape), SharedRegion::Access::kReadWrite);
  me.memory = memory.data();
  shape.at_step = AtEachStep;
  PullBoard board = PullBoard::Attach(UniqueFd(kFirstTransportFd), shape);
  StartGate gate = StartGate::Attach(UniqueFd(kGateFd));
  control.Send(Json{{"kind", "ready"}}.dump());
  const Schedule schedule = gate.Await(Deadline::After(30 * kNsPerS));
  Work(board, schedule.window, kFirstTransportFd + 1);
  control.Send(
      Json{{"kind", "done"}, {"workers", Json::array({ToJson(WorkerMeasurement{})})}}.dump());
}

}  // namespace

std::string ToText(const PullPlan& plan) {
  return std::to_string(static_cast<int>(plan.misdeed)) + ":" +
         std::to_string(static_cast<int>(plan.step));
}

int FaultyPullerMain() {
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  const ControlEnd control{UniqueFd(kControlFd)};
  try {
    Serve(control);
    return 0;
  } catch (const std::exception& error) {
    control.Send(Json{{"kind", "error"}, {"usage", false}, {"message", error.what()}}.dump());
  }
  return 1;
}

}  // namespace coresweep
