// `coresweep host` for people: what this container is and allows, and what to do about it.
#pragma once

#include <string>
#include <vector>

#include "harness/core/doctor.h"
#include "reports/machine_picture.h"

namespace coresweep {

/// Groups of lines, each ending in '\n': the CPU figures with their sources and the one that binds,
/// the machine drawn, memory, system, libraries (nullptr: built without libtorch), environment,
/// sources of evidence, findings (in the order given) with remedies, fingerprint.
std::string RenderHost(const HostFacts& facts, const std::vector<Finding>& findings,
                       const std::string& fingerprint, const RuntimeFacts* libraries,
                       const PictureStyle& style);

}  // namespace coresweep
