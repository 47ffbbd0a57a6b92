// What planning a placement costs on a machine of 384 PUs: every policy, few and many workers.
#include <benchmark/benchmark.h>

#include <string>

#include "harness/core/placement.h"

namespace coresweep {
namespace {

/// Two packages of four NUMA nodes of three L3s of eight cores of two PUs; siblings are 192 apart.
Topology BigMachine() {
  constexpr int kCores = 192;
  Topology topology;
  for (int core = 0; core < kCores; ++core) {
    for (const int sibling : {0, kCores}) {
      Pu pu{core + sibling, core, core / 8, core / 24, core / 96};
      pu.l2 = core;
      pu.kind = core % 2 == 0 ? CoreKind::kPerformance : CoreKind::kEfficiency;
      topology.pus.push_back(pu);
    }
  }
  topology.cores = kCores;
  topology.packages = 2;
  topology.online_cpus = 2 * kCores;
  return topology;
}

void PlaceOnBigMachine(benchmark::State& state, const std::string& policy, Width width) {
  const Topology topology = BigMachine();
  const PlacementShape shape{static_cast<int>(state.range(0)), static_cast<int>(state.range(1)),
                             width, DispatcherPlace::kOwn};
  for (auto _ : state) {
    std::string why_not;
    benchmark::DoNotOptimize(Place(policy, topology, shape, &why_not));
  }
}

/// One row a policy and width; arguments are workers and threads.
[[maybe_unused]] const bool kRegistered = [] {
  for (const char* policy : {"none", "compact", "scatter", "core", "nosmt", "smt", "l2", "l3",
                             "numa", "package", "pcore", "ecore", "ppr:16:l3", "ppr:1:pu",
                             "list:0-95|96-383", "mask:ffff,ffff0000", "modulo"}) {
    for (const Width width : {Width::kPu, Width::kCore, Width::kObject}) {
      const std::string name = std::string(policy) + "/" + std::string(ToString(width));
      benchmark::RegisterBenchmark(name.c_str(), PlaceOnBigMachine, std::string(policy), width)
          ->Args({1, 1})
          ->Args({24, 16})
          ->Args({384, 1})
          ->Args({1, 384})
          ->Unit(benchmark::kMillisecond);
    }
  }
  return true;
}();

}  // namespace
}  // namespace coresweep
