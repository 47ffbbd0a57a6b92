#include "harness/core/chunk_cost.h"

#include <vector>

#include "harness/base/clock.h"

namespace coresweep {
namespace {

constexpr auto kNsPerUsExact = static_cast<double>(kNsPerUs);

/// Rates a second; their ratio to that of the chunks is the cost of a chunk.
struct Rates {
  double chunks = 0;
  double cpu_ns = 0;
  double voluntary = 0;
  double involuntary = 0;
};

/// nullopt unless every worker read its use and answered a chunk in the window.
std::optional<Rates> RatesOf(const TrialMeasurement& trial) {
  const int64_t window_ns = trial.window.LengthNs();
  if (trial.workers.empty() || window_ns <= 0) return std::nullopt;
  Rates rates;
  for (const WorkerMeasurement& worker : trial.workers) {
    const WorkerUse& use = worker.use;
    if (use.interval_ns <= 0) return std::nullopt;
    if (worker.items > 0) {
      rates.chunks += worker.items_in_window * static_cast<double>(worker.chunks) /
                      static_cast<double>(worker.items) / NsToSeconds(window_ns);
    }
    const double interval_s = NsToSeconds(use.interval_ns);
    rates.cpu_ns += static_cast<double>(use.cpu_ns) / interval_s;
    rates.voluntary += static_cast<double>(use.voluntary_switches) / interval_s;
    rates.involuntary += static_cast<double>(use.involuntary_switches) / interval_s;
  }
  if (rates.chunks <= 0) return std::nullopt;
  return rates;
}

}  // namespace

ChunkCost WorkerChunkCost(std::span<const TrialMeasurement* const> trials) {
  std::vector<double> cpu_us;
  std::vector<double> voluntary;
  std::vector<double> involuntary;
  for (const TrialMeasurement* trial : trials) {
    const auto rates = RatesOf(*trial);
    if (!rates) continue;
    cpu_us.push_back(rates->cpu_ns / rates->chunks / kNsPerUsExact);
    voluntary.push_back(rates->voluntary / rates->chunks);
    involuntary.push_back(rates->involuntary / rates->chunks);
  }
  ChunkCost cost{SpreadOf(cpu_us), std::nullopt, SpreadOf(voluntary), SpreadOf(involuntary), ""};
  if (!cost.cpu_us) {
    cost.why_null =
        "in no repetition did every worker read its use over the window and answer a chunk in it: "
        "use a longer window";
  }
  return cost;
}

ChunkCost DispatcherChunkCost(std::span<const TrialMeasurement* const> trials) {
  std::vector<double> cpu_us;
  std::vector<double> wakeups;
  std::vector<double> voluntary;
  std::vector<double> involuntary;
  for (const TrialMeasurement* trial : trials) {
    if (!trial->dispatcher || trial->chunks <= 0) continue;
    const DispatcherUse& use = *trial->dispatcher;
    const auto per_chunk = [chunks = static_cast<double>(trial->chunks)](int64_t count) {
      return static_cast<double>(count) / chunks;
    };
    cpu_us.push_back(per_chunk(use.cpu_ns) / kNsPerUsExact);
    wakeups.push_back(per_chunk(use.wakeups));
    voluntary.push_back(per_chunk(use.voluntary_switches));
    involuntary.push_back(per_chunk(use.involuntary_switches));
  }
  ChunkCost cost{SpreadOf(cpu_us), SpreadOf(wakeups), SpreadOf(voluntary), SpreadOf(involuntary),
                 ""};
  if (!cost.cpu_us) cost.why_null = "in no repetition did the dispatcher merge a chunk";
  return cost;
}

}  // namespace coresweep
