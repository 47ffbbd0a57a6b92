#include "reports/html_samples.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "harness/core/statistics.h"
#include "reports/html_text.h"
#include "reports/json_members.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

constexpr std::array kShares{0.01, 0.05, 0.1,  0.2,   0.3,  0.4,   0.5,   0.6,    0.7,   0.8,
                             0.85, 0.9,  0.95, 0.975, 0.99, 0.995, 0.999, 0.9995, 0.9999};

/// A chunk of a trial; µs from the gate.
struct SampledChunk {
  int64_t worker = 0;
  double due = 0, started = 0, computed = 0, merged = 0;
  double behind = 0;   ///< waited for its worker
  double ordered = 0;  ///< waited for an earlier one
};

std::optional<double> NumberAt(const Json& column, size_t at) {
  if (!column.is_array() || at >= column.size() || !column[at].is_number()) return std::nullopt;
  return column[at].get<double>();
}

/// All chunks whose four times are there, not only those of the window.
std::vector<SampledChunk> ReadChunks(const Json& samples) {
  const Json& issued = MemberOf(samples, "issued_us");
  const Json& due = MemberOf(samples, "due_us");
  const Json& worker = MemberOf(samples, "worker");
  std::vector<SampledChunk> chunks;
  for (size_t i = 0; i < issued.size(); ++i) {
    const auto from = due.is_array() ? NumberAt(due, i) : NumberAt(issued, i);
    const auto started = NumberAt(MemberOf(samples, "started_us"), i);
    const auto computed = NumberAt(MemberOf(samples, "computed_us"), i);
    const auto merged = NumberAt(MemberOf(samples, "merged_us"), i);
    if (!from || !started || !computed || !merged) continue;
    chunks.push_back({static_cast<int64_t>(NumberAt(worker, i).value_or(0)), *from, *started,
                      *computed, *merged});
  }
  return chunks;
}

/// Fills in what a chunk waited for its neighbours, who must all be there.
void FindWaits(std::vector<SampledChunk>& chunks) {
  std::sort(chunks.begin(), chunks.end(),
            [](const auto& a, const auto& b) { return a.started < b.started; });
  std::unordered_map<int64_t, double> computed_by;
  for (SampledChunk& chunk : chunks) {
    const auto before = computed_by.try_emplace(chunk.worker, chunk.due).first;
    chunk.behind =
        std::clamp(before->second - chunk.due, 0.0, std::max(0.0, chunk.started - chunk.due));
    before->second = chunk.computed;
  }
  std::sort(chunks.begin(), chunks.end(),
            [](const auto& a, const auto& b) { return a.merged < b.merged; });
  for (size_t i = 1; i < chunks.size(); ++i) {
    SampledChunk& chunk = chunks[i];
    chunk.ordered = std::clamp(chunks[i - 1].merged - chunk.computed, 0.0,
                               std::max(0.0, chunk.merged - chunk.computed));
  }
}

bool InWindow(const Json& trial, const SampledChunk& chunk) {
  const auto begin = MemberNumber(trial, "window_begin_ms");
  const auto end = MemberNumber(trial, "window_end_ms");
  if (!begin || !end) return false;
  if (MemberOf(MemberOf(trial, "samples"), "due_us").is_array())
    return chunk.due >= *begin * 1e3 && chunk.due < *end * 1e3;
  return chunk.computed > *begin * 1e3 && chunk.started < *end * 1e3;
}

void Add(const SampledChunk& chunk, bool apart, ChunkParts& sum) {
  const double before = chunk.started - chunk.due;
  const double after = chunk.merged - chunk.computed;
  sum.queue_us += apart ? chunk.behind : before;
  sum.merge_us += apart ? chunk.ordered : after;
  sum.transport_us += apart ? before - chunk.behind + after - chunk.ordered : 0;
  sum.compute_us += chunk.computed - chunk.started;
}

/// Requests of open load that were never issued, for each sampled one: later than all others.
size_t NeverIssued(const Json& trial) {
  constexpr double kMost = 1e6;  // more would not move a percentile, and the number may be anything
  const double left = MemberNumber(MemberOf(trial, "open_load"), "never_issued").value_or(0);
  const double stride = MemberNumber(MemberOf(trial, "samples"), "stride").value_or(1);
  return static_cast<size_t>(std::clamp(std::ceil(left / std::max(1.0, stride)), 0.0, kMost));
}

void Divide(ChunkParts& sum, double by) {
  for (double* part : {&sum.queue_us, &sum.transport_us, &sum.compute_us, &sum.merge_us})
    *part /= by;
}

}  // namespace

TrialsByCell CountingTrials(const Json& report) {
  TrialsByCell trials;
  for (const Json& trial : MemberOf(report, "trials")) {
    const std::string role = MemberText(trial, "role");
    if (role == "reference" || role == "probe" || MemberText(trial, "outcome") != "ok") continue;
    trials[MemberText(trial, "cell")].push_back(&trial);
  }
  return trials;
}

CellSamples SamplesOf(const std::vector<const Json*>& trials) {
  CellSamples all;
  ChunkParts sum;
  std::vector<double> latencies;
  size_t never_issued = 0;
  for (const Json* trial : trials)
    sum.apart = sum.apart && MemberOf(MemberOf(*trial, "samples"), "stride") == 1;
  for (const Json* trial : trials) {
    std::vector<SampledChunk> chunks = ReadChunks(MemberOf(*trial, "samples"));
    if (sum.apart) FindWaits(chunks);
    for (const SampledChunk& chunk : chunks) {
      if (!InWindow(*trial, chunk)) continue;
      Add(chunk, sum.apart, sum);
      latencies.push_back(chunk.merged - chunk.due);
    }
    never_issued += NeverIssued(*trial);
  }
  if (latencies.empty()) return all;
  all.chunks = latencies.size();
  Divide(sum, static_cast<double>(latencies.size()));
  latencies.insert(latencies.end(), never_issued, std::numeric_limits<double>::infinity());
  all.parts = sum;
  std::sort(latencies.begin(), latencies.end());
  for (const double share : kShares) {
    const auto value = Percentile(latencies, share);
    if (value && std::isfinite(*value)) all.percentiles.emplace_back(share, *value);
  }
  return all;
}

}  // namespace coresweep
