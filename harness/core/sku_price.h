// What the configuration of a SKU costs, at the price of the size that the SKU is.
#pragma once

#include <vector>

#include "harness/core/sku_compare.h"

namespace coresweep {

/// The book for `sku`; nullptr: none was asked for.
const PriceBook* BookFor(const SkuQuestion& question, const std::string& sku);

/// Throws `UsageError` when `question` has prices or sizes for a SKU that is not among `rows`,
/// books of several currencies, or one of another architecture than the reports'.
void CheckPrices(const SkuQuestion& question, const std::vector<SkuRow>& rows,
                 const std::vector<SkuReport>& reports);

/// Costs of `row`, whose size is, in this order: what the question says; its label, where that
/// names a size of the book ("4x16"); the smallest that has the CPUs and the memory that its
/// instances were limited to. Throws `UsageError` when the book lacks the size that was asked for.
SkuCost CostOfSku(const SkuRow& row, const PriceBook& book, const SkuQuestion& question);

}  // namespace coresweep
