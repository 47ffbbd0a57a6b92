// A report that a history keeps, as far as lists and trends show it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace coresweep {

/// One cell that is no control; its metrics by the names of `StoredMetrics`, in their units.
struct HistoryCell {
  std::string id, verdict;
  std::map<std::string, std::optional<double>> metrics;
};

struct HistoryEntry {
  int64_t id = 0;
  std::string created;  ///< of the report, RFC 3339
  std::string added;    ///< to the history, RFC 3339
  std::string digest;   ///< of what the report says, however it is laid out
  int64_t bytes = 0;    ///< of its text
  bool finished = false;
  std::string workload;       ///< its name and that of its model
  std::string version;        ///< of the program that measured
  std::string fingerprint;    ///< of the machine
  std::string configuration;  ///< digest of the effective configuration
  /// As `StoredRun::identity`: what must be equal of comparable runs.
  std::map<std::string, std::string> identity;
  std::vector<HistoryCell> cells;
};

}  // namespace coresweep
