// HostFacts as JSON: the key `host` of every result and the output of `coresweep host --json`.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "harness/core/host_facts.h"

namespace coresweep {

/// All facts, with the derived `usable_cpus` and `binding_limit`. Keys are stable; CPU sets are in
/// list format ("0-3,8"); a limit is {value, source} or null; what is not known or not there is
/// null.
nlohmann::ordered_json ToJson(const HostFacts& facts);

}  // namespace coresweep
