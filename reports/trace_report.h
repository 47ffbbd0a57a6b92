// The chunks of a report on a timeline.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace coresweep {

/// Trace Event Format (JSON object form) of `report`, which is valid by the schema of reports, as
/// Perfetto (ui.perfetto.dev), `chrome://tracing` and Speedscope open it. Microseconds; 0 is the
/// moment at which the workers of a trial were released. A process for each cell, or for `cell`
/// alone unless it is "": its trial with the median throughput. Within it
/// - a track for each worker: a slice `compute` for each chunk kept in the report;
/// - where there is one, a track for the dispatcher: `issue` and `merge`, moments drawn as slices
/// of
///   1 ns, because arrows start and end at slices: from issue to compute to merge;
/// - for each chunk the asynchronous slices `queue` (open load: due to issued), `transport` (issued
///   to started: the way there and the worker's queue) and `merge` (computed to merged: the way
///   back and waiting for earlier chunks);
/// - the measured window, with throttling and pressure in it as arguments;
/// - counters: chunks issued and not started, and computed and not merged. Where the report keeps
///   one chunk in k, each stands for k, and the counter says so.
/// Throws `UsageError` naming `origin` when `cell` is no cell of the report, or no trial kept a
/// chunk.
std::string RenderTrace(const nlohmann::json& report, const std::string& cell,
                        const std::string& origin);

}  // namespace coresweep
