// `coresweep history`: reports kept in a database, and what became of their figures.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/commands.h"
#include "bench/exit_codes.h"
#include "bench/history_store.h"
#include "bench/out_of_memory.h"
#include "bench/report_file.h"
#include "bench/terminal.h"
#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "reports/history_export.h"
#include "reports/json_values.h"
#include "reports/stored_reports.h"
#include "reports/text.h"

namespace coresweep {
namespace {

/// The search takes time with the square of the runs of a series.
constexpr int64_t kMostTrendRuns = 500;

struct HistoryOptions {
  std::string db;
  std::vector<std::string> reports;
  HistoryFilter filter;
  int64_t trend_runs = 200;
  int64_t id = 0;
  std::string output;
  std::string format = "json";  ///< of `export`
  TrendQuestion question{"throughput", {}};
  bool json = false;
};

using HistoryAction = int (*)(const HistoryOptions&, const std::string& path);

void PrintAddition(const std::string& file, const HistoryAddition& addition) {
  fmt::print("{}\n", Printable(fmt::format(
                         "{}: {} {}", file,
                         addition.fresh ? "stored as" : "the same report is stored already as",
                         addition.id)));
  std::fflush(stdout);  // what was said to be stored is
}

int Add(const HistoryOptions& options, const std::string& path) {
  std::optional<HistoryStore> store;  // not made for files that are no reports
  int code = kExitOk;
  for (const std::string& file : options.reports) {
    try {
      const std::string text = ReadReportText(file);
      const nlohmann::json report = ParseSweepReport(text, file);
      if (!store) store.emplace(HistoryStore::OpenOrCreate(path));
      PrintAddition(file, store->Add(text, report, file));
    } catch (const UsageError& error) {
      fmt::print(stderr, "coresweep: {}\n", Printable(error.what()));
      code = kExitUsage;
    }
  }
  return code;
}

int List(const HistoryOptions& options, const std::string& path) {
  const std::vector<HistoryEntry> entries = HistoryStore::Open(path).List(options.filter);
  if (options.json) {
    fmt::print("{}", DumpIndented(EntriesJson(entries)));
  } else if (entries.empty()) {
    fmt::print("{}\n", Printable(path + ": no such report"));
  } else {
    fmt::print("{}", RenderEntries(entries, TerminalWidth(1)));
  }
  return kExitOk;
}

int Show(const HistoryOptions& options, const std::string& path) {
  const HistoryEntry entry = HistoryStore::Open(path).Show(options.id);
  if (options.json) {
    fmt::print("{}", DumpIndented(EntryJson(entry)));
  } else {
    fmt::print("{}", RenderEntry(entry, TerminalWidth(1)));
  }
  return kExitOk;
}

void Write(const std::string& text, const std::string& output) {
  if (output.empty()) {
    std::fwrite(text.data(), 1, text.size(), stdout);  // as it is, whatever its bytes
  } else {
    WriteFileAtomically(output, text);
  }
}

/// The runs among `entries` that are to be like: that of --id, or the latest.
const HistoryEntry& ModelOf(const std::vector<HistoryEntry>& entries, const HistoryOptions& options,
                            const std::string& path) {
  if (entries.empty()) throw UsageError(path + ": no such report");
  if (options.id == 0) return entries.back();
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const HistoryEntry& entry) {
    return entry.id == options.id;
  });
  if (found == entries.end())
    throw UsageError(fmt::format("{}: the options leave out report {}", path, options.id));
  return *found;
}

/// What is not in the table goes to stderr: the table may be on stdout.
void TellLeftOut(const HistoryTable& table, const HistoryEntry& like) {
  const auto tell = [](const std::string& what) {
    fmt::print(stderr, "coresweep: {}\n", Printable(what));
  };
  if (table.unlike > 0) {
    tell(fmt::format("{} left out: another machine, workload or way of measuring than report {}",
                     Plural(table.unlike, "run is", "runs are"), like.id));
  }
  if (table.lacking > 0) {
    tell(fmt::format("{} left out: without a value in a column, and Otava reads no empty field",
                     Plural(table.lacking, "run is", "runs are")));
  }
  for (const std::string& cell : table.empty)
    tell(fmt::format("{} has no column: report {} has no value of it", cell, like.id));
}

