#include "harness/run/zygotes.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/base/clock.h"
#include "harness/run/worker.h"
#include "harness/run/zygote.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

constexpr int kEndPatienceMs = 2000;
constexpr int64_t kLookForStopNs = 50 * kNsPerMs;
constexpr int64_t kForkPatienceNs = 10 * kNsPerS;

}  // namespace

Zygotes::Zygotes() {
  AdoptOrphans(true);
}

Zygotes::~Zygotes() {
  zygotes_.clear();
  try {
    AdoptOrphans(false);
  } catch (const Error&) {
    // It was granted before; the process merely goes on adopting.
  }
}

Zygotes::Zygote* Zygotes::Find(const ProcessContext& context, const WorkerSetup& setup) {
  const auto environment = WorkerEnvironment(context.environment, setup.threads);
  const std::string cpus = UnionOfCpus(setup);
  const auto found = std::find_if(zygotes_.begin(), zygotes_.end(), [&](const Zygote& zygote) {
    return zygote.cpus == cpus && zygote.environment == environment;
  });
  return found == zygotes_.end() ? nullptr : &*found;
}

void Zygotes::Start(const ProcessContext& context, const WorkerSetup& setup) {
  if (Find(context, setup) != nullptr) return;
  if (zygotes_.size() == kMost) {
    if (!std::exchange(told_of_most_, true)) {
      warnings_.push_back(
          fmt::format("there are {} zygotes, one for each set of CPUs and number of threads; "
                      "workers with others are spawned",
                      kMost));
    }
    return;
  }
  auto [ours, theirs] = ControlEnd::MakePair();
  WorkerSetup first = setup;
  first.parent_pid = getpid();
  ours.Send(ToJson(first).dump());
  SpawnOptions options;
  options.program = context.program;
  options.arguments = {"coresweep", kZygoteCommand};
  options.environment = WorkerEnvironment(context.environment, setup.threads);
  options.fds = {{theirs.fd(), kControlFd}};
  ChildProcess child = ChildProcess::Spawn(options);
  zygotes_.push_back({std::move(options.environment), UnionOfCpus(setup), setup.threads,
                      std::move(child), std::move(ours)});
}

bool Zygotes::AwaitReady(const ProcessContext& context, const WorkerSetup& setup) {
  Start(context, setup);
  Zygote* zygote = Find(context, setup);
  if (zygote == nullptr || !zygote->control) return false;
  if (!zygote->ready) {
    const auto deadline = Deadline::After(SecondsToNs(setup.startup_timeout_s));
    zygote->ready = Await(*zygote, deadline, context.stop).has_value();
  }
  return zygote->ready;
}

std::optional<ChildProcess> Zygotes::Fork(const ProcessContext& context, const WorkerSetup& setup,
                                          const std::vector<InheritedFd>& fds) {
  Zygote& zygote = *Find(context, setup);
  std::vector<int> ours;
  Json request{{"kind", "fork"}, {"fds", Json::array()}};
  for (const InheritedFd& fd : fds) {
    ours.push_back(fd.ours);
    request["fds"].push_back(fd.theirs);
  }
  try {
    zygote.control->Send(request.dump(), ours);
  } catch (const Error&) {
    Lose(zygote, "");
    return std::nullopt;
  }
  const auto reply = Await(zygote, Deadline::After(kForkPatienceNs), nullptr);
  if (!reply) return std::nullopt;
  return ChildProcess::Adopt(Json::parse(*reply).at("pid").get<pid_t>());
}

std::optional<std::string> Zygotes::Await(Zygote& zygote, Deadline deadline, StopSignal* stop) {
  try {
    while (!deadline.Passed()) {
      if (stop != nullptr && stop->Poll() != 0) return std::nullopt;
      const auto message =
          zygote.control->Receive(Deadline(std::min(deadline.at_ns(), NowNs() + kLookForStopNs)));
      if (!message) continue;
      const Json json = Json::parse(message->text);
      if (json.at("kind") != "refused") return message->text;
      Lose(zygote, json.at("message"));
      return std::nullopt;
    }
    Lose(zygote, "it did not answer in time");
  } catch (const Error&) {
    Lose(zygote, "");
  }
  return std::nullopt;
}

void Zygotes::Lose(Zygote& zygote, const std::string& why) {
  const auto exit = why.empty() ? zygote.child.WaitFor(kEndPatienceMs) : std::nullopt;
  warnings_.push_back(fmt::format(
      "workers with {} threads on CPUs {} are spawned from now on: their zygote (pid {}) {}",
      zygote.threads, zygote.cpus, zygote.child.pid(),
      exit           ? exit->Describe()
      : !why.empty() ? "gave up: " + why
                     : "closed its connection"));
  zygote.control.reset();
  zygote.child = ChildProcess();  // kills and reaps it
}

std::vector<std::string> Zygotes::TakeWarnings() {
  for (Zygote& zygote : zygotes_) {
    if (zygote.control && zygote.child.WaitFor(0)) Lose(zygote, "");
  }
  return std::exchange(warnings_, {});
}

std::vector<pid_t> Zygotes::pids() const {
  std::vector<pid_t> pids;
  for (const Zygote& zygote : zygotes_) {
    if (zygote.control) pids.push_back(zygote.child.pid());
  }
  return pids;
}

}  // namespace coresweep
