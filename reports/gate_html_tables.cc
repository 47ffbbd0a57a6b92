#include "reports/gate_html_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "harness/core/gate_sentence.h"
#include "reports/gate_html_parts.h"
#include "reports/html_text.h"
#include "reports/json_members.h"
#include "reports/text.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;
using Ordered = nlohmann::ordered_json;

std::string Evidence(double value) {
  return value < 1e6 ? Quantity(value) : fmt::format("{:.2e}", value);
}

HtmlField CountField(int64_t count) {
  return {count < 1000 ? std::to_string(count) : Quantity(static_cast<double>(count)),
          static_cast<double>(count)};
}

std::optional<double> Number(const Ordered& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

/// What the outcome says of the power of a metric in a phase; null where it was not asked.
Ordered PowerOf(const GateHtmlSource& source, GatePhase phase, const std::string& metric) {
  const Ordered& reached = source.outcome.at("phases").at(std::string(NameOf(phase)));
  if (!reached.is_object()) return nullptr;
  return reached.at("metrics").at(metric).value("power", Ordered(nullptr));
}

void AddJudgement(HtmlTable& table, const GateHtmlSource& source, GatePhase phase, size_t metric) {
  const GateMetric& gated = source.log.setup.metrics[metric];
  const MetricJudgement& judgement =
      source.trace.session.Outcome().Phase(phase)->judgements.at(metric);
  const GateChange change = GateChangeOf(gated, judgement);
  const Ordered power = PowerOf(source, phase, gated.name);
  const auto needed = Number(power, "blocks_needed");
  table.Add({TextField(gated.name), TextField(TitleOf(phase)),
             FigureField(change.change, ShareInPercent), FigureField(change.low, ShareInPercent),
             FigureField(change.high, ShareInPercent), CountField(judgement.blocks),
             CountField(judgement.unmeasured), FigureField(judgement.e_regressed, Evidence),
             FigureField(judgement.e_clean, Evidence), GateStateField(judgement.state),
             FigureField(Number(power, "detectable"), ShareInPercent),
             needed ? CountField(static_cast<int64_t>(*needed)) : TextField("")});
}

std::optional<double> ShareOfTime(const std::optional<int64_t>& ns, double whole_ns) {
  if (!ns || whole_ns <= 0) return std::nullopt;
  return static_cast<double>(*ns) / whole_ns;
}

/// Throttled, stolen, pressure.
std::array<std::optional<double>, 3> StrainOfLaunch(const SystemUse& system) {
  std::array<std::optional<double>, 3> strain;
  const auto interval = static_cast<double>(system.interval_ns);
  if (system.throttle && system.throttle->periods > 0) {
    strain[0] = static_cast<double>(system.throttle->throttled_periods) /
                static_cast<double>(system.throttle->periods);
  }
  strain[1] = ShareOfTime(system.steal_ns, interval * system.cpus);
  if (system.pressure) strain[2] = ShareOfTime(system.pressure->cpu_ns, interval);
  return strain;
}

/// The metrics that any launch has a value of, the gated ones first.
std::vector<GateMetric> MetricsMeasured(const GateLog& log) {
  std::vector<GateMetric> metrics = log.setup.metrics;
  for (const LaunchMetric& known : LaunchMetrics()) {
    const auto has_name = [&](const GateMetric& metric) { return metric.name == known.name; };
    if (std::any_of(metrics.begin(), metrics.end(), has_name)) continue;
    const bool measured =
        std::any_of(log.records.begin(), log.records.end(), [&](const GateRecord& record) {
          return std::any_of(
              record.launches.begin(), record.launches.end(),
              [&](const Launch& launch) { return launch.Metric(known.name).value.has_value(); });
        });
    if (measured) {
      metrics.push_back({std::string(known.name), std::string(known.unit), known.higher_is_better});
    }
  }
  return metrics;
}

void AddLaunches(HtmlTable& table, const GateRecord& record, const std::vector<GateMetric>& metrics,
                 int64_t& number) {
  const auto arms = ArmsOf(record.block.order);
  for (size_t slot = 0; slot < record.launches.size(); ++slot) {
    const Launch& launch = record.launches[slot];
    std::vector<HtmlField> fields{CountField(++number), TextField(TitleOf(record.block.phase)),
                                  CountField(record.block.attempt + 1),
                                  TextField(TitleOf(record.block.phase, arms.at(slot)))};
    for (const GateMetric& metric : metrics)
      fields.push_back(FigureField(launch.Metric(metric.name).value, Quantity));
    fields.push_back(CountField(launch.items));
    for (const auto& share : StrainOfLaunch(launch.system))
      fields.push_back(FigureField(share, ShareInPercent));
    const std::string ended = std::string(ToString(launch.outcome));
    fields.push_back(
        TextField(launch.message.empty() ? ended : fmt::format("{}: {}", ended, launch.message)));
    table.Add(fields);
  }
}

/// "options.busy_us" and its value, of every leaf of a configuration.
void Flatten(const Json& json, const std::string& name, std::map<std::string, std::string>& into) {
  if (json.is_object()) {
    for (const auto& [key, value] : json.items())
      Flatten(value, name.empty() ? key : fmt::format("{}.{}", name, key), into);
    return;
  }
  // A list of one value is shown as the value: an arm has one of each axis.
  const Json& value = json.is_array() && json.size() == 1 ? json[0] : json;
  if (value.is_null()) return;
  into[name] = value.is_string() ? value.get<std::string>()
                                 : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<double> SentinelMs(const GateRecord& record) {
  if (!record.machine) return std::nullopt;
  return static_cast<double>(record.machine->sentinel.wall_ns) / 1e6;
}

}  // namespace

GateChange GateChangeOf(const GateMetric& metric, const MetricJudgement& judgement) {
  const auto change = [&](const std::optional<double>& ratio) -> std::optional<double> {
    if (!ratio) return std::nullopt;
    return RelativeChange(metric, *ratio);
  };
  GateChange found{change(judgement.ratio), change(judgement.low), change(judgement.high)};
  // The worse a throughput, the lower.
  if (metric.higher_is_better) std::swap(found.low, found.high);
  return found;
}

std::string GateJudgementsTable(const GateHtmlSource& source) {
  const double confidence = 1 - 2 * source.log.setup.rule.alpha;
  HtmlTable table("judgements", "What each batch says of each metric",
                  {{"Metric", false, ""},
                   {"Batch", false, ""},
                   {"B over A", true, "median, %"},
                   {"Low", true, fmt::format("{:.4g} % interval, %", 100 * confidence)},
                   {"High", true, "%"},
                   {"Blocks", true, ""},
                   {"Not measured", true, "blocks"},
                   {"Evidence for worse", true, "e-value"},
                   {"Evidence for clean", true, "e-value"},
                   {"State", false, ""},
                   {"Detectable", true, "effect, %"},
                   {"Still needed", true, "blocks, about"}});
  for (const GatePhase phase :
       {GatePhase::kMain, GatePhase::kConfirmation, GatePhase::kNullControl}) {
    const auto& reached = source.trace.session.Outcome().Phase(phase);
    if (!reached || reached->blocks == 0) continue;
    for (size_t metric = 0; metric < source.log.setup.metrics.size(); ++metric)
      AddJudgement(table, source, phase, metric);
  }
  return table.Empty() ? "<p>No block was measured.</p>" : table.Text();
}

std::string GateBlocksTable(const GateHtmlSource& source) {
  std::vector<HtmlTable::Heading> headings{
      {"Block", true, ""},  {"Batch", false, ""},          {"Number", true, "in the batch"},
      {"Order", false, ""}, {"Judged", false, "after it"}, {"Sentinel", true, "ms, before it"}};
  for (const GateMetric& metric : source.log.setup.metrics) {
    headings.push_back({metric.name, true, "B over A, %"});
    headings.push_back({"Evidence", true, "worse, so far"});
    headings.push_back({"Evidence", true, "clean, so far"});
  }
  headings.push_back({"Does not count because", false, ""});
  HtmlTable table("blocks", "Blocks in the order run", std::move(headings));
  int64_t number = 0;
  for (size_t b = 0; b < source.trace.blocks.size(); ++b) {
    const GateTraceBlock& block = source.trace.blocks[b];
    std::vector<HtmlField> fields{CountField(++number),
                                  TextField(TitleOf(block.block.phase)),
                                  CountField(block.block.attempt + 1),
                                  TextField(NameOf(block.block.order)),
                                  TextField(block.look ? "yes" : ""),
                                  FigureField(SentinelMs(source.log.records.at(b)), Quantity)};
    for (size_t m = 0; m < block.metrics.size(); ++m) {
      const auto& ratio = block.metrics[m].worse_ratio;
      const auto change =
          ratio ? std::optional(RelativeChange(source.log.setup.metrics[m], *ratio)) : std::nullopt;
      fields.push_back(FigureField(change, ShareInPercent));
      fields.push_back(FigureField(block.metrics[m].so_far.e_regressed, Evidence));
      fields.push_back(FigureField(block.metrics[m].so_far.e_clean, Evidence));
    }
    fields.push_back(TextField(block.why_not));
    table.Add(fields);
  }
  return table.Empty() ? "" : table.Text();
}

std::string GateLaunchesTable(const GateHtmlSource& source) {
  const std::vector<GateMetric> metrics = MetricsMeasured(source.log);
  std::vector<HtmlTable::Heading> headings{{"Launch", true, ""},
                                           {"Batch", false, ""},
                                           {"Block", true, "in the batch"},
                                           {"Arm", false, ""}};
  for (const GateMetric& metric : metrics)
    headings.push_back({metric.name, true, ShownUnit(metric)});
  headings.insert(headings.end(), {{"Items", true, "answered"},
                                   {"Throttled", true, "% of periods"},
                                   {"Stolen", true, "% of CPU time"},
                                   {"CPU pressure", true, "% of time"},
                                   {"Outcome", false, ""}});
  HtmlTable table("launches", "Launches in the order run", std::move(headings));
  int64_t number = 0;
  for (const GateRecord& record : source.log.records)
    AddLaunches(table, record, metrics, number);
  return table.Empty() ? "" : table.Text();
}

std::string GateArmsTable(const Json& report) {
  std::array<std::map<std::string, std::string>, 2> arms;
  const Json& both = MemberOf(report, "arms");
  Flatten(MemberOf(both, "A"), "", arms[0]);
  Flatten(MemberOf(both, "B"), "", arms[1]);
  HtmlTable table(
      "arms", "What is not equal in A and B",
      {{"What", false, ""}, {"A, the base", false, ""}, {"B, the candidate", false, ""}});
  std::map<std::string, std::string> names = arms[0];
  names.insert(arms[1].begin(), arms[1].end());
  for (const auto& [name, value] : names) {
    const std::string& base = arms[0][name];
    const std::string& candidate = arms[1][name];
    if (base == candidate) continue;
    const std::string shown = name.starts_with("config.") ? name.substr(7) : name;
    table.Add(
        {{fmt::format("<code>{}</code>", Html(shown)), {}}, TextField(base), TextField(candidate)});
  }
  return table.Empty() ? "<p>A and B have the same program, workload and configuration.</p>"
                       : table.Text();
}

}  // namespace coresweep
