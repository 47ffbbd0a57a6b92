#include "harness/run/worker_pool.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <string_view>

#include "harness/base/clock.h"
#include "harness/run/zygotes.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

constexpr int kGraceMs = 2000;

constexpr std::array<std::string_view, 6> kThreadVariables{
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS",
    "MKL_NUM_THREADS", "BLIS_NUM_THREADS",     "VECLIB_MAXIMUM_THREADS"};

/// Variables that give fewer threads than are set, unknown to BLAS, which then waits for ever for
/// those that do not come.
constexpr std::array<std::string_view, 2> kThreadLimits{"OMP_THREAD_LIMIT", "OMP_DYNAMIC"};

bool Sets(const std::string& variable, std::string_view name) {
  return variable.size() > name.size() && variable[name.size()] == '=' &&
         variable.compare(0, name.size(), name) == 0;
}

void Poll(std::vector<pollfd>& watched, int timeout_ms) {
  if (::poll(watched.data(), watched.size(), timeout_ms) < 0 && errno != EINTR) ThrowErrno("poll");
}

}  // namespace

std::vector<std::string> WorkerEnvironment(const std::vector<std::string>& base, int threads) {
  std::vector<std::string> environment;
  for (const std::string& variable : base) {
    const auto set_here = [&](std::string_view name) { return Sets(variable, name); };
    if (std::none_of(kThreadVariables.begin(), kThreadVariables.end(), set_here) &&
        std::none_of(kThreadLimits.begin(), kThreadLimits.end(), set_here)) {
      environment.push_back(variable);
    }
  }
  for (const std::string_view name : kThreadVariables) {
    environment.push_back(fmt::format("{}={}", name, threads));
  }
  return environment;
}

void WorkerPool::Spawn(WorkerSetup setup, std::vector<InheritedFd> fds) {
  members_.push_back(Start(std::move(setup), std::move(fds)));
}

void WorkerPool::Respawn(size_t i, WorkerSetup setup, std::vector<InheritedFd> fds) {
  members_[i] = Start(std::move(setup), std::move(fds));
}

WorkerPool::Member WorkerPool::Start(WorkerSetup setup, std::vector<InheritedFd> fds) const {
  const bool forked = context_.zygotes != nullptr && context_.zygotes->AwaitReady(context_, setup);
  setup.parent_pid = getpid();
  setup.spawned_ns = NowNs();
  if (forked) {
    if (auto member = StartFromZygote(setup, fds)) return std::move(*member);
  }
  return StartAnew(setup, std::move(fds));
}

std::optional<WorkerPool::Member> WorkerPool::StartFromZygote(const WorkerSetup& setup,
                                                              std::vector<InheritedFd> fds) const {
  auto [ours, theirs] = ControlEnd::MakePair();
  fds.push_back({theirs.fd(), kControlFd});
  std::optional<ChildProcess> child = context_.zygotes->Fork(context_, setup, fds);
  // A connection of its own: a worker that was forked, but never announced, finds this one closed.
  if (!child) return std::nullopt;
  try {
    ours.Send(ToJson(setup).dump());
  } catch (const Error&) {
    // It has ended already; whoever waits for its word finds out how.
  }
  return Member{setup.index, std::move(*child), std::move(ours)};
}

WorkerPool::Member WorkerPool::StartAnew(const WorkerSetup& setup,
                                         std::vector<InheritedFd> fds) const {
  auto [ours, theirs] = ControlEnd::MakePair();
  // Before the child is there, which may end at once; kept by the socket until it reads.
  ours.Send(ToJson(setup).dump());
  fds.push_back({theirs.fd(), kControlFd});
  SpawnOptions options;
  options.program = context_.program;
  options.arguments = {"coresweep", "worker"};
  options.environment = WorkerEnvironment(context_.environment, setup.threads);
  options.fds = std::move(fds);
  options.start_patience_ns = SecondsToNs(setup.startup_timeout_s);
  try {
    return {setup.index, ChildProcess::Spawn(options), std::move(ours)};
  } catch (const SpawnTimeout& timeout) {
    throw TrialFailure(Outcome::kTimedOut,
                       fmt::format("worker {} did not finish its start-up in time: {}", setup.index,
                                   timeout.what()));
  }
}

