// What `coresweep history` shows: entries, one entry, trends; as text and as JSON. Pure.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/core/history_entry.h"
#include "harness/core/trend.h"

namespace coresweep {

/// One series with its levels.
struct Trend {
  TrendSeries series;
  std::vector<TrendLevel> levels;
};

/// What was asked of trends.
struct TrendQuestion {
  std::string metric;
  ChangePointSetup setup;
};

/// A table, a row an entry, in lines of at most `width` columns.
std::string RenderEntries(const std::vector<HistoryEntry>& entries, size_t width);
/// {"schema": "coresweep.history", "schema_version", "entries": [{"id", "created", …}]}.
nlohmann::ordered_json EntriesJson(const std::vector<HistoryEntry>& entries);

/// What it is, then a table of its cells.
std::string RenderEntry(const HistoryEntry& entry, size_t width);
/// As one of the entries of `EntriesJson`, with "schema" and "cells".
nlohmann::ordered_json EntryJson(const HistoryEntry& entry);

/// For each series what it is of and a table of its levels; last how changes were found.
std::string RenderTrends(const std::vector<Trend>& trends, const TrendQuestion& question,
                         size_t width);
/// {"schema": "coresweep.history_trend", "schema_version", "metric", "unit", "higher_is_better",
/// "method": {…}, "series": [{…, "points": […], "levels": […]}]}.
nlohmann::ordered_json TrendsJson(const std::vector<Trend>& trends, const TrendQuestion& question);

}  // namespace coresweep
