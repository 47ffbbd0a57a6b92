#include <cmath>
#include <optional>

#include "harness/core/gate_sentence.h"
#include "reports/gate_html_tables.h"
#include "reports/html_text.h"

namespace coresweep {
namespace {

using Ordered = nlohmann::ordered_json;

Ordered MetricColumns(const GateHtmlSource& source, size_t m) {
  const GateMetric& metric = source.log.setup.metrics[m];
  const GateRule& rule = source.log.setup.rule;
  const auto percent = [](const std::optional<double>& share) {
    return ChartNumber(share ? std::optional(100 * *share) : std::nullopt);
  };
  const auto column = [&](auto value_of) {
    Ordered values = Ordered::array();
    for (const GateTraceBlock& block : source.trace.blocks)
      values.push_back(value_of(block.metrics.at(m)));
    return values;
  };
  const auto of_change = [&](std::optional<double> GateChange::*part) {
    return column([&](const GateTraceMetric& now) {
      return percent(GateChangeOf(metric, now.so_far).*part);
    });
  };
  return {{"name", metric.name},
          {"tolerated", percent(RelativeChange(metric, 1 + rule.tolerated))},
          {"mustCatch", percent(RelativeChange(metric, 1 + rule.must_catch))},
          {"change", column([&](const GateTraceMetric& now) {
             return percent(now.worse_ratio
                                ? std::optional(RelativeChange(metric, *now.worse_ratio))
                                : std::nullopt);
           })},
          {"median", of_change(&GateChange::change)},
          {"low", of_change(&GateChange::low)},
          {"high", of_change(&GateChange::high)},
          {"regressed", column([](const GateTraceMetric& now) {
             return ChartNumber(std::log10(now.so_far.e_regressed));
           })},
          {"clean", column([](const GateTraceMetric& now) {
             return ChartNumber(std::log10(now.so_far.e_clean));
           })}};
}

}  // namespace

std::string GateChartData(const GateHtmlSource& source) {
  const GateSetup& setup = source.log.setup;
  Ordered metrics = Ordered::array();
  for (size_t m = 0; m < setup.metrics.size(); ++m)
    metrics.push_back(MetricColumns(source, m));
  Ordered blocks{{"phase", Ordered::array()},
                 {"attempt", Ordered::array()},
                 {"order", Ordered::array()},
                 {"look", Ordered::array()},
                 {"why", Ordered::array()}};
  for (const GateTraceBlock& block : source.trace.blocks) {
    blocks["phase"].push_back(TitleOf(block.block.phase));
    blocks["attempt"].push_back(block.block.attempt + 1);
    blocks["order"].push_back(NameOf(block.block.order));
    blocks["look"].push_back(block.look ? 1 : 0);
    blocks["why"].push_back(block.why_not);
  }
  // A regression must be proven for all metrics together, cleanness for each.
  const auto count = static_cast<double>(setup.metrics.size());
  return ScriptJson({{"metrics", std::move(metrics)},
                     {"blocks", std::move(blocks)},
                     {"confidence", ChartNumber(100 * (1 - 2 * setup.rule.alpha))},
                     {"needed",
                      {{"regressed", ChartNumber(std::log10(count / setup.rule.alpha))},
                       {"clean", ChartNumber(std::log10(1 / setup.rule.alpha))}}}});
}

}  // namespace coresweep
