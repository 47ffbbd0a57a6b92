#include "reports/history_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "harness/base/error.h"
#include "harness/core/gate_sentence.h"
#include "reports/json_values.h"
#include "reports/text.h"

namespace coresweep {
namespace {

constexpr int kHistoryMajor = 1;
constexpr int kHistoryMinor = 1;

OrderedJson SetupJson(const HistorySetup& setup) {
  OrderedJson metrics = OrderedJson::array();
  for (const GateMetric& metric : setup.metrics) {
    metrics.push_back({{"name", metric.name},
                       {"unit", metric.unit},
                       {"higher_is_better", metric.higher_is_better}});
  }
  return {{"tolerated", setup.tolerated},  {"must_catch", setup.must_catch},
          {"alpha", setup.alpha},          {"least_runs", setup.least_runs},
          {"metrics", std::move(metrics)}, {"cells", setup.cells}};
}

HistorySetup SetupFromJson(const nlohmann::json& json) {
  HistorySetup setup;
  setup.tolerated = json.at("tolerated").get<double>();
  setup.must_catch = json.at("must_catch").get<double>();
  setup.alpha = json.at("alpha").get<double>();
  setup.least_runs = json.at("least_runs").get<int64_t>();
  for (const auto& metric : json.at("metrics")) {
    setup.metrics.push_back({metric.at("name").get<std::string>(),
                             metric.at("unit").get<std::string>(),
                             metric.at("higher_is_better").get<bool>()});
  }
  setup.cells = json.at("cells").get<std::vector<std::string>>();
  return setup;
}

OrderedJson ComparisonJson(const HistoryLog& log, const HistoryComparison& comparison) {
  const GateMetric& metric = log.setup.metrics.at(comparison.metric);
  return {{"cell", comparison.cell},
          {"metric", metric.name},
          {"unit", metric.unit},
          {"history", comparison.history},
          {"runs", comparison.runs},
          {"value", OrNull(comparison.value)},
          {"why_no_value", TextOrNull(comparison.why_no_value)}};
}

/// The run of each of `values`, of `stored` in all.
std::vector<size_t> RunsFromJson(const nlohmann::json& json, size_t values, size_t stored) {
  const auto found = json.find("runs");
  if (found == json.end() || found->empty()) return {};
  auto runs = found->get<std::vector<size_t>>();
  const bool in_order = std::is_sorted(runs.begin(), runs.end(), std::less_equal<>());
  if (runs.size() != values || !in_order || runs.back() >= stored)
    throw Error("the runs of a comparison are not those of its values");
  return runs;
}

HistoryComparison ComparisonFromJson(const HistorySetup& setup, const nlohmann::json& json,
                                     size_t stored) {
  HistoryComparison comparison;
  comparison.cell = json.at("cell").get<std::string>();
  const auto metric = std::find_if(
      setup.metrics.begin(), setup.metrics.end(),
      [&](const GateMetric& known) { return known.name == json.at("metric").get<std::string>(); });
  if (metric == setup.metrics.end()) throw Error("a comparison of a metric that is not gated");
  comparison.metric = static_cast<size_t>(metric - setup.metrics.begin());
  comparison.history = json.at("history").get<std::vector<double>>();
  if (!json.at("value").is_null()) comparison.value = json.at("value").get<double>();
  if (!json.at("why_no_value").is_null())
    comparison.why_no_value = json.at("why_no_value").get<std::string>();
  comparison.runs = RunsFromJson(json, comparison.history.size(), stored);
  const auto above_zero = [](double value) { return value > 0; };
  if (!std::all_of(comparison.history.begin(), comparison.history.end(), above_zero) ||
      (comparison.value && !above_zero(*comparison.value)))
    throw Error("a value that is not above 0");
  return comparison;
}

OrderedJson RunJson(const StoredRun& run) {
  return {{"file", run.name},
          {"created", run.created},
          {"digest", run.digest},
          {"machine", run.identity.at("machine")},
          {"workload", run.identity.at("workload")},
          {"build", run.identity.at("build")}};
}

}  // namespace

OrderedJson HistoryOutcomeJson(const HistoryLog& log, const HistoryOutcome& outcome) {
  OrderedJson judgements = OrderedJson::array();
  for (size_t i = 0; i < outcome.judgements.size(); ++i) {
    const HistoryJudgement& judgement = outcome.judgements[i];
    const HistoryComparison& comparison = log.comparisons[i];
    judgements.push_back({{"cell", comparison.cell},
                          {"metric", log.setup.metrics.at(comparison.metric).name},
                          {"state", NameOf(judgement.state)},
                          {"worse_ratio", OrNull(judgement.ratio)},
                          {"low", OrNull(judgement.low)},
                          {"high", OrNull(judgement.high)},
                          {"why_open", TextOrNull(judgement.why_open)}});
  }
  return {{"verdict", NameOf(outcome.verdict)},
          {"exit_code", ExitCodeOf(outcome.verdict)},
          {"advisory", outcome.advisory},
          {"sentence", outcome.sentence},
          {"judgements", std::move(judgements)}};
}

OrderedJson HistoryReportJson(const HistoryReportHead& head, const HistoryLog& log) {
  OrderedJson baseline = OrderedJson::array();
  for (const StoredRun& run : head.baseline)
    baseline.push_back(RunJson(run));
  OrderedJson comparisons = OrderedJson::array();
  for (const HistoryComparison& comparison : log.comparisons)
    comparisons.push_back(ComparisonJson(log, comparison));
  OrderedJson refused = nullptr;
  if (!log.refused.empty()) refused = {{"verdict", NameOf(log.refused_as)}, {"why", log.refused}};
  return {{"schema", "coresweep.history_gate"},
          {"schema_version", {{"major", kHistoryMajor}, {"minor", kHistoryMinor}}},
          {"created", TimestampJson(head.created_unix_ms)},
          {"tool", OrderedJson::parse(head.tool_json)},
          {"argv", head.argv},
          {"candidate", RunJson(head.candidate)},
          {"baseline", std::move(baseline)},
          {"method",
           "prediction interval for one more run (Student's t over logarithms of the stored runs' "
           "values); alpha is shared among the comparisons"},
          {"setup", SetupJson(log.setup)},
          {"runs", log.runs},
          {"refused", std::move(refused)},
          {"comparisons", std::move(comparisons)},
          {"outcome", HistoryOutcomeJson(log, JudgeHistory(log))}};
}

bool IsHistoryReport(const nlohmann::json& report) {
  return report.is_object() && report.contains("schema") &&
         report["schema"] == "coresweep.history_gate";
}

HistoryLog HistoryLogFromReport(const nlohmann::json& report, const std::string& origin) {
  try {
    const int major = report.at("schema_version").at("major").get<int>();
    if (major != kHistoryMajor) {
      throw UsageError(fmt::format("{}: schema version {}, this program reads {}", origin, major,
                                   kHistoryMajor));
    }
    HistoryLog log;
    log.setup = SetupFromJson(report.at("setup"));
    log.runs = report.at("runs").get<int64_t>();
    if (const auto& refused = report.at("refused"); !refused.is_null()) {
      log.refused_as = GateVerdictFromName(refused.at("verdict").get<std::string>());
      log.refused = refused.at("why").get<std::string>();
    }
    const size_t stored = report.at("baseline").size();
    for (const auto& comparison : report.at("comparisons"))
      log.comparisons.push_back(ComparisonFromJson(log.setup, comparison, stored));
    if (log.refused.empty() && log.comparisons.empty()) throw Error("nothing is compared");
    CheckHistorySetup(log.setup);
    return log;
  } catch (const nlohmann::json::exception& error) {
    throw UsageError(fmt::format("{}: damaged: {}", origin, error.what()));
  } catch (const UsageError&) {
    throw;
  } catch (const Error& error) {
    throw UsageError(fmt::format("{}: damaged: {}", origin, error.what()));
  }
}

std::string RenderHistoryConsole(const HistoryLog& log, const HistoryOutcome& outcome,
                                 size_t width) {
  std::string text = Wrap(Printable(outcome.sentence), width, 2);
  for (size_t i = 0; i < outcome.judgements.size(); ++i) {
    const HistoryComparison& comparison = log.comparisons[i];
    const HistoryJudgement& judgement = outcome.judgements[i];
    const GateMetric& metric = log.setup.metrics.at(comparison.metric);
    MetricJudgement shown;
    shown.ratio = judgement.ratio;
    shown.low = judgement.low;
    shown.high = judgement.high;
    std::string line = fmt::format("{}: {}: {}, {}; {} stored values", comparison.cell, metric.name,
                                   DescribeChange(metric, shown), NameOf(judgement.state),
                                   comparison.history.size());
    if (!judgement.why_open.empty()) line += "; " + judgement.why_open;
    text += "  " + Wrap(Printable(line), std::max<size_t>(width, 20) - 2, 4);
  }
  return text;
}

}  // namespace coresweep
