// The words at the top of the HTML page: what to use, what limits it, what to mind.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "reports/stored_page.h"

namespace coresweep {

/// "2 workers × 1 thread": a cell of a report as plain words, for people.
std::string WordsOfShape(const nlohmann::json& cell);

/// What to use, its gain with the interval, the verdict on order and answers.
std::string HtmlAnswer(const nlohmann::json& report, const StoredPage& page);

/// The causes that the report names, of the recommended cell and of the worst, and what to try;
/// laws of scaling.
std::string HtmlLimits(const nlohmann::json& report, const StoredPage& page);

/// Of the host, the workload, the sweep and the recommended cell; each ends in what to do.
std::string HtmlWarnings(const nlohmann::json& report, const StoredPage& page);

}  // namespace coresweep
