// Findings about a host with remedies, and a fingerprint: pure functions of its facts.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/core/host_facts.h"
#include "harness/core/workload.h"

namespace coresweep {

/// One thing that will cost performance or spoil a measurement here.
struct Finding {
  std::string id;  ///< stable, "quota-below-cpus"
  std::string
      severity;        ///< "problem": costs much or falsifies; "warning": may; "note": good to know
  std::string text;    ///< what is so, with the figures and where they were read
  std::string remedy;  ///< what to do, in numbers where there are any
};

/// The findings of `facts`, worst first. `libraries` is nullptr where they are not known.
std::vector<Finding> Diagnose(const HostFacts& facts, const RuntimeFacts* libraries);

/// {id, severity, text, remedy} of each.
nlohmann::ordered_json ToJson(const std::vector<Finding>& findings);

/// 16 hexadecimal digits. Two reports with the same one come from machines whose figures may be
/// compared: same CPU model, architecture, shape of the usable CPUs (cores, SMT, caches, NUMA), CPU
/// quota, kernel release, virtualisation, clock source, governor and libraries. Which of several
/// equal CPUs were given, host names, times, measured figures and memory left over do not count.
std::string Fingerprint(const HostFacts& facts, const RuntimeFacts* libraries);

}  // namespace coresweep
