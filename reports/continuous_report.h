// A report for services that follow benchmarks from commit to commit.
#pragma once

#include <string>

#include "reports/stored_page.h"

namespace coresweep {

/// Bencher Metric Format, JSON: {"WORKLOAD CELL": {"throughput": {"value", "lower_value",
/// "upper_value"}, "latency": {"value"}, "latency-p99": {"value"}}}. Bencher's own measures have
/// its units: throughput is items/s, latency the median of a chunk in ns.
std::string RenderBencher(const StoredPage& page);

/// An array for github-action-benchmark's tool customBiggerIsBetter: throughput and speedup of each
/// cell as {"name", "unit", "value", "range", "extra"}. Latencies, of which less is better, are
/// told in "extra".
std::string RenderGithubActionBenchmark(const StoredPage& page);

/// CSV for Apache Otava: a heading and one row, with the time of the report, the version of the
/// program, and a column for throughput (items/s) and one for the median latency (us) of each cell.
/// Rows of reports of the same cells can be put under one heading.
std::string RenderOtava(const StoredPage& page);

}  // namespace coresweep
