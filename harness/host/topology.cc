#include "harness/host/topology.h"

#include <fmt/format.h>
#include <hwloc.h>

#include <memory>

#include "harness/base/error.h"
#include "harness/host/hwloc_environment.h"
#include "harness/host/topology_description.h"
#include "harness/host/topology_source.h"
#include "harness/host/trial_fork.h"

namespace coresweep {
namespace {

using TopologyPtr = std::unique_ptr<hwloc_topology, decltype(&hwloc_topology_destroy)>;

/// Far above what the largest machine takes.
constexpr int kCpuLimitSeconds = 20;

/// Forbidden PUs are kept, for the picture and because hwloc 2.9.0 does not survive a topology
/// without any; they are restricted away afterwards.
TopologyPtr NewTopology(unsigned long flags = 0) {
  hwloc_topology_t topology = nullptr;
  if (hwloc_topology_init(&topology) != 0) throw Error("hwloc_topology_init: out of memory");
  TopologyPtr result(topology, hwloc_topology_destroy);
  hwloc_topology_set_flags(topology, flags | HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
  return result;
}

/// What hwloc would print is of no use to users of this program.
HwlocEnvironment::Variables Quiet(HwlocEnvironment::Variables variables) {
  variables.emplace("HWLOC_HIDE_ERRORS", "2");
  return variables;
}

HwlocEnvironment::Variables VariablesFor(const TopologySource& source) {
  HwlocEnvironment::Variables variables;
  if (!source.fsroot.empty()) variables["HWLOC_FSROOT"] = source.fsroot.string();
  if (!source.cpuid.empty()) variables["HWLOC_CPUID_PATH"] = source.cpuid.string();
  if (!variables.empty()) {
    variables["HWLOC_THISSYSTEM"] = "0";
    variables["HWLOC_COMPONENTS"] = source.cpuid.empty()    ? "linux,stop"
                                    : source.fsroot.empty() ? "x86,stop"
                                                            : "x86,linux,stop";
  }
  return Quiet(variables);
}

bool Load(const TopologySource& source, hwloc_topology_t topology) {
  int accepted = 0;
  if (!source.xml.empty()) {
    accepted = hwloc_topology_set_xmlbuffer(topology, source.xml.c_str(),
                                            static_cast<int>(source.xml.size() + 1));
  } else if (source.fsroot.empty() && source.cpuid.empty()) {
    accepted = hwloc_topology_set_synthetic(topology, source.synthetic.c_str());
  }
  return accepted == 0 && hwloc_topology_load(topology) == 0;
}

const char* WhyNotLoaded(const TopologySource& source) {
  if (!source.xml.empty())
    return "damaged, or XML of hwloc 3 (write it with `lstopo --export-xml-flags v2 out.xml`)";
  if (!source.fsroot.empty() || !source.cpuid.empty()) return "the recording is incomplete";
  return "neither the name of a file or folder nor hwloc's synthetic notation, which ends in pu:N, "
         "as \"package:2 l3:2 core:4 pu:2\"";
}

std::string Refusal(const std::string& name, const TopologySource& source) {
  return fmt::format("cannot read the topology {}: {}", name, WhyNotLoaded(source));
}

/// Throws `UsageError` unless all of `wanted` may be used.
void CheckAllowed(const std::string& source, const CpuSet& wanted, const CpuSet& allowed) {
  CpuSet others;
  for (const int cpu : wanted.ToVector()) {
    if (!allowed.Contains(cpu)) others.Add(cpu);
  }
  if (!others.Empty()) {
    throw UsageError(
        fmt::format("the topology {} does not have or does not allow CPUs {}: choose "
                    "from {}",
                    source, others.ToList(), allowed.ToList()));
  }
}

Machine Read(const std::string& name, const TopologySource& source,
             const std::optional<CpuSet>& allowed) {
  const TopologyPtr topology = NewTopology();
  if (!Load(source, topology.get())) throw UsageError(Refusal(name, source));
  const CpuSet permitted = AllowedCpus(topology.get());
  if (permitted.Empty()) throw UsageError(fmt::format("the topology {} allows no CPU", name));
  const CpuSet usable = allowed.value_or(permitted);
  CheckAllowed(name, usable, permitted);
  if (usable.Empty()) throw UsageError(fmt::format("no CPU of the topology {} is left", name));
  return DescribeMachine(topology.get(), usable);
}

}  // namespace

Machine ReadMachine(const CpuSet& affinity, CpuSet* hwloc_allowed) {
  const HwlocEnvironment quiet(Quiet(HwlocEnvironment::Current()));
  // Restricted later rather than by RESTRICT_TO_CPUBINDING, which would hide what hwloc itself
  // allows; DONT_CHANGE_BINDING keeps its x86 backend from rebinding this thread.
  const TopologyPtr topology = NewTopology(HWLOC_TOPOLOGY_FLAG_DONT_CHANGE_BINDING);
  if (hwloc_topology_load(topology.get()) != 0) ThrowErrno("hwloc_topology_load");
  if (hwloc_topology_is_thissystem(topology.get()) == 0) {
    throw UsageError(
        "hwloc describes another machine than this: unset HWLOC_XMLFILE, HWLOC_SYNTHETIC, "
        "HWLOC_FSROOT, HWLOC_COMPONENTS and HWLOC_THISSYSTEM");
  }
  *hwloc_allowed = AllowedCpus(topology.get());
  return DescribeMachine(topology.get(), hwloc_allowed->Intersect(affinity));
}

Machine ReadMachineFrom(const std::string& source, const std::optional<CpuSet>& allowed) {
  const TopologySource found = FindTopologySource(source);
  const HwlocEnvironment environment(VariablesFor(found));
  // hwloc 2.9.0 crashes or hangs on some damaged input.
  if (!SurvivesInChild([&] { Read(source, found, allowed); }, kCpuLimitSeconds))
    throw UsageError(Refusal(source, found));
  return Read(source, found, allowed);
}

}  // namespace coresweep