std::string WorkerPool::Name(size_t i) const {
  return fmt::format("worker {} (pid {})", members_[i].index, members_[i].child.pid());
}

std::optional<ControlMessage> WorkerPool::Read(size_t i, Deadline deadline,
                                               const std::string& when) {
  std::optional<ControlMessage> message;
  try {
    message = members_[i].control.Receive(deadline);
  } catch (const Error&) {
    FailDead(i, when);
  }
  if (!message) return std::nullopt;
  const Json json = Json::parse(message->text);
  if (json.at("kind") == "error") {
    if (json.at("usage").get<bool>()) throw UsageError(json.at("message").get<std::string>());
    throw TrialFailure(Outcome::kFailed,
                       fmt::format("{}: {}", Name(i), json.at("message").get<std::string>()));
  }
  return message;
}

std::vector<ControlMessage> WorkerPool::AwaitAll(const std::string& kind, Deadline deadline,
                                                 const std::string& doing) {
  std::vector<ControlMessage> messages(size());
  std::vector<bool> come(size(), false);
  for (auto late = come.begin(); late != come.end();
       late = std::find(come.begin(), come.end(), false)) {
    if (deadline.Passed()) {
      const auto i = static_cast<size_t>(late - come.begin());
      throw TrialFailure(Outcome::kTimedOut,
                         fmt::format("{} did not finish {} in time", Name(i), doing));
    }
    std::vector<pollfd> watched = Watched(come);
    Poll(watched, deadline.RemainingMs());
    CheckStop();
    for (size_t i = 0; i < size(); ++i) {
      if (watched[1 + 2 * i].revents != 0) {
        auto message = Read(i, deadline, "during " + doing);
        if (!message || Json::parse(message->text).at("kind") != kind) continue;
        messages[i] = std::move(*message);
        come[i] = true;
      } else if (watched[2 + 2 * i].revents != 0) {
        FailDead(i, "during " + doing);
      }
    }
  }
  return messages;
}

std::vector<pollfd> WorkerPool::Watched(const std::vector<bool>& come) const {
  std::vector<pollfd> watched{{context_.stop != nullptr ? context_.stop->fd() : -1, POLLIN, 0}};
  for (size_t i = 0; i < size(); ++i) {
    watched.push_back({come[i] ? -1 : control_fd(i), POLLIN, 0});
    watched.push_back({come[i] ? -1 : pidfd(i), POLLIN, 0});
  }
  return watched;
}

void WorkerPool::FailDead(size_t i, const std::string& holding) {
  ChildProcess& child = members_[i].child;
  const std::string name = Name(i);
  auto exit = child.WaitFor(kGraceMs);
  if (!exit) throw WorkerGone(name + " closed its connection " + holding);
  throw WorkerGone(fmt::format("{} {} {}", name, exit->Describe(), holding));
}

bool WorkerPool::HasEnded(size_t i) {
  return members_[i].child.WaitFor(0).has_value();
}

std::string WorkerPool::HowItEnded(size_t i) {
  const auto exit = members_[i].child.WaitFor(kGraceMs);
  return exit ? exit->Describe() : "closed its connection";
}

void WorkerPool::CheckStop() const {
  if (context_.stop != nullptr && context_.stop->Poll() != 0) {
    throw TrialFailure(Outcome::kInterrupted, "interrupted by a signal");
  }
}

void WorkerPool::Finish() {
  const Deadline deadline = Deadline::After(kGraceMs * kNsPerMs);
  for (Member& member : members_)
    (void)member.child.WaitFor(deadline.RemainingMs());
  members_.clear();  // kills and reaps the rest
}

}  // namespace coresweep
