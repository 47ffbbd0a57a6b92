#include "harness/run/machine_watch.h"

#include "harness/host/machine_edges.h"
#include "harness/host/sentinel.h"

namespace coresweep {
namespace {

constexpr int64_t kSentinelNs = 20 * kNsPerMs;
constexpr size_t kLeastRuns = 5;
constexpr int64_t kLongestBurnInNs = 5 * kNsPerS;

}  // namespace

HostWatch::HostWatch(const std::string& cpu_stat_path, const CpuSet& allowed)
    : steps_(CalibrateSentinel(kSentinelNs)), meter_(FindSystemSources(cpu_stat_path, allowed)) {
  meter_.Begin();
}

SentinelTime HostWatch::Sentinel() {
  return RunSentinel(steps_);
}

SystemUse HostWatch::SinceLast() {
  SystemUse use = meter_.End();
  meter_.Begin();
  return use;
}

MachineEdge HostWatch::Edge() {
  return ReadMachineEdge();
}

std::optional<BurnIn> RunBurnIn(MachineWatch& watch, double seconds, StopSignal* stop,
                                const Deadline& deadline) {
  BurnIn burn_in;
  burn_in.asked_s = seconds;
  burn_in.steps = watch.SentinelSteps();
  (void)watch.SinceLast();
  int64_t spent_ns = 0;
  while ((spent_ns < SecondsToNs(seconds) || burn_in.times.size() < kLeastRuns) &&
         spent_ns < kLongestBurnInNs) {
    if ((stop != nullptr && stop->Poll() != 0) || deadline.Passed()) return std::nullopt;
    burn_in.times.push_back(watch.Sentinel());
    spent_ns += burn_in.times.back().wall_ns;
  }
  burn_in.system = watch.SinceLast();
  return burn_in;
}

}  // namespace coresweep
