// The rules behind `Diagnose`, by subject; each is a pure function that finds at most one thing.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/core/doctor.h"

namespace coresweep {

inline constexpr const char* kProblem = "problem";
inline constexpr const char* kWarning = "warning";
inline constexpr const char* kNote = "note";

using Rule = std::optional<Finding> (*)(const HostFacts&);

/// How much CPU time there is: quota, allowed CPUs, what was measured.
std::span<const Rule> CpuTimeRules();
/// What the CPUs are: partial cores, kinds of cores, NUMA.
std::span<const Rule> TopologyRules();
/// Memory, swap, shared memory, processes.
std::span<const Rule> MemoryRules();
/// Clock, governor, steal, permissions and sources of evidence.
std::span<const Rule> SystemRules();

/// One finding for each variable of `facts.system.environment` that changes results here.
std::vector<Finding> DiagnoseEnvironment(const HostFacts& facts);
std::vector<Finding> DiagnoseLibraries(const RuntimeFacts& libraries);

/// "1 CPU", "2 CPUs", "1.5 CPUs".
std::string CpusText(double cpus);
/// "512 MiB", "1.5 GiB".
std::string BytesText(uint64_t bytes);

}  // namespace coresweep
