#include <fmt/format.h>

#include <array>
#include <cmath>

#include "harness/core/doctor_rules.h"

namespace coresweep {
namespace {

using Found = std::optional<Finding>;

double PeriodMs(const HostFacts& facts) {
  return static_cast<double>(facts.cpu_period_us > 0 ? facts.cpu_period_us : 100'000) / 1000;
}

Found MeasuredBelowDeclared(const HostFacts& facts) {
  if (!facts.MeasuredBinds()) return std::nullopt;
  const std::string source = facts.cpu_quota && facts.cpu_quota->value < facts.allowed.Count()
                                 ? facts.cpu_quota->source
                                 : "no quota is visible";
  return Finding{
      "measured-below-declared", kProblem,
      fmt::format("a spin test of {:.1f} s on {} thread{} got {:.2f} CPUs' worth of time where {} "
                  "could be expected ({}): a limit that cannot be read from here, or neighbours",
                  facts.measured->seconds, facts.measured->threads,
                  facts.measured->threads == 1 ? "" : "s", facts.measured->cpus,
                  CpusText(facts.DeclaredCpus()), source),
      fmt::format("keep workers x threads at {} or less; measure again (coresweep host "
                  "--measure-cpus-s 5) to tell a limit, which stays, from neighbours, who go",
                  facts.UsableCpus())};
}

Found QuotaBelowCpus(const HostFacts& facts) {
  const int cpus = facts.allowed.Count();
  if (!facts.cpu_quota || cpus < 2 || facts.cpu_quota->value >= cpus) return std::nullopt;
  const double quota = facts.cpu_quota->value;
  return Finding{
      "quota-below-cpus", kProblem,
      fmt::format("the quota of {} ({}) is less than the {} allowed CPUs: a library that counts "
                  "CPUs starts {} threads, which are stopped for up to {:.0f} % of the time",
                  CpusText(quota), facts.cpu_quota->source, cpus, cpus, 100 * (1 - quota / cpus)),
      fmt::format("keep workers x threads at {} or less (OMP_NUM_THREADS={} in programs of your "
                  "own), or raise the quota to {} CPUs",
                  facts.UsableCpus(), facts.UsableCpus(), cpus)};
}

Found QuotaBelowOne(const HostFacts& facts) {
  if (!facts.cpu_quota || facts.cpu_quota->value >= 1) return std::nullopt;
  const double period_ms = PeriodMs(facts);
  return Finding{
      "quota-below-one", kWarning,
      fmt::format("the quota of {} ({}) is less than one CPU: even a single busy thread stands "
                  "still for {:.3g} ms of every {:.3g} ms",
                  CpusText(facts.cpu_quota->value), facts.cpu_quota->source,
                  period_ms * (1 - facts.cpu_quota->value), period_ms),
      "use one worker with one thread and read the slowest answers, not the median; a quota of 1 "
      "CPU removes the pauses"};
}

Found FractionalQuota(const HostFacts& facts) {
  if (!facts.cpu_quota) return std::nullopt;
  const double quota = facts.cpu_quota->value;
  const double whole = std::floor(quota);
  if (whole < 1 || quota - whole < 0.01 || quota >= facts.allowed.Count()) return std::nullopt;
  return Finding{
      "fractional-quota", kNote,
      fmt::format("the quota of {} ({}) is no whole number: {:.0f} thread{} leave {:.2g} of it "
                  "unused, {:.0f} are stopped for {:.0f} % of the time",
                  CpusText(quota), facts.cpu_quota->source, whole, whole == 1 ? "" : "s",
                  quota - whole, whole + 1, 100 * (1 - quota / (whole + 1))),
      fmt::format("measure both (--workers {:.0f},{:.0f}), or ask for a quota of {:.0f} or {:.0f}",
                  whole, whole + 1, whole, whole + 1)};
}

Found AllowedBelowVisible(const HostFacts& facts) {
  const int allowed = facts.allowed.Count();
  if (allowed == 0 || facts.visible_cpus <= allowed) return std::nullopt;
  return Finding{
      "allowed-below-visible", kWarning,
      fmt::format("{} CPUs are visible (/sys/devices/system/cpu/online) but only {} allowed ({}): "
                  "a program that counts visible CPUs starts {} threads on {}",
                  facts.visible_cpus, allowed, facts.allowed.ToList(), facts.visible_cpus,
                  CpusText(allowed)),
      fmt::format("set the number of threads by hand in other programs, {} at most; never bind "
                  "to CPU numbers counted from 0",
                  facts.UsableCpus())};
}

Found HwlocAndAffinityDiffer(const HostFacts& facts) {
  if (facts.hwloc_allowed.Empty() || facts.hwloc_allowed == facts.affinity) return std::nullopt;
  return Finding{
      "hwloc-affinity-differ", kNote,
      fmt::format("hwloc allows CPUs {}, the affinity mask is {} (sched_getaffinity): "
                  "coresweep uses what is in both, {}",
                  facts.hwloc_allowed.ToList(), facts.affinity.ToList(), facts.allowed.ToList()),
      "if you did not call taskset or the like: programs that ask hwloc alone will "
      "bind to CPUs that they may not use"};
}

Found HiddenLevels(const HostFacts& facts) {
  if (!facts.cpu_hidden_above || facts.measured) return std::nullopt;
  return Finding{"limits-above-hidden", kNote,
                 "this cgroup has parents that cannot be seen from here (private cgroup namespace "
                 "or a part mounted alone): a CPU quota of theirs would not show",
                 "let coresweep host measure what the CPUs really give (--measure-cpus-s 0.5)"};
}

Found CpuBurst(const HostFacts& facts) {
  if (!facts.cpu_burst_us || facts.cpu_burst_us->value == 0) return std::nullopt;
  return Finding{
      "cpu-burst", kNote,
      fmt::format("unused quota is saved up to {:.3g} ms of CPU time ({}): short measurements look "
                  "faster than the quota lasts",
                  static_cast<double>(facts.cpu_burst_us->value) / 1000,
                  facts.cpu_burst_us->source),
      "measure windows of many periods (--window-s 5 or more)"};
}

Found LowCpuWeight(const HostFacts& facts) {
  if (!facts.cpu_weight) return std::nullopt;
  const bool shares = facts.cgroup_version == 1;
  const uint64_t usual = shares ? 1024 : 100;
  if (facts.cpu_weight->value >= usual) return std::nullopt;
  return Finding{
      "cpu-weight-low", kNote,
      fmt::format("the {} is {} ({}), the usual value {}: when neighbours want the CPUs too, they "
                  "get more. It is a share, no number of CPUs",
                  shares ? "number of CPU shares" : "CPU weight", facts.cpu_weight->value,
                  facts.cpu_weight->source, usual),
      "ask for a larger CPU request if the spread between repetitions is wide"};
}

Found IsolatedCpus(const HostFacts& facts) {
  if (facts.isolated.Empty()) return std::nullopt;
  return Finding{
      "isolated-cpus", kWarning,
      fmt::format("CPUs {} are isolated (/sys/devices/system/cpu/isolated): the scheduler does not "
                  "move threads between them, so unpinned threads pile up on one",
                  facts.isolated.ToList()),
      "use a placement other than none"};
}

constexpr std::array<Rule, 10> kCpuTimeRules = {
    MeasuredBelowDeclared,  QuotaBelowCpus, QuotaBelowOne, FractionalQuota, AllowedBelowVisible,
    HwlocAndAffinityDiffer, HiddenLevels,   CpuBurst,      LowCpuWeight,    IsolatedCpus};

}  // namespace

std::span<const Rule> CpuTimeRules() {
  return kCpuTimeRules;
}

}  // namespace coresweep
