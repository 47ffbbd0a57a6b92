#include "tests/ipc/faulty_worker.h"

#include <mqueue.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "harness/base/error.h"
#include "harness/ipc/transports.h"
#include "tests/ipc/channel_testing.h"

namespace coresweep {
namespace {

constexpr int kStatusFd = 3;
constexpr int kFirstTransportFd = 4;
constexpr std::string_view kWorkerRole = "--faulty-worker";
constexpr std::string_view kDispatcherRole = "--dispatcher";

/// Of this process. `ChannelShape::at_step` has no argument to carry it.
struct {
  WorkerPlan plan;
  uint64_t answered = 0;
  bool done = false;
  pid_t parent = 0;
} worker_state;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

[[noreturn]] void DieOf(int signal_number) {
  std::signal(signal_number, SIG_DFL);  // also under a sanitizer that handles it
  std::raise(signal_number);
  _exit(99);
}

void OutliveParent() {
  const pid_t self = getpid();
  (void)!write(kStatusFd, &self, sizeof self);
  while (getppid() == worker_state.parent)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void MakeNoise() {
  const std::vector<std::byte> noise = Payload(100, 77);
  const int count = FindTransport(worker_state.plan.transport).worker_fd_count;
  for (int fd = kFirstTransportFd; fd < kFirstTransportFd + count; ++fd) {
    (void)send(fd, noise.data(), noise.size(), MSG_NOSIGNAL);
    (void)!write(fd, noise.data(), noise.size());
    (void)mq_send(fd, reinterpret_cast<const char*>(noise.data()), noise.size(), 0);
  }
}

void Misbehave() {
  switch (worker_state.plan.misdeed) {
    case Misdeed::kKill:
      DieOf(SIGKILL);
    case Misdeed::kSegv:
      DieOf(SIGSEGV);
    case Misdeed::kBus:
      DieOf(SIGBUS);
    case Misdeed::kExit:
      _exit(kExitedEarly);
    case Misdeed::kStop:
      std::raise(SIGSTOP);
      return;
    case Misdeed::kOutlive:
      return OutliveParent();
    case Misdeed::kNoise:
      return MakeNoise();
    default:
      return;
  }
}

void AtEachStep(Step step) {
  if (step == worker_state.plan.step) {
    if (worker_state.plan.misdeed == Misdeed::kSlow) {
      std::this_thread::sleep_for(std::chrono::milliseconds(3));
    }
    if (!worker_state.done && worker_state.answered >= worker_state.plan.chunk) {
      worker_state.done = true;
      Misbehave();
    }
  }
  if (step == Step::kSent) ++worker_state.answered;
}

ChunkHeader Falsify(ChunkHeader header) {
  if (worker_state.answered != worker_state.plan.chunk) return header;
  switch (worker_state.plan.misdeed) {
    case Misdeed::kMagic:
      header.magic = 0x12345678;
      break;
    case Misdeed::kKind:
      header.kind = static_cast<MessageKind>(3);
      break;
    case Misdeed::kGeneration:
      header.generation += 1;
      break;
    case Misdeed::kTooLong:
      header.payload_bytes += 1;
      break;
    default:
      break;
  }
  return header;
}

WorkerExit AnswerAll(WorkerChannel& channel) {
  while (const auto incoming = channel.Receive()) {
    if (incoming->header.kind == MessageKind::kStop) return kToldToStop;
    const ChunkHeader header = Falsify(incoming->header);
    const auto space = channel.AnswerSpace(header.payload_bytes);
    std::copy(incoming->payload.begin(), incoming->payload.end(), space.begin());
    channel.Send(header);
  }
  return kDispatcherGone;
}

WorkerExit WorkUntilTheEnd() {
  const TransportEntry& transport = FindTransport(worker_state.plan.transport);
  std::vector<UniqueFd> fds;
  for (int i = 0; i < transport.worker_fd_count; ++i)
    fds.emplace_back(kFirstTransportFd + i);
  worker_state.plan.shape.at_step = AtEachStep;
  try {
    const auto channel = transport.attach(std::move(fds), worker_state.plan.shape);
    return AnswerAll(*channel);
  } catch (const Error&) {
    return kConnectionBroke;
  }
}

/// Sends chunks for ever; somebody kills it.
[[noreturn]] void DispatchForEver(const WorkerPlan& plan) {
  Connection connection = FindTransport(plan.transport).open(plan.shape);
  const ChildProcess worker = SpawnFaultyWorker(plan, connection.worker_fds, kStatusFd);
  connection.worker_fds.clear();
  close(kStatusFd);  // the worker alone has it now
  const auto payload = Payload(plan.shape.request_bytes, 0);
  DispatcherChannel& channel = *connection.dispatcher;
  for (uint64_t sent = 0, received = 0;;) {
    if (sent - received < static_cast<uint64_t>(plan.shape.credit) &&
        channel.TrySend(Header(sent, payload.size()), payload)) {
      ++sent;
    } else if (const auto answer = channel.TryReceive()) {
      if (channel.HoldsAnswers()) channel.Release(answer->slot);
      ++received;
    } else {
      SleepOn(channel);
    }
  }
}

std::vector<std::string> ToArguments(std::string_view role, const WorkerPlan& plan) {
  return {"faulty",
          std::string(role),
          plan.transport,
          std::to_string(plan.shape.request_bytes),
          std::to_string(plan.shape.answer_bytes),
          std::to_string(plan.shape.credit),
          std::to_string(static_cast<int>(plan.misdeed)),
          std::to_string(static_cast<int>(plan.step)),
          std::to_string(plan.chunk)};
}

WorkerPlan FromArguments(const std::vector<std::string>& arguments) {
  WorkerPlan plan;
  plan.transport = arguments.at(2);
  plan.shape.request_bytes = std::stoul(arguments.at(3));
  plan.shape.answer_bytes = std::stoul(arguments.at(4));
  plan.shape.credit = std::stoi(arguments.at(5));
  plan.misdeed = static_cast<Misdeed>(std::stoi(arguments.at(6)));
  plan.step = static_cast<Step>(std::stoi(arguments.at(7)));
  plan.chunk = std::stoul(arguments.at(8));
  return plan;
}

ChildProcess StartAgain(std::vector<std::string> arguments, std::vector<InheritedFd> fds) {
  SpawnOptions options;
  options.program = "/proc/self/exe";
  options.arguments = std::move(arguments);
  for (char** variable = environ; *variable != nullptr; ++variable)
    options.environment.emplace_back(*variable);
  options.fds = std::move(fds);
  return ChildProcess::Spawn(options);
}

}  // namespace

ChildProcess SpawnFaultyWorker(const WorkerPlan& plan, const std::vector<UniqueFd>& fds,
                               int status_fd) {
  std::vector<InheritedFd> inherited;
  if (status_fd >= 0) inherited.push_back({status_fd, kStatusFd});
  for (size_t i = 0; i < fds.size(); ++i)
    inherited.push_back({fds[i].get(), kFirstTransportFd + static_cast<int>(i)});
  return StartAgain(ToArguments(kWorkerRole, plan), std::move(inherited));
}

ChildProcess SpawnDispatcher(const WorkerPlan& plan, int status_fd) {
  return StartAgain(ToArguments(kDispatcherRole, plan), {{status_fd, kStatusFd}});
}

std::optional<int> FaultyMain(const std::vector<std::string>& arguments) {
  if (arguments.size() < 2) return std::nullopt;
  if (arguments[1] != kWorkerRole && arguments[1] != kDispatcherRole) return std::nullopt;
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  if (arguments[1] == kDispatcherRole) {
    std::signal(SIGPIPE, SIG_IGN);
    DispatchForEver(FromArguments(arguments));
  }
  worker_state.plan = FromArguments(arguments);
  worker_state.parent = getppid();
  return WorkUntilTheEnd();
}

}  // namespace coresweep
