#include "reports/stored_reports.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/core/launch.h"
#include "reports/json_values.h"
#include "reports/text.h"

namespace coresweep {
namespace {

constexpr const char* kNoFigure = "–";
constexpr const char* kMethod =
    "E-divisive with a permutation test (Matteson and James, JASA 109(505), 2014)";

OrderedJson VersionJson() {
  return {{"major", 1}, {"minor", 0}};
}

/// "2026-01-31 12:00".
std::string Moment(const std::string& rfc3339) {
  std::string text = rfc3339.substr(0, 16);
  std::replace(text.begin(), text.end(), 'T', ' ');
  return Printable(text);
}

std::optional<double> MetricOf(const HistoryCell& cell, const std::string& name) {
  const auto found = cell.metrics.find(name);
  return found == cell.metrics.end() ? std::nullopt : found->second;
}

/// The cell with the highest throughput whose answers were right; nullptr for none.
const HistoryCell* Fastest(const HistoryEntry& entry) {
  const HistoryCell* fastest = nullptr;
  for (const HistoryCell& cell : entry.cells) {
    const auto value = MetricOf(cell, "throughput");
    if (cell.verdict != "ok" || !value) continue;
    if (fastest == nullptr || *value > *MetricOf(*fastest, "throughput")) fastest = &cell;
  }
  return fastest;
}

std::string QuantityOrNone(const std::optional<double>& value) {
  return value ? Quantity(*value) : kNoFigure;
}

std::string DurationOrNone(const std::optional<double>& us) {
  return us ? Duration(*us) : kNoFigure;
}

std::string Join(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines)
    text += line;
  return text;
}

OrderedJson HeadJson(const HistoryEntry& entry) {
  return {{"id", entry.id},
          {"created", entry.created},
          {"added", entry.added},
          {"digest", entry.digest},
          {"bytes", entry.bytes},
          {"finished", entry.finished},
          {"workload", entry.workload},
          {"version", entry.version},
          {"fingerprint", entry.fingerprint},
          {"configuration", entry.configuration},
          {"identity", entry.identity}};
}

OrderedJson CellsJson(const HistoryEntry& entry) {
  OrderedJson cells = OrderedJson::array();
  for (const HistoryCell& cell : entry.cells) {
    OrderedJson json{{"id", cell.id}, {"verdict", cell.verdict}};
    for (const auto& [name, value] : cell.metrics)
      json[fmt::format("{}_{}", name,
                       name.starts_with("latency") || name == "cold_start" ? "us"
                       : name == "peak_memory"                             ? "bytes"
                                               : "items_per_s")] = OrNull(value);
    cells.push_back(std::move(json));
  }
  return cells;
}

/// "13.6 % worse".
std::string ChangeText(const TrendLevel& level) {
  if (!level.ratio) return level.p_value ? "changed" : kNoFigure;
  const double percent = 100 * std::abs(*level.ratio - 1);
  return fmt::format("{:.1f} % {}, {}", percent, *level.ratio < 1 ? "lower" : "higher",
                     level.worse ? "worse" : "better");
}

std::string FigureText(const std::string& metric, double value) {
  return metric.starts_with("latency") || metric == "cold_start" ? Duration(value)
                                                                 : Quantity(value);
}

/// Of the level at `index`; nullptr where the first run of it has the build of the run before.
const char* BuildText(const Trend& trend, size_t index) {
  const auto& points = trend.series.points;
  const size_t first = trend.levels[index].first;
  return first > 0 && points[first].build != points[first - 1].build ? "another" : "";
}

std::string RenderTrend(const Trend& trend, size_t width) {
  const TrendSeries& series = trend.series;
  const LaunchMetric* metric = FindLaunchMetric(series.metric);
  std::string text =
      Wrap(Printable(fmt::format("{} ({}) of {}: {}; {}", series.metric,
                                 metric == nullptr ? "" : metric->unit, series.cell,
                                 Plural(std::ssize(series.points), "run", "runs"), series.machine)),
           width, 2);
  text += Wrap("  " + Printable(series.workload), width, 4);
  Column runs{"  runs", false, 0, {}};
  Column from{"first", false, 3, {}};
  Column entry{"entry", true, 2, {}};
  Column median{"median", true, 0, {}};
  Column change{"change", false, 0, {}};
  Column p_value{"p", true, 1, {}};
  Column build{"build", false, 1, {}};
  for (size_t i = 0; i < trend.levels.size(); ++i) {
    const TrendLevel& level = trend.levels[i];
    runs.values.push_back(fmt::format("  {}–{}", level.first + 1, level.last + 1));
    from.values.push_back(Moment(series.points[level.first].created));
    entry.values.push_back(std::to_string(series.points[level.first].entry));
    median.values.push_back(FigureText(series.metric, level.median));
    change.values.push_back(ChangeText(level));
    p_value.values.push_back(level.p_value ? fmt::format("{:.3f}", *level.p_value) : kNoFigure);
    build.values.emplace_back(BuildText(trend, i));
  }
  return text + Join(TableLines({runs, from, entry, median, change, p_value, build}, width));
}

OrderedJson TrendJson(const Trend& trend) {
  OrderedJson points = OrderedJson::array();
  for (const TrendPoint& point : trend.series.points) {
    points.push_back({{"entry", point.entry},
                      {"created", point.created},
                      {"build", point.build},
                      {"verdict", point.verdict},
                      {"value", point.value}});
  }
  OrderedJson levels = OrderedJson::array();
  for (const TrendLevel& level : trend.levels) {
    levels.push_back({{"first_point", level.first},
                      {"last_point", level.last},
                      {"median", level.median},
                      {"ratio_to_level_before", OrNull(level.ratio)},
                      {"p_value", OrNull(level.p_value)},
                      {"worse", level.worse}});
  }
  return {{"machine", trend.series.machine},     {"workload", trend.series.workload},
          {"measuring", trend.series.measuring}, {"cell", trend.series.cell},
          {"points", std::move(points)},         {"levels", std::move(levels)}};
}

}  // namespace

