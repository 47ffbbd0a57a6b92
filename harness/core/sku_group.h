// Reports sorted into SKUs and container instances, once it is clear that they may be compared.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "harness/core/sku_compare.h"

namespace coresweep {

/// Throws `UsageError` naming both files when two of `reports` are the same, or when they differ in
/// what is not among `allowed`. Returns what they differ in all the same, one of each kind.
std::vector<SkuDifference> CheckComparable(const std::vector<SkuReport>& reports,
                                           const std::set<std::string>& allowed);

/// Rows with `sku`, `labelled` and `instances`, in the order of the reports.
std::vector<SkuRow> GroupBySku(const std::vector<SkuReport>& reports);

/// What a reader must know: reports without label or instance, sweeps without an end, one machine
/// for all, different processors within a SKU, limits that did not hold.
std::vector<std::string> NotesOn(const std::vector<SkuReport>& reports,
                                 const std::vector<SkuRow>& rows);

}  // namespace coresweep
