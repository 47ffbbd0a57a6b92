// The parts of a report of `coresweep run` that other formats show, read from its JSON.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace coresweep {

/// A median over the repetitions with what lies around it: an interval with a confidence, or the
/// least and the greatest.
struct PageValue {
  double median = 0, low = 0, high = 0;
  std::optional<double> confidence;  ///< of `low` to `high`; nullopt: they are least and greatest
};

/// One axis of a cell and its value, "" where the cell has none.
struct PageAxis {
  std::string name, value;
};

struct PageCell {
  std::string id;
  std::vector<PageAxis> axes;  ///< mode, workers, …; the same names in the same order in all cells
  bool control = false;        ///< serial or independent
  std::string verdict, reason;
  int repetitions = 0;
  std::optional<PageValue> throughput_per_s;  ///< items/s
  std::optional<PageValue> speedup, parallel_efficiency, dispatch_efficiency;
  std::optional<double> p50_us, p90_us, p99_us;  ///< latency of a chunk
  int64_t answers = 0;                           ///< that came
  int64_t wrong = 0;  ///< missing, doubled, misplaced, corrupted or outside of the tolerance
  double took_s = 0;  ///< its trials; 0 before version 2.3, which does not say

  /// Answers were wrong or out of order, or no trial came to its end.
  [[nodiscard]] bool Failed() const;
  /// Nothing was measured, without a fault of its own.
  [[nodiscard]] bool Missing() const;
};

struct PageSkip {
  std::string id, reason;
};

struct StoredPage {
  std::string created;   ///< RFC 3339; "" where the report does not say
  std::string workload;  ///< name, and the model's
  std::string version;   ///< of the program
  bool finished = false;
  std::vector<PageCell> cells;
  std::vector<PageSkip> skipped;
  std::optional<size_t> recommended;  ///< index into `cells`: what `coresweep run` chose
};

/// Throws `UsageError` naming `origin` when `report`, which is valid by the schema of reports, has
/// figures that do not fit together.
StoredPage ReadStoredPage(const nlohmann::json& report, const std::string& origin);

/// What to use and what it gives, in a sentence or two of plain text.
std::string AnswerOf(const StoredPage& page);

}  // namespace coresweep