std::string RenderEntries(const std::vector<HistoryEntry>& entries, size_t width) {
  Column workload{"workload", false, 0, {}};
  Column id{"id", true, 0, {}};
  Column created{"created (UTC)", false, 0, {}};
  Column machine{"fingerprint", false, 1, {}};
  Column configuration{"configuration", false, 2, {}};
  Column cells{"cells", true, 3, {}};
  Column fastest{"items/s", true, 4, {}};
  Column state{"", false, 5, {}};
  for (const HistoryEntry& entry : entries) {
    const HistoryCell* best = Fastest(entry);
    workload.values.push_back(Printable(entry.workload));
    id.values.push_back(std::to_string(entry.id));
    created.values.push_back(Moment(entry.created));
    machine.values.push_back(Printable(entry.fingerprint));
    configuration.values.push_back(Printable(entry.configuration));
    cells.values.push_back(std::to_string(entry.cells.size()));
    fastest.values.push_back(best == nullptr ? kNoFigure
                                             : Quantity(*MetricOf(*best, "throughput")));
    state.values.emplace_back(entry.finished ? "" : "not finished");
  }
  return Join(
      TableLines({workload, id, created, machine, configuration, cells, fastest, state}, width));
}

OrderedJson EntriesJson(const std::vector<HistoryEntry>& entries) {
  OrderedJson list = OrderedJson::array();
  for (const HistoryEntry& entry : entries) {
    OrderedJson json = HeadJson(entry);
    json["cells"] = entry.cells.size();
    list.push_back(std::move(json));
  }
  return {{"schema", "coresweep.history"},
          {"schema_version", VersionJson()},
          {"entries", std::move(list)}};
}

std::string RenderEntry(const HistoryEntry& entry, size_t width) {
  std::string text =
      fmt::format("{}: {}, measured {} UTC by coresweep {}, stored {}{}\n", entry.id,
                  Printable(entry.workload), Moment(entry.created), Printable(entry.version),
                  Moment(entry.added), entry.finished ? "" : "; not finished");
  for (const auto& [name, value] : entry.identity)
    text += Wrap(fmt::format("{}: {}", name, Printable(value)), width, 2);
  text += fmt::format("configuration: {}\n", Printable(entry.configuration));
  Column cell{"cell", false, 0, {}};
  Column throughput{"items/s", true, 0, {}};
  Column p50{"p50", true, 2, {}};
  Column p99{"p99", true, 1, {}};
  Column verdict{"verdict", false, 0, {}};
  for (const HistoryCell& row : entry.cells) {
    cell.values.push_back(Printable(row.id));
    throughput.values.push_back(QuantityOrNone(MetricOf(row, "throughput")));
    p50.values.push_back(DurationOrNone(MetricOf(row, "latency_p50")));
    p99.values.push_back(DurationOrNone(MetricOf(row, "latency_p99")));
    verdict.values.push_back(Printable(row.verdict));
  }
  return text + Join(TableLines({cell, throughput, p50, p99, verdict}, width));
}

OrderedJson EntryJson(const HistoryEntry& entry) {
  OrderedJson json{{"schema", "coresweep.history_entry"}, {"schema_version", VersionJson()}};
  json.update(HeadJson(entry));
  json["cells"] = CellsJson(entry);
  return json;
}

std::string RenderTrends(const std::vector<Trend>& trends, const TrendQuestion& question,
                         size_t width) {
  std::string text;
  for (const Trend& trend : trends)
    text += RenderTrend(trend, width) + "\n";
  return text + Wrap(fmt::format("Changes: {}; {} permutations, significance {}, each level of at "
                                 "least {} runs. Significance is of each series for itself.",
                                 kMethod, question.setup.permutations, question.setup.significance,
                                 question.setup.least_values),
                     width, 2);
}

OrderedJson TrendsJson(const std::vector<Trend>& trends, const TrendQuestion& question) {
  OrderedJson series = OrderedJson::array();
  for (const Trend& trend : trends)
    series.push_back(TrendJson(trend));
  const LaunchMetric* metric = FindLaunchMetric(question.metric);
  return {{"schema", "coresweep.history_trend"},
          {"schema_version", VersionJson()},
          {"metric", question.metric},
          {"unit", metric == nullptr ? OrderedJson(nullptr) : OrderedJson(metric->unit)},
          {"higher_is_better", metric != nullptr && metric->higher_is_better},
          {"method",
           {{"name", kMethod},
            {"significance", question.setup.significance},
            {"permutations", question.setup.permutations},
            {"least_runs_a_level", question.setup.least_values},
            {"seed", question.setup.seed}}},
          {"series", std::move(series)}};
}

}  // namespace coresweep