int ExportOtava(const HistoryOptions& options, const std::string& path) {
  HistoryStore store = HistoryStore::Open(path);
  if (options.id != 0) (void)store.Show(options.id);  // says so where there is none
  const std::vector<HistoryEntry> entries = store.List(options.filter);
  const HistoryEntry& like = ModelOf(entries, options, path);
  const HistoryTable table = RenderOtavaHistory(entries, like, options.filter.cell);
  if (table.runs == 0) {
    throw UsageError(fmt::format(
        "{}: report {} has no value to export: give another one, or --cell", path, like.id));
  }
  Write(table.csv, options.output);
  TellLeftOut(table, like);
  return kExitOk;
}

int Export(const HistoryOptions& options, const std::string& path) {
  if (options.format == "otava") return ExportOtava(options, path);
  if (options.id == 0)
    throw UsageError("history export: give the number of a report, or --format otava");
  const HistoryFilter& filter = options.filter;
  if (!filter.workload.empty() || !filter.fingerprint.empty() || !filter.since.empty() ||
      !filter.cell.empty() || filter.last > 0)
    throw UsageError("history export: options that choose runs go with --format otava");
  Write(HistoryStore::Open(path).Export(options.id), options.output);
  return kExitOk;
}

int ShowTrend(const HistoryOptions& options, const std::string& path) {
  HistoryFilter filter = options.filter;
  filter.last = options.trend_runs;
  std::vector<Trend> trends;
  for (TrendSeries& series : HistoryStore::Open(path).Series(filter, options.question.metric)) {
    std::vector<TrendLevel> levels = LevelsOf(series, options.question.setup);
    trends.push_back({std::move(series), std::move(levels)});
  }
  if (options.json) {
    fmt::print("{}", DumpIndented(TrendsJson(trends, options.question)));
  } else if (trends.empty()) {
    fmt::print("{}\n", Printable(path + ": no such run with a value"));
  } else {
    fmt::print("{}", RenderTrends(trends, options.question, TerminalWidth(1)));
  }
  return kExitOk;
}

void DeclareFilter(CLI::App& command, HistoryFilter& filter) {
  command.add_option("--workload", filter.workload, "part of the name of workload and model")
      ->option_text("TEXT");
  command
      .add_option("--fingerprint", filter.fingerprint,
                  "of the machine, or its beginning; `coresweep host` prints that of this one")
      ->option_text("HEX");
  command.add_option("--since", filter.since, "measured on this day or later (UTC)")
      ->option_text("YYYY-MM-DD");
  command.add_option("--cell", filter.cell, "part of the id of a cell")->option_text("TEXT");
}

void DeclareTrend(CLI::App& command, HistoryOptions& options) {
  DeclareFilter(command, options.filter);
  command.add_option("--metric", options.question.metric, "figure (default throughput)")
      ->option_text("NAME")
      ->check(CLI::IsMember(StoredMetrics()));
  command
      .add_option("--last", options.trend_runs,
                  fmt::format("so many runs of each series, the latest (default 200, at most {})",
                              kMostTrendRuns))
      ->option_text("N")
      ->check(CLI::Range(int64_t{1}, kMostTrendRuns));
  command
      .add_option("--significance", options.question.setup.significance,
                  "greatest p-value that is a change, from 0.001 (default 0.01)")
      ->option_text("P")
      ->check(CLI::Range(0.001, 0.5));
  command.add_option("--seed", options.question.setup.seed, "of the permutations (default 1)")
      ->option_text("N");
}

