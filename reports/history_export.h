// Stored runs for services that look for change points. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/history_entry.h"

namespace coresweep {

/// Runs as CSV, and what of them is not in it.
struct HistoryTable {
  std::string csv;
  int64_t runs = 0;                ///< rows
  int64_t unlike = 0;              ///< runs left out: another machine, workload or way of measuring
  int64_t lacking = 0;             ///< runs left out: without a value in one of the columns
  std::vector<std::string> empty;  ///< cells of `like` that have no column: it has no value there
};

/// CSV for Apache Otava, as `RenderOtava` writes it of one report: a heading and a row for each of
/// `entries` (in their order) that is like `like` in machine, workload and way of measuring; builds
/// may differ. Columns: time, program, and throughput (items/s) and median latency (us) of each
/// cell of `like`, controls apart, whose id contains `cell`. Otava reads no empty field: a run that
/// lacks a value of a column is left out.
HistoryTable RenderOtavaHistory(const std::vector<HistoryEntry>& entries, const HistoryEntry& like,
                                const std::string& cell);

}  // namespace coresweep
