#include "harness/run/echo_process.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/base/clock.h"
#include "harness/base/error.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

constexpr int64_t kReadyPatienceNs = 30 * kNsPerS;
constexpr int kEchoGraceMs = 2000;

ChildProcess Spawn(const ProcessContext& context, int control_fd,
                   const std::vector<UniqueFd>& transport_fds) {
  SpawnOptions options;
  options.program = context.program;
  options.arguments = {"coresweep", "echo"};
  options.environment = context.environment;
  options.fds.push_back({control_fd, kControlFd});
  for (size_t i = 0; i < transport_fds.size(); ++i) {
    options.fds.push_back({transport_fds[i].get(), kFirstTransportFd + static_cast<int>(i)});
  }
  return ChildProcess::Spawn(options);
}

}  // namespace

EchoProcess::EchoProcess(const ProcessContext& context, EchoSetup setup, std::vector<UniqueFd> fds)
    : context_(context), control_(UniqueFd{}) {
  {
    auto [ours, theirs] = ControlEnd::MakePair();
    setup.parent_pid = getpid();
    ours.Send(ToJson(setup).dump());  // kept by the socket until the child reads it
    control_ = std::move(ours);
    child_ = Spawn(context, theirs.fd(), fds);
    // No copy of the worker's descriptors stays here: its end must show as that of a connection.
    fds.clear();
  }
  ends_ = {context.stop != nullptr ? context.stop->fd() : -1, control_.fd(), child_.pidfd()};
  AwaitReady();
}

void EchoProcess::AwaitReady() {
  std::array<pollfd, 2> watched{{{ends_[0], POLLIN, 0}, {control_.fd(), POLLIN, 0}}};
  const Deadline deadline = Deadline::After(kReadyPatienceNs);
  while (::poll(watched.data(), watched.size(), deadline.RemainingMs()) < 0) {
    if (errno != EINTR) ThrowErrno("poll");
  }
  if (watched[0].revents != 0) Fail();
  if (watched[1].revents == 0) {
    throw TrialFailure(Outcome::kTimedOut, "the echo worker was not ready in time");
  }
  std::optional<ControlMessage> message;
  try {
    message = control_.Receive(deadline);
  } catch (const Error&) {
    Fail();
  }
  if (!message) Fail();
  const Json json = Json::parse(message->text);
  if (json.at("kind") == "ready") return;
  throw TrialFailure(Outcome::kFailed,
                     fmt::format("the echo worker: {}", json.at("message").get<std::string>()));
}

std::optional<ChildExit> EchoProcess::WaitForEnd() {
  const std::scoped_lock lock(child_mutex_);
  return child_.WaitFor(kEchoGraceMs);
}

bool EchoProcess::AwaitEnd() {
  return WaitForEnd().has_value();
}

void EchoProcess::Kill() {
  const std::scoped_lock lock(child_mutex_);
  child_.Kill();
}

void EchoProcess::Fail() {
  if (context_.stop != nullptr && context_.stop->Poll() != 0) {
    throw TrialFailure(Outcome::kInterrupted, "interrupted by a signal");
  }
  try {
    if (const auto message = control_.Receive(Deadline::After(0))) {
      const Json json = Json::parse(message->text);
      throw TrialFailure(Outcome::kFailed,
                         fmt::format("the echo worker: {}", json.value("message", "")));
    }
  } catch (const TrialFailure&) {
    throw;
  } catch (const Error&) {
    // It left no message: how it ended must do.
  }
  const auto exit = WaitForEnd();
  throw TrialFailure(Outcome::kFailed, fmt::format("the echo worker {}",
                                                   exit ? exit->Describe() : "does not answer"));
}

EchoGuard::EchoGuard(EchoProcess& worker, std::atomic<bool>& gone, int64_t patience_ns)
    : done_(Check(eventfd(0, EFD_CLOEXEC), "eventfd")) {
  const Deadline deadline = Deadline::After(patience_ns);
  thread_ = std::thread([&worker, &gone, deadline, done = done_.get()] {
    const std::array<int, 3>& ends = worker.ends();
    std::array<pollfd, 4> watched{
        {{done, POLLIN, 0}, {ends[0], POLLIN, 0}, {ends[1], POLLIN, 0}, {ends[2], POLLIN, 0}}};
    while (::poll(watched.data(), watched.size(), deadline.RemainingMs()) < 0 && errno == EINTR) {
    }
    if (watched[0].revents != 0) return;
    worker.Kill();
    gone.store(true, std::memory_order_relaxed);
  });
}

EchoGuard::~EchoGuard() {
  eventfd_write(done_.get(), 1);
  thread_.join();
}

}  // namespace coresweep
