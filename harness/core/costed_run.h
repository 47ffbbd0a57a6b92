// What a sweep's report says that costs are estimated from.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/container_size.h"
#include "harness/core/cost.h"

namespace coresweep {

/// A cell under closed load that gave a throughput and is no control but the serial one.
struct CostedCell {
  std::string id;
  std::string verdict;
  bool serial = false;
  int parallelism = 1;   ///< workers × threads
  double vcpus = 1;      ///< parallelism, and one for a dispatcher with a core of its own
  Estimate throughput;   ///< inferences (items) a second
  std::string interval;  ///< what low and high of `throughput` are; "" without them
  double slowest = 0, fastest = 0;     ///< throughput of its repetitions
  std::optional<double> memory_bytes;  ///< of its workers; nullopt: not in the report
  double start_s = 0;                  ///< until the slowest worker was ready
};

struct CostedRun {
  std::string architecture;  ///< of the machine, as "x86_64"; "" where the report does not say
  std::vector<CostedCell> cells;
  std::optional<size_t>
      recommended;  ///< index: the choice of `coresweep run`; nullopt: it made none
};

/// Memory is the sum over the worker processes of their share (PSS; the peak resident size where
/// a worker could not read that), of the repetition with most. The interval is that of the median
/// by order statistics (`EstimateMedian`), or, from fewer repetitions, their least and greatest.
/// Throws `UsageError` naming `origin` when `report` is no report of `coresweep run`, one of an
/// unknown major version, or damaged.
CostedRun ReadCostedRun(const nlohmann::json& report, const std::string& origin);

/// What `coresweep run` would choose of a grid of these cells, by the rules of `BestCell`: the
/// least parallelism within 2 % of the highest throughput of those that are ok; nullopt: nothing.
std::optional<size_t> RecommendedOf(const std::vector<CostedCell>& cells);

/// Bytes for workers that take `worker_bytes`: a quarter more (the report has their share at the
/// end, not at the peak) and 256 MiB for dispatcher, chunks in flight and what the service keeps
/// for itself. Both are this program's own choice.
double MemoryToAskFor(double worker_bytes);

/// What `cell` takes, in memory units of `bytes_per_unit`. Requires memory_bytes.
SizeDemand DemandOf(const CostedCell& cell, double bytes_per_unit);

}  // namespace coresweep
