#include "bench/history_store.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/base/clock.h"
#include "harness/base/digest.h"
#include "harness/base/error.h"
#include "reports/json_values.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

constexpr int kBusyMs = 30'000;
constexpr int64_t kApplication = 0x43537768;  // "CSwh", in the file's header
constexpr int64_t kVersion = 1;

/// Parts of `StoredRun::identity`, each a column.
constexpr std::array kIdentity{"machine", "workload", "build", "measuring"};

constexpr const char* kTables =
    "CREATE TABLE report (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE,"
    " created TEXT NOT NULL, added TEXT NOT NULL, bytes INTEGER NOT NULL,"
    " finished INTEGER NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL,"
    " fingerprint TEXT NOT NULL, configuration TEXT NOT NULL, machine TEXT NOT NULL,"
    " workload TEXT NOT NULL, build TEXT NOT NULL, measuring TEXT NOT NULL);"
    "CREATE INDEX report_identity ON report (fingerprint, workload, configuration);"
    // Apart from what lists read, as it is large.
    "CREATE TABLE content (report INTEGER PRIMARY KEY REFERENCES report, json BLOB NOT NULL);"
    "CREATE TABLE cell (report INTEGER NOT NULL REFERENCES report, place INTEGER NOT NULL,"
    " id TEXT NOT NULL, verdict TEXT NOT NULL, throughput REAL, latency_p50 REAL,"
    " latency_p99 REAL, peak_memory REAL, cold_start REAL, PRIMARY KEY (report, place))"
    " WITHOUT ROWID;"
    "CREATE INDEX cell_id ON cell (id);";

constexpr const char* kEntryColumns =
    "SELECT r.id, r.created, r.added, r.digest, r.bytes, r.finished, r.name, r.version,"
    " r.fingerprint, r.configuration, r.machine, r.workload, r.build, r.measuring FROM report r";

/// Columns of the table of cells are named as the metrics.
std::string MetricColumns() {
  return "throughput, latency_p50, latency_p99, peak_memory, cold_start";
}

std::string TextAt(const nlohmann::json& json, const char* key) {
  const auto found = json.find(key);
  return found == json.end() || !found->is_string() ? "" : found->get<std::string>();
}

std::string DigestOf(const nlohmann::json& json) {
  const std::string text = json.dump();
  return DigestHex(Digest(std::as_bytes(std::span(text))));
}

std::string NameOf(const nlohmann::json& workload) {
  const std::string name = TextAt(workload, "name");
  const std::string model = TextAt(workload, "model");
  return model.empty() || model == name ? name : fmt::format("{} {}", name, model);
}

HistoryEntry EntryOf(const SqliteStatement& row) {
  HistoryEntry entry;
  entry.id = row.Integer(0);
  entry.created = row.Text(1);
  entry.added = row.Text(2);
  entry.digest = row.Text(3);
  entry.bytes = row.Integer(4);
  entry.finished = row.Integer(5) != 0;
  entry.workload = row.Text(6);
  entry.version = row.Text(7);
  entry.fingerprint = row.Text(8);
  entry.configuration = row.Text(9);
  for (size_t i = 0; i < kIdentity.size(); ++i)
    entry.identity[kIdentity[i]] = row.Text(10 + static_cast<int>(i));
  return entry;
}

/// instr and lower instead of LIKE, which takes % and _ for patterns.
constexpr const char* kFilter =
    " WHERE (?1 = '' OR instr(lower(r.name), lower(?1)) > 0)"
    " AND (?2 = '' OR substr(r.fingerprint, 1, length(?2)) = ?2) AND r.created >= ?3";

void BindFilter(const HistoryFilter& filter, SqliteStatement& statement) {
  statement.Bind(0, filter.workload).Bind(1, filter.fingerprint).Bind(2, filter.since);
}

[[noreturn]] void ThrowNoEntry(const std::string& path, int64_t id) {
  throw UsageError(
      fmt::format("{}: holds no report {}; `coresweep history list` names them", path, id));
}

