#include "bench/foreign_host.h"

#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/host/probe.h"
#include "harness/host/topology.h"

namespace coresweep {
namespace {

void SetQuota(const std::optional<double>& cpu_quota, HostFacts& facts) {
  if (cpu_quota) facts.cpu_quota = Limit<double>{*cpu_quota, "--cpu-quota"};
}

/// This machine, with the CPUs `allowed` of those that this process may use.
Machine ReadThisMachine(const std::optional<CpuSet>& allowed, CpuSet* hwloc_allowed) {
  const CpuSet affinity = GetAffinity();
  Machine machine = ReadMachine(allowed.value_or(affinity).Intersect(affinity), hwloc_allowed);
  const CpuSet usable = hwloc_allowed->Intersect(affinity);
  if (usable.Empty()) throw Error("no CPU may be used: look at the cpuset and at taskset");
  if (allowed && allowed->Intersect(usable) != *allowed) {
    throw UsageError(
        fmt::format("--allowed {}: this process may use CPUs {} only; for others name a recorded "
                    "machine by --topology",
                    allowed->ToList(), usable.ToList()));
  }
  return machine;
}

}  // namespace

CLI::Validator NumberFrom(double least, double most) {
  const auto check = [least, most](const std::string& text) {
    double number = 0;
    const bool is_number = CLI::detail::lexical_cast(text, number);
    if (is_number && number >= least && number <= most) return std::string();
    return fmt::format("{} is not a number from {:g} to {:g}", text, least, most);
  };
  return {check, fmt::format("[{:g} - {:g}]", least, most)};
}

void HostOptions::DeclareTopology(CLI::App& command) {
  command
      .add_option("--topology", topology_,
                  "plan for another machine: a file of `lstopo out.xml`, an unpacked folder of "
                  "hwloc-gather-topology, or hwloc's synthetic notation as \"package:2 l3:2 "
                  "core:4 pu:2\"")
      ->type_name("FILE|FOLDER|TEXT");
  command.add_option("--allowed", allowed_, "the CPUs that may be used, by OS index, as 0-3,8")
      ->type_name("LIST");
}

void HostOptions::DeclareCpuQuota(CLI::App& command) {
  command.add_option("--cpu-quota", cpu_quota_, "CPUs' worth of time that may be used, as 2.5")
      ->type_name("CPUS")
      ->check(NumberFrom(0.01, 1e6));
}

std::optional<CpuSet> HostOptions::Allowed() const {
  if (!allowed_) return std::nullopt;
  std::optional<CpuSet> cpus = CpuSet::Parse(*allowed_);
  if (!cpus || cpus->Empty())
    throw UsageError(fmt::format("--allowed \"{}\": not a list of CPUs such as 0-3,8", *allowed_));
  return cpus;
}

Machine HostOptions::ReadMachine() const {
  CpuSet hwloc_allowed;
  return topology_ ? ReadMachineFrom(*topology_, Allowed())
                   : ReadThisMachine(Allowed(), &hwloc_allowed);
}

HostFacts HostOptions::ReadFacts(const std::vector<std::string>& environment) const {
  const std::optional<CpuSet> allowed = Allowed();
  if (topology_) return FactsOfForeign(*topology_, allowed, cpu_quota_);
  HostFacts facts = ReadHostFacts("/", environment);
  if (allowed) {
    facts.topology = ReadThisMachine(allowed, &facts.hwloc_allowed).usable;
    facts.allowed = *allowed;
  }
  SetQuota(cpu_quota_, facts);
  return facts;
}

std::string HostOptions::Notice() const {
  if (topology_)
    return fmt::format("a plan for another machine ({}): nothing is bound", *topology_);
  if (!allowed_ && !cpu_quota_) return "";
  std::string options = allowed_ ? " --allowed " + *allowed_ : "";
  if (cpu_quota_) options += fmt::format(" --cpu-quota {}", *cpu_quota_);
  return fmt::format("a plan for another container on this machine ({}): nothing is bound",
                     options.substr(1));
}

HostFacts FactsOfForeign(const std::string& source, const std::optional<CpuSet>& allowed,
                         std::optional<double> cpu_quota) {
  Machine machine = ReadMachineFrom(source, allowed);
  HostFacts facts;
  facts.foreign = source;
  facts.allowed = machine.usable.Cpus();
  facts.hwloc_allowed = facts.allowed;
  facts.affinity = facts.allowed;
  facts.visible_cpus = machine.usable.online_cpus;
  for (const NumaFact& node : machine.whole.numa_nodes)
    facts.memory_total_bytes += node.bytes;
  facts.topology = std::move(machine.usable);
  facts.machine = std::move(machine.whole);
  SetQuota(cpu_quota, facts);
  return facts;
}

}  // namespace coresweep
