// The history: reports of `coresweep run` in one SQLite file.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/sqlite.h"
#include "harness/core/history_entry.h"
#include "harness/core/stored_run.h"
#include "harness/core/trend.h"

namespace coresweep {

/// Which entries; all that are given must hold. Parts of texts, in any case.
struct HistoryFilter {
  std::string workload;     ///< part of name and model
  std::string fingerprint;  ///< of the machine; its beginning
  std::string since;        ///< RFC 3339 or its beginning: created then or later
  std::string cell;         ///< part of the id of a cell
  int64_t last = 0;         ///< only so many, the latest; 0: all
};

/// What became of a report that was to be stored.
struct HistoryAddition {
  int64_t id = 0;
  bool fresh = false;  ///< false: it was there already
};

/// $XDG_DATA_HOME/coresweep/history.db, or ~/.local/share/coresweep/history.db. Throws
/// `UsageError` when `environment` ("NAME=value") has neither.
std::string DefaultHistoryPath(const std::vector<std::string>& environment);

/// One file with a rollback journal: what was added stays whatever happens to later writers, and
/// the file may lie on a network share, where SQLite's write-ahead log may not. Writers wait for
/// each other, for at most half a minute.
class HistoryStore {
 public:
  /// Opens the history of `path`. Throws `UsageError` when there is none, or the file is something
  /// else or of a later program.
  static HistoryStore Open(const std::string& path);
  /// The same, made where there is none, with its folders.
  static HistoryStore OpenOrCreate(const std::string& path);

  /// Stores a report, whose text is `text`, as a whole or not at all. It must be valid by the
  /// schema of reports. `origin` is for messages. Throws `UsageError` when the report cannot be
  /// compared with anything (it has no time), `SqliteError` when it could not be stored.
  HistoryAddition Add(const std::string& text, const nlohmann::json& report,
                      const std::string& origin);

  /// In order of the time of the reports.
  [[nodiscard]] std::vector<HistoryEntry> List(const HistoryFilter& filter);
  /// With its cells. Throws `UsageError` when there is no such entry.
  [[nodiscard]] HistoryEntry Show(int64_t id);
  /// The text of a report, byte by byte. Throws `UsageError` when there is no such entry.
  [[nodiscard]] std::string Export(int64_t id);
  /// One series for each kind of run and cell; those without values are left out. Of `filter.last`
  /// each has so many values at most.
  [[nodiscard]] std::vector<TrendSeries> Series(const HistoryFilter& filter,
                                                const std::string& metric);
  /// The stored runs whose identity is `run`'s, but for itself.
  [[nodiscard]] std::vector<StoredRun> RunsLike(const StoredRun& run);
  /// How many entries differ from `run`, by the first part of the identity that does: "machine",
  /// "workload", "build", "measuring".
  [[nodiscard]] std::map<std::string, int64_t> UnlikeRuns(const StoredRun& run);

  [[nodiscard]] const std::string& path() const { return database_.path(); }

 private:
  HistoryStore(const std::string& path, bool create);
  void RequireOurs();
  void MakeTables();
  [[nodiscard]] std::optional<int64_t> FindDigest(const std::string& digest);
  void AddCells(int64_t id, const StoredRun& run);
  [[nodiscard]] std::vector<HistoryCell> CellsOf(int64_t id);

  SqliteDatabase database_;
};

}  // namespace coresweep