std::string ValueOfVariable(const std::vector<std::string>& environment, std::string_view name) {
  for (const std::string& variable : environment) {
    if (variable.starts_with(name) && variable.size() > name.size() && variable[name.size()] == '=')
      return variable.substr(name.size() + 1);
  }
  return "";
}

void MakeFolderOf(const fs::path& path) {
  if (!path.has_parent_path()) return;
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error)
    throw UsageError(fmt::format("{}: cannot make its folder: {}", path.string(), error.message()));
}

}  // namespace

std::string DefaultHistoryPath(const std::vector<std::string>& environment) {
  // The XDG Base Directory Specification: a path that is not absolute is to be ignored.
  const std::string data = ValueOfVariable(environment, "XDG_DATA_HOME");
  if (data.starts_with('/')) return data + "/coresweep/history.db";
  const std::string home = ValueOfVariable(environment, "HOME");
  if (home.starts_with('/')) return home + "/.local/share/coresweep/history.db";
  throw UsageError("history: neither XDG_DATA_HOME nor HOME says where it is; name it with --db");
}

HistoryStore::HistoryStore(const std::string& path, bool create)
    : database_(path, create, kBusyMs) {
  RequireOurs();
  // EXTRA: the journal's removal, which commits, is on the disk before anything is said of it.
  database_.Execute("PRAGMA synchronous = EXTRA");
  if (create) MakeTables();
}

HistoryStore HistoryStore::Open(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    throw UsageError(
        fmt::format("{}: no history; `coresweep history add REPORT.json` begins one", path));
  }
  try {
    return {path, false};
  } catch (const SqliteError& failed) {
    throw UsageError(failed.what());
  }
}

HistoryStore HistoryStore::OpenOrCreate(const std::string& path) {
  MakeFolderOf(path);
  try {
    return {path, true};
  } catch (const SqliteError& failed) {
    if (failed.code() != SQLITE_CANTOPEN) throw;
    throw UsageError(failed.what());
  }
}

void HistoryStore::RequireOurs() {
  int64_t application = 0;
  int64_t version = 0;
  int64_t tables = 0;
  try {
    database_.Execute("BEGIN");  // one look: another process may be making the tables
    application = database_.Number("PRAGMA application_id");
    version = database_.Number("PRAGMA user_version");
    tables = database_.Number("SELECT count(*) FROM sqlite_master");
    database_.Execute("COMMIT");
  } catch (const SqliteError& error) {
    if (error.code() != SQLITE_NOTADB && error.code() != SQLITE_CORRUPT) throw;
    throw UsageError(fmt::format(
        "{}: no history of coresweep: {}", path(),
        error.code() == SQLITE_NOTADB ? "it is no SQLite file" : "the file is damaged"));
  }
  if (application != kApplication && (application != 0 || tables > 0))
    throw UsageError(fmt::format("{}: a database of another program; name another --db", path()));
  if (application == kApplication && version != kVersion) {
    throw UsageError(fmt::format(
        "{}: a history of version {}, made by a later coresweep; this program reads version {}",
        path(), version, kVersion));
  }
}

void HistoryStore::MakeTables() {
  if (database_.Number("PRAGMA application_id") == kApplication) return;
  SqliteTransaction transaction(database_);
  // Another process may have made them while this one waited.
  if (database_.Number("PRAGMA application_id") == kApplication) return;
  database_.Execute(kTables);
  database_.Execute(
      fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kApplication, kVersion));
  transaction.Commit();
}

std::optional<int64_t> HistoryStore::FindDigest(const std::string& digest) {
  SqliteStatement find(database_, "SELECT id FROM report WHERE digest = ?");
  if (!find.Bind(0, digest).Step()) return std::nullopt;
  return find.Integer(0);
}

