#include "bench/tool_info.h"

#include <fmt/format.h>

#include <CLI/Version.hpp>
#include <nlohmann/json.hpp>

namespace coresweep {

const char* ToolVersion() {
  return "coresweep " CORESWEEP_VERSION;
}

nlohmann::ordered_json ToolInfo() {
  nlohmann::ordered_json info;
  info["name"] = "coresweep";
  info["version"] = CORESWEEP_VERSION;
  info["compiler"] = CORESWEEP_COMPILER;
  info["build_type"] = CORESWEEP_BUILD_TYPE;
  info["architecture"] = CORESWEEP_ARCHITECTURE;
  info["with_torch"] = CORESWEEP_WITH_TORCH != 0;
  info["worker_memory"] = "freed memory is kept (mallopt M_TRIM_THRESHOLD, M_MMAP_THRESHOLD)";
  info["libraries"]["fmt"] =
      fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100);
  info["libraries"]["nlohmann_json"] =
      fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR,
                  NLOHMANN_JSON_VERSION_PATCH);
  info["libraries"]["CLI11"] = CLI11_VERSION;
  return info;
}

}  // namespace coresweep
