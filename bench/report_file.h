// Reports that this program wrote, read again.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace coresweep {

/// The JSON in the file `path`, of at most 1 GiB. Throws `UsageError` naming it when it cannot be
/// read or is no JSON.
nlohmann::json ReadReportFile(const std::string& path);

}  // namespace coresweep