void HistoryStore::AddCells(int64_t id, const StoredRun& run) {
  SqliteStatement add(database_, fmt::format("INSERT INTO cell (report, place, id, verdict, {}) "
                                             "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                             MetricColumns()));
  int64_t place = 0;
  for (const StoredCell& cell : run.cells) {
    add.Bind(0, id).Bind(1, place++).Bind(2, cell.id).Bind(3, cell.verdict);
    int column = 4;
    for (const std::string& metric : StoredMetrics())
      add.Bind(column++, cell.metrics.at(metric).value);
    add.Run();
  }
}

HistoryAddition HistoryStore::Add(const std::string& text, const nlohmann::json& report,
                                  const std::string& origin) {
  if (!report.at("created").is_string() || report.value("deterministic", false)) {
    throw UsageError(fmt::format(
        "{}: says not when it was measured (written by --deterministic?): store the report itself",
        origin));
  }
  const StoredRun run = ReadStoredRun(report, origin);
  const std::string name = NameOf(report.at("workload"));
  const std::string version = TextAt(report.at("tool"), "version");
  const std::string fingerprint = TextAt(report.at("host"), "fingerprint");
  const std::string configuration = DigestOf(report.at("config").at("effective"));
  const std::string added = TimestampJson(UnixMs()).get<std::string>();
  SqliteTransaction transaction(database_);
  if (const auto id = FindDigest(run.digest)) return {*id, false};
  SqliteStatement add(database_,
                      "INSERT INTO report (created, added, digest, bytes, finished, name, version,"
                      " fingerprint, configuration, machine, workload, build, measuring)"
                      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  add.Bind(0, run.created).Bind(1, added).Bind(2, run.digest);
  add.Bind(3, static_cast<int64_t>(text.size())).Bind(4, int64_t{run.finished}).Bind(5, name);
  add.Bind(6, version).Bind(7, fingerprint).Bind(8, configuration);
  for (size_t i = 0; i < kIdentity.size(); ++i)
    add.Bind(9 + static_cast<int>(i), run.identity.at(kIdentity[i]));
  add.Run();
  const int64_t id = database_.LastInsertId();
  SqliteStatement content(database_, "INSERT INTO content (report, json) VALUES (?, ?)");
  content.Bind(0, id).BindBlob(1, text).Run();
  AddCells(id, run);
  transaction.Commit();
  return {id, true};
}

std::vector<HistoryEntry> HistoryStore::List(const HistoryFilter& filter) {
  SqliteStatement rows(
      database_,
      fmt::format("SELECT * FROM ({}{} AND (?4 = '' OR EXISTS (SELECT 1 FROM cell c WHERE"
                  " c.report = r.id AND instr(c.id, ?4) > 0)) ORDER BY r.created DESC, r.id DESC"
                  " LIMIT ?5) ORDER BY created, id",
                  kEntryColumns, kFilter));
  BindFilter(filter, rows);
  rows.Bind(3, filter.cell).Bind(4, filter.last > 0 ? filter.last : int64_t{-1});
  std::vector<HistoryEntry> entries;
  while (rows.Step())
    entries.push_back(EntryOf(rows));
  for (HistoryEntry& entry : entries)
    entry.cells = CellsOf(entry.id);
  return entries;
}

std::vector<HistoryCell> HistoryStore::CellsOf(int64_t id) {
  SqliteStatement rows(database_, fmt::format("SELECT id, verdict, {} FROM cell WHERE report = ? "
                                              "ORDER BY place",
                                              MetricColumns()));
  rows.Bind(0, id);
  std::vector<HistoryCell> cells;
  while (rows.Step()) {
    HistoryCell cell{rows.Text(0), rows.Text(1), {}};
    int column = 2;
    for (const std::string& metric : StoredMetrics())
      cell.metrics[metric] = rows.Real(column++);
    cells.push_back(std::move(cell));
  }
  return cells;
}

HistoryEntry HistoryStore::Show(int64_t id) {
  SqliteStatement row(database_, fmt::format("{} WHERE r.id = ?", kEntryColumns));
  if (!row.Bind(0, id).Step()) ThrowNoEntry(path(), id);
  HistoryEntry entry = EntryOf(row);
  entry.cells = CellsOf(id);
  return entry;
}

std::string HistoryStore::Export(int64_t id) {
  SqliteStatement row(database_, "SELECT json FROM content WHERE report = ?");
  if (!row.Bind(0, id).Step()) ThrowNoEntry(path(), id);
  return row.Text(0);
}

std::vector<TrendSeries> HistoryStore::Series(const HistoryFilter& filter,
                                              const std::string& metric) {
  // `metric` is one of StoredMetrics, as the caller has checked: it names a column.
  SqliteStatement rows(
      database_,
      fmt::format("SELECT r.machine, r.workload, r.measuring, c.id, r.id, r.created, r.build,"
                  " c.verdict, c.{0} FROM report r JOIN cell c ON c.report = r.id{1}"
                  " AND (?4 = '' OR instr(c.id, ?4) > 0) AND c.{0} IS NOT NULL"
                  " ORDER BY r.machine, r.workload, r.measuring, c.id, r.created, r.id",
                  metric, kFilter));
  BindFilter(filter, rows);
  rows.Bind(3, filter.cell);
  std::vector<TrendSeries> all;
  while (rows.Step()) {
    const std::array<std::string, 4> key{rows.Text(0), rows.Text(1), rows.Text(2), rows.Text(3)};
    if (all.empty() || key != std::array<std::string, 4>{all.back().machine, all.back().workload,
                                                         all.back().measuring, all.back().cell})
      all.push_back({key[0], key[1], key[2], key[3], metric, {}});
    all.back().points.push_back(
        {rows.Integer(4), rows.Text(5), rows.Text(6), rows.Text(7), *rows.Real(8)});
  }
  for (TrendSeries& series : all) {
    const auto most = static_cast<size_t>(filter.last);
    if (most > 0 && series.points.size() > most)
      series.points.erase(series.points.begin(), series.points.end() - filter.last);
  }
  return all;
}

std::vector<StoredRun> HistoryStore::RunsLike(const StoredRun& run) {
  SqliteStatement rows(database_,
                       "SELECT r.id, t.json FROM report r JOIN content t ON t.report = r.id WHERE"
                       " r.machine = ? AND r.workload = ? AND r.build = ? AND r.measuring = ?"
                       " AND r.digest <> ? ORDER BY r.created, r.id");
  for (size_t i = 0; i < kIdentity.size(); ++i)
    rows.Bind(static_cast<int>(i), run.identity.at(kIdentity[i]));
  rows.Bind(static_cast<int>(kIdentity.size()), run.digest);
  std::vector<StoredRun> runs;
  while (rows.Step()) {
    const std::string name = fmt::format("{}#{}", path(), rows.Integer(0));
    runs.push_back(ReadStoredRun(nlohmann::json::parse(rows.Text(1)), name));
  }
  return runs;
}

std::map<std::string, int64_t> HistoryStore::UnlikeRuns(const StoredRun& run) {
  SqliteStatement rows(database_,
                       "SELECT CASE WHEN machine <> ?1 THEN 'machine'"
                       " WHEN workload <> ?2 THEN 'workload' WHEN build <> ?3 THEN 'build'"
                       " ELSE 'measuring' END AS part, count(*) FROM report WHERE machine <> ?1 OR"
                       " workload <> ?2 OR build <> ?3 OR measuring <> ?4 GROUP BY part");
  for (size_t i = 0; i < kIdentity.size(); ++i)
    rows.Bind(static_cast<int>(i), run.identity.at(kIdentity[i]));
  std::map<std::string, int64_t> counts;
  while (rows.Step())
    counts[rows.Text(0)] = rows.Integer(1);
  return counts;
}

}  // namespace coresweep
