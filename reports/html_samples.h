// What the sampled chunks of a report tell of one cell.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace coresweep {

/// Where the time of a chunk goes, mean over the sampled chunks of the windows, µs; the four add up
/// to the mean latency.
///
/// From its due time (closed load: its issue) to the start of its computation a chunk is in `queue`
/// while its worker computes an earlier one, else in `transport`; from the end of its computation
/// it is in `merge` until the one before it has been merged, else in `transport`. Where only some
/// chunks were sampled, the neighbours are not known: `apart` is false, all before the computation
/// counts as queue and all after it as merge.
struct ChunkParts {
  double queue_us = 0, transport_us = 0, compute_us = 0, merge_us = 0;
  bool apart = true;
};

struct CellSamples {
  std::optional<ChunkParts> parts;
  /// (share of the chunks, latency in µs) ascending; only where ten or more chunks are slower.
  std::vector<std::pair<double, double>> percentiles;
  size_t chunks = 0;  ///< sampled
};

/// The trials of a report by their cell: those that came to their end and count for it.
using TrialsByCell = std::unordered_map<std::string, std::vector<const nlohmann::json*>>;
TrialsByCell CountingTrials(const nlohmann::json& report);

CellSamples SamplesOf(const std::vector<const nlohmann::json*>& trials);

}  // namespace coresweep
