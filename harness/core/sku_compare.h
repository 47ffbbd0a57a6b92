// Container sizes ("SKUs") beside each other, from reports of runs in them. Pure.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/core/container_size.h"
#include "harness/core/price_book.h"
#include "harness/core/sku_choice.h"
#include "harness/core/sku_figure.h"
#include "harness/core/sku_report.h"

namespace coresweep {

enum class SkuRank { kThroughput, kLatency, kCost };

/// What is asked of a comparison.
struct SkuQuestion {
  std::optional<double> max_p99_us;  ///< only configurations within it in every instance
  SkuRank rank = SkuRank::kThroughput;
  std::optional<PriceBook> prices;              ///< of all SKUs that have no book of their own
  std::map<std::string, PriceBook> own_prices;  ///< by SKU
  std::map<std::string, std::string> sizes;     ///< by SKU: its size in its book, as "4x16"
  double pull_s = 30;                           ///< of the image, where that is billed
  double run_s = 3600;                          ///< from a container's start to its end
  std::set<std::string> allow_different;        ///< of `SkuIdentityNames`

  [[nodiscard]] bool HasPrices() const { return prices || !own_prices.empty(); }
};

/// One container start.
struct SkuInstance {
  std::string name;             ///< as the reports name it, or the file where they do not
  std::vector<size_t> reports;  ///< indices into those given
  std::string cpu_model, boot;
  SkuLimits limits;
};

/// Costs per million inferences. A figure that is null has `why_null`.
struct SkuCost {
  std::string book, currency;
  std::optional<ContainerSize> size;
  std::string size_from;  ///< "label", "--size" or "limits": how the size was found
  std::optional<double> per_hour;
  std::optional<SkuFigure> steady, as_billed;
  std::string why_null;
};

/// What a SKU does with the configuration it is judged by.
struct SkuBest {
  SkuChoice choice;
  SkuFigure throughput;                       ///< items/s
  std::optional<SkuFigure> p50_us, p99_us;    ///< latency of a chunk
  std::optional<SkuFigure> speedup, start_s;  ///< over one process; until the workers were ready
};

struct SkuRow {
  std::string sku;       ///< label or description
  bool labelled = true;  ///< else `sku` describes what its reports say of CPUs and memory
  std::vector<SkuInstance> instances;
  std::optional<SkuBest> best;
  std::string why_none;         ///< without `best`
  std::optional<SkuCost> cost;  ///< nullopt: no prices were asked for
};

/// Pairs of SKUs in one metric.
struct SkuMetricPairs {
  std::string metric;  ///< "throughput", "latency_p99", "cost_as_billed"
  std::vector<SkuPair> pairs;
};

/// A configuration of a SKU that no other beats in both: less cost per million as billed and more
/// throughput, or less cost and less p99.
struct SkuFrontPoint {
  size_t row = 0;
  std::string cell;
  double cost = 0;   ///< per million as billed
  double value = 0;  ///< throughput in items/s, or p99 in us
};

/// What reports do not have in common, and was allowed.
struct SkuDifference {
  std::string what;  ///< of `SkuIdentityNames`
  std::string first_file, first_value, other_file, other_value;
};

struct SkuComparison {
  SkuQuestion question;
  std::vector<std::string> files;
  std::vector<SkuRow> rows;  ///< by the rank asked for; without a figure last
  std::vector<size_t> by_throughput, by_latency, by_cost;  ///< rows that have that figure
  std::vector<SkuMetricPairs> metrics;
  std::vector<SkuFrontPoint> throughput_front, latency_front;  ///< by cost; empty without prices
  std::vector<SkuDifference> differences;
  std::vector<std::string> notes;  ///< what a reader must know of the reports
};

/// Groups `reports` by SKU and container instance and compares the groups. Throws `UsageError` when
/// there are none, one is given twice, two differ in what must be equal and is not allowed to
/// differ, currencies are mixed, prices are of another architecture, or a SKU that the question
/// names is not there or has no such size.
SkuComparison CompareSkus(const std::vector<SkuReport>& reports, const SkuQuestion& question);

}  // namespace coresweep
