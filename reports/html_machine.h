// The machine of a report as HTML, with who sits where.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace coresweep {

/// Packages, L3 caches, cores and CPUs that may be used, marked with the workers and the dispatcher
/// of `cell` (null: nobody). "" where the report has no CPUs. The page's script marks other cells.
std::string HtmlMachine(const nlohmann::json& report, const nlohmann::json& cell);

}  // namespace coresweep
