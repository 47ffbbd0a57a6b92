// What merging in input order costs a chunk.
#include <benchmark/benchmark.h>

#include "harness/core/merger.h"

namespace coresweep {
namespace {

/// Chunks come in runs of `range(0)`, each run backwards: 1 is in order, 64 as disordered as it
/// gets.
void MergeInRuns(benchmark::State& state) {
  const auto run = static_cast<uint64_t>(state.range(0));
  Merger merger(64, {0, INT64_MAX});
  ChunkSample sample;
  sample.items = 1;
  uint64_t base = 0;
  for (auto _ : state) {
    for (uint64_t i = run; i-- > 0;) {
      sample.sequence = base + i;
      sample.started_ns = static_cast<int64_t>(sample.sequence);
      sample.computed_ns = sample.started_ns + 1;
      benchmark::DoNotOptimize(merger.Complete(sample, sample.computed_ns));
      merger.MergeReady(sample.computed_ns, [](uint64_t) {});
    }
    base += run;
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(MergeInRuns)->Arg(1)->Arg(8)->Arg(64);

}  // namespace
}  // namespace coresweep
