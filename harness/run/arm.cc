#include "harness/run/arm.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/base/atomic_file.h"
#include "harness/base/child_process.h"
#include "harness/base/clock.h"
#include "harness/base/error.h"

namespace coresweep {
namespace {

constexpr size_t kMostBytes = size_t{1} << 20;
constexpr int kLookAgainMs = 20;  // where there is no pidfd to wait on

Launch Ended(Outcome outcome, std::string message) {
  Launch launch;
  launch.outcome = outcome;
  launch.message = std::move(message);
  return launch;
}

/// Removes the file now and when it goes, however the launch ended.
class ScratchFile {
 public:
  explicit ScratchFile(const std::string& path) : path_(path) { Remove(); }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile() { Remove(); }

 private:
  void Remove() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  const std::string& path_;
};

/// Waits for the child's end, a stop signal or the time limit; nullopt when it ended by itself.
std::optional<Launch> AwaitEnd(ChildProcess& child, StopSignal* stop, double timeout_s) {
  const Deadline deadline = Deadline::After(SecondsToNs(timeout_s));
  while (!child.WaitFor(0)) {
    if (stop != nullptr && stop->Poll() != 0)
      return Ended(Outcome::kInterrupted, "interrupted by a signal");
    if (deadline.Passed()) {
      return Ended(Outcome::kTimedOut,
                   fmt::format("not done after {:.0f} s; raise --launch-timeout-s if it may take "
                               "longer",
                               timeout_s));
    }
    std::array<pollfd, 2> watched{
        {{child.pidfd(), POLLIN, 0}, {stop != nullptr ? stop->fd() : -1, POLLIN, 0}}};
    const int patience_ms = child.pidfd() >= 0 ? deadline.RemainingMs()
                                               : std::min(kLookAgainMs, deadline.RemainingMs());
    if (::poll(watched.data(), watched.size(), patience_ms) < 0 && errno != EINTR)
      ThrowErrno("poll");
  }
  return std::nullopt;
}

}  // namespace

Launch ProgramArm::Run() {
  const auto failed = [&](const std::string& what) {
    return Ended(Outcome::kFailed, fmt::format("{}: {}", call_.program, what));
  };
  const ScratchFile file(call_.file);
  SpawnOptions options;
  options.program = call_.program;
  options.arguments = {call_.program, "launch"};
  options.arguments.insert(options.arguments.end(), call_.arguments.begin(), call_.arguments.end());
  options.arguments.insert(options.arguments.end(), {"-o", call_.file});
  options.environment = call_.environment;
  try {
    ChildProcess child = ChildProcess::Spawn(options);
    if (auto ended = AwaitEnd(child, call_.stop, call_.timeout_s)) return *ended;
    if (!std::filesystem::exists(call_.file))
      return failed("wrote no launch and " + child.exit()->Describe());
    const std::string text = ReadFile(call_.file, kMostBytes);
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (json.is_discarded()) return failed("its launch is not JSON");
    Launch launch = LaunchFromJson(json);
    if (launch.outcome == Outcome::kOk && !child.exit()->Clean())
      return failed("its launch says ok, but it " + child.exit()->Describe());
    return launch;
  } catch (const Error& error) {
    return failed(error.what());
  }
}

}  // namespace coresweep
