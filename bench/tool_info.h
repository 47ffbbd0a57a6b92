// What this build of the program is.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace coresweep {

/// Version, compiler, build type, architecture, libraries compiled against.
nlohmann::ordered_json ToolInfo();

/// "coresweep 0.1.0".
const char* ToolVersion();

}  // namespace coresweep
