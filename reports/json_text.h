// JSON that others wrote, read with limits.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace coresweep {

/// Levels of arrays and objects within each other that are read: the reports have about ten, and
/// writing or copying JSON takes stack for each.
inline constexpr int kMostJsonLevels = 200;

/// Throws `UsageError` naming `origin`, and the line and column of what is no JSON.
nlohmann::json ParseJsonText(std::string_view text, const std::string& origin);

}  // namespace coresweep
