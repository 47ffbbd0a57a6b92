// The figures that limit the CPUs side by side: nominal, visible, allowed, quota, measured.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/host_facts.h"

namespace coresweep {

struct CpuFigure {
  std::string name;             ///< "nominal", "visible", "allowed", "quota", "measured"
  std::optional<double> value;  ///< nullopt: not known, not measured, no quota
  std::string source;           ///< the file or call it came from; why, where there is no value
  bool binds = false;           ///< of all of them this one decides what may be planned for
};

/// All five, in the order above; exactly one binds.
std::vector<CpuFigure> CpuFigures(const HostFacts& facts);

}  // namespace coresweep
