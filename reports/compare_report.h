// The page of `coresweep compare`: container sizes beside each other, in words and a table.
#pragma once

#include <string>
#include <vector>

#include "harness/core/sku_compare.h"

namespace coresweep {

/// First the answer, then which differences are real, what has to be known of the reports, the
/// table and the Pareto fronts; lines of at most `width` columns.
std::string RenderComparison(const SkuComparison& comparison, size_t width);

/// The first sentences of that page: the best SKU by throughput, latency and cost, and what was
/// compared. Plain text, a line each.
std::vector<std::string> ComparisonAnswer(const SkuComparison& comparison);
/// What a reader must know of it: what is not alike, not judged or without a cost, and why.
std::vector<std::string> ComparisonNotes(const SkuComparison& comparison);
/// What the figures mean, and how differences are judged.
std::string ComparisonLegend(const SkuComparison& comparison);

/// "1.5 of 2": least really usable of nominal CPUs.
std::string SkuCpusText(const SkuRow& row);
/// Processor models of its instances.
std::string SkuProcessorText(const SkuRow& row);
/// Of a metric of `SkuMetricPairs`: "Latency p99".
const char* SkuMetricTitle(const std::string& metric);

}  // namespace coresweep
