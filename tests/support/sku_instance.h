// A report of `coresweep run` in one start of a container, as `coresweep compare` reads it.
#pragma once

#include <fmt/format.h>

#include <string>

#include "harness/core/sku_compare.h"

namespace coresweep::example {

/// Number `number` of the instances of `sku`, with one cell that makes `per_s` and is "ok".
inline SkuReport SkuInstance(const std::string& sku, int number, double per_s,
                             double p99_us = 20e3) {
  SkuReport report;
  report.file = fmt::format("{}-{}.json", sku, number);
  report.created = fmt::format("day {}", number);
  report.sku = sku;
  report.instance = fmt::format("{}-{}", sku, number);
  report.cpu_model = "model A";
  report.limits = {4, 2, 1.5, 4e9};
  report.finished = true;
  for (const std::string& name : SkuIdentityNames())
    report.identity.emplace_back(name, "same");
  SkuCell cell;
  cell.costed.id = "processes/w2";
  cell.costed.verdict = "ok";
  cell.costed.parallelism = 2;
  cell.costed.throughput.value = cell.costed.slowest = cell.costed.fastest = per_s;
  cell.p50_us = 1e3;
  cell.p99_us = p99_us;
  cell.speedup = 1.9;
  report.cells = {cell};
  return report;
}

}  // namespace coresweep::example
