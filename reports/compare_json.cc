#include "reports/compare_json.h"

namespace coresweep {
namespace {

OrderedJson FigureJson(const SkuFigure& figure) {
  const bool few = !figure.low;
  return {{"median", figure.median},
          {"least", figure.least},
          {"greatest", figure.greatest},
          {"interval",
           {{"low", OrNull(figure.low)},
            {"high", OrNull(figure.high)},
            {"confidence", few ? OrderedJson() : OrderedJson(figure.confidence)},
            {"method", few ? OrderedJson() : OrderedJson("order statistics over instances")},
            {"why_null", few ? OrderedJson("fewer than five instances") : OrderedJson()}}},
          {"instances", figure.values.size()},
          {"descriptive_only", figure.DescriptiveOnly()},
          {"values", figure.values}};
}

OrderedJson FigureJson(const std::optional<SkuFigure>& figure) {
  return figure ? FigureJson(*figure) : OrderedJson();
}

OrderedJson InstanceJson(const SkuComparison& comparison, const SkuInstance& instance) {
  OrderedJson files = OrderedJson::array();
  for (const size_t i : instance.reports)
    files.push_back(comparison.files[i]);
  return {{"instance", instance.name},
          {"boot", TextOrNull(instance.boot)},
          {"reports", std::move(files)},
          {"cpu_model", TextOrNull(instance.cpu_model)},
          {"nominal_cpus", OrNull(instance.limits.NominalCpus())},
          {"usable_cpus", OrNull(instance.limits.UsableCpus())},
          {"allowed_cpus", OrNull(instance.limits.allowed)},
          {"quota_cpus", OrNull(instance.limits.quota)},
          {"measured_cpus", OrNull(instance.limits.measured)},
          {"memory_limit_bytes", OrNull(instance.limits.memory_bytes)}};
}

OrderedJson BestJson(const SkuRow& row) {
  if (!row.best) return nullptr;
  const SkuBest& best = *row.best;
  return {{"cell", best.choice.id},
          {"verdict", best.choice.verdict},
          {"agreeing_without_one_instance", best.choice.agreeing},
          {"as_good", best.choice.as_good},
          {"throughput_per_s", FigureJson(best.throughput)},
          {"latency_p50_us", FigureJson(best.p50_us)},
          {"latency_p99_us", FigureJson(best.p99_us)},
          {"speedup_over_serial", FigureJson(best.speedup)},
          {"start_s", FigureJson(best.start_s)}};
}

OrderedJson SkuCostJson(const SkuRow& row) {
  if (!row.cost) return nullptr;
  const SkuCost& cost = *row.cost;
  OrderedJson size = nullptr;
  if (cost.size) {
    size = {{"name", TextOrNull(cost.size->name)},
            {"vcpus", cost.size->vcpus},
            {"memory", cost.size->memory},
            {"from", cost.size_from}};
  }
  return {{"prices", cost.book},
          {"currency", cost.currency},
          {"size", std::move(size)},
          {"cost_per_hour", OrNull(cost.per_hour)},
          {"cost_per_million_steady", FigureJson(cost.steady)},
          {"cost_per_million_as_billed", FigureJson(cost.as_billed)},
          {"why_null", TextOrNull(cost.why_null)}};
}

OrderedJson RowJson(const SkuComparison& comparison, const SkuRow& row) {
  OrderedJson instances = OrderedJson::array();
  for (const SkuInstance& instance : row.instances)
    instances.push_back(InstanceJson(comparison, instance));
  return {{"sku", row.sku},
          {"labelled", row.labelled},
          {"instances", std::move(instances)},
          {"best", BestJson(row)},
          {"why_null", TextOrNull(row.why_none)},
          {"cost", SkuCostJson(row)}};
}

OrderedJson PairsJson(const SkuComparison& comparison, const SkuMetricPairs& metric) {
  OrderedJson pairs = OrderedJson::array();
  for (const SkuPair& pair : metric.pairs) {
    pairs.push_back({{"sku", comparison.rows[pair.second].sku},
                     {"over", comparison.rows[pair.first].sku},
                     {"ratio", pair.ratio},
                     {"low", OrNull(pair.low)},
                     {"high", OrNull(pair.high)},
                     {"confidence", pair.low ? OrderedJson(pair.confidence) : OrderedJson()},
                     {"p", OrNull(pair.p)},
                     {"p_adjusted", OrNull(pair.p_adjusted)},
                     {"verdict", ToString(pair.verdict)}});
  }
  return pairs;
}

OrderedJson NamesJson(const SkuComparison& comparison, const std::vector<size_t>& rows) {
  OrderedJson names = OrderedJson::array();
  for (const size_t row : rows)
    names.push_back(comparison.rows[row].sku);
  return names;
}

OrderedJson FrontJson(const SkuComparison& comparison, const std::vector<SkuFrontPoint>& front,
                      const char* value) {
  OrderedJson points = OrderedJson::array();
  for (const SkuFrontPoint& point : front) {
    points.push_back({{"sku", comparison.rows[point.row].sku},
                      {"cell", point.cell},
                      {"cost_per_million_as_billed", point.cost},
                      {value, point.value}});
  }
  return points;
}

const char* RankName(SkuRank rank) {
  if (rank == SkuRank::kThroughput) return "throughput";
  return rank == SkuRank::kLatency ? "latency" : "cost";
}

OrderedJson QuestionJson(const SkuQuestion& question) {
  return {{"max_p99_us", OrNull(question.max_p99_us)},
          {"rank", RankName(question.rank)},
          {"pull_s", question.pull_s},
          {"run_s", question.run_s},
          {"allow_different", question.allow_different}};
}

}  // namespace

OrderedJson ToJson(const SkuComparison& comparison) {
  OrderedJson rows = OrderedJson::array();
  for (const SkuRow& row : comparison.rows)
    rows.push_back(RowJson(comparison, row));
  OrderedJson metrics = OrderedJson::object();
  for (const SkuMetricPairs& metric : comparison.metrics)
    metrics[metric.metric] = PairsJson(comparison, metric);
  OrderedJson differences = OrderedJson::array();
  for (const SkuDifference& difference : comparison.differences) {
    differences.push_back({{"what", difference.what},
                           {"report", difference.first_file},
                           {"has", difference.first_value},
                           {"other_report", difference.other_file},
                           {"other_has", difference.other_value}});
  }
  return {{"schema", "coresweep.comparison"},
          {"schema_version", {{"major", 1}, {"minor", 0}}},
          {"question", QuestionJson(comparison.question)},
          {"reports", comparison.files},
          {"skus", std::move(rows)},
          {"ranking",
           {{"throughput", NamesJson(comparison, comparison.by_throughput)},
            {"latency", NamesJson(comparison, comparison.by_latency)},
            {"cost", NamesJson(comparison, comparison.by_cost)}}},
          {"differences_between_skus",
           {{"method", "exact rank-sum test over instances, Holm's correction in each metric"},
            {"alpha", kSkuAlpha},
            {"metrics", std::move(metrics)}}},
          {"pareto",
           {{"throughput", FrontJson(comparison, comparison.throughput_front, "throughput_per_s")},
            {"latency", FrontJson(comparison, comparison.latency_front, "latency_p99_us")}}},
          {"not_alike", std::move(differences)},
          {"notes", comparison.notes}};
}

}  // namespace coresweep