void DeclareExport(CLI::App& command, HistoryOptions& options) {
  command.add_option("id", options.id, "number that `list` shows")
      ->option_text("ID")
      ->check(CLI::PositiveNumber);
  command.add_option("--format", options.format, "json (default), the report; or otava")
      ->option_text("NAME")
      ->check(CLI::IsMember({"json", "otava"}));
  DeclareFilter(command, options.filter);
  command.add_option("--last", options.filter.last, "so many, the latest (default: all)")
      ->option_text("N")
      ->check(CLI::PositiveNumber);
  command.add_option("-o,--output", options.output, "file (default: standard output)")
      ->option_text("FILE");
}

struct Subcommand {
  const char* name;
  const char* help;
  const char* footer;
  HistoryAction action;
};

}  // namespace

void DeclareHistory(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "history", "Keep reports of `coresweep run` in a database; show how figures changed");
  command->require_subcommand(1);
  command->footer(
      "The database is an SQLite file: $XDG_DATA_HOME/coresweep/history.db, else "
      "~/.local/share/coresweep/history.db, or that of --db. `coresweep gate --baseline history` "
      "compares with what it holds.\n\nExit codes: 0 done; 1 the file could not be written; 2 an "
      "option, a report or the file is not what it should be.\n\nExamples:\n"
      "  coresweep history add report.json\n"
      "  coresweep history list --workload encoder --since 2026-01-01\n"
      "  coresweep history trend --cell processes/w2/ --metric latency_p99\n"
      "  coresweep history export 12 -o report.json\n"
      "  coresweep history export --format otava --since 2026-01-01 -o runs.csv");
  const auto options = std::make_shared<HistoryOptions>();
  const auto declare = [&](const Subcommand& row) {
    CLI::App* sub = command->add_subcommand(row.name, row.help);
    sub->add_option("--db", options->db, "the database (default: see `coresweep history --help`)")
        ->option_text("FILE");
    sub->footer(row.footer);
    sub->callback([options, &action, run = row.action] {
      action = [options, run](const ProgramContext& program) {
        EndWhenOutOfMemory();
        return run(*options,
                   options->db.empty() ? DefaultHistoryPath(program.environment) : options->db);
      };
    });
    return sub;
  };
  CLI::App* add = declare({"add", "Store reports",
                           "Each is held against its schema and stored as "
                           "a whole or not at all; one that is stored already is told. The others "
                           "are stored also when one is refused.",
                           Add});
  add->add_option("reports", options->reports, "reports of `coresweep run`")
      ->option_text("REPORT.json ...")
      ->required();
  CLI::App* list = declare({"list", "What is stored, by the time of the reports",
                            "items/s is that of the fastest cell with the verdict ok.", List});
  DeclareFilter(*list, options->filter);
  list->add_option("--last", options->filter.last, "so many, the latest (default: all)")
      ->option_text("N")
      ->check(CLI::PositiveNumber);
  list->add_flag("--json", options->json, "as JSON");
  CLI::App* show = declare({"show", "One report and its cells", "", Show});
  show->add_option("id", options->id, "number that `list` shows")->option_text("ID")->required();
  show->add_flag("--json", options->json, "as JSON");
  CLI::App* trend = declare(
      {"trend", "How a figure changed over the runs",
       "One series for each cell, machine, workload and way of measuring; builds may differ. "
       "Levels are told apart by E-divisive with a permutation test (Matteson and James, JASA "
       "109(505), 2014): the same runs and seed give the same answer.",
       ShowTrend});
  DeclareTrend(*trend, *options);
  trend->add_flag("--json", options->json, "as JSON, with all values");
  CLI::App* export_command = declare(
      {"export", "A report as it was stored, byte by byte; or runs as CSV for Apache Otava",
       "--format otava: a row for each run that is like the one given, else like the latest, in "
       "machine, workload and way of measuring; builds may differ. Columns: throughput (items/s) "
       "and median latency (us) of its cells. Runs without a value there are left out, and said.",
       Export});
  DeclareExport(*export_command, *options);
}

}  // namespace coresweep
