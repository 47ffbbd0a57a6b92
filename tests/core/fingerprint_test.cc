#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "harness/core/doctor.h"

namespace coresweep {
namespace {

/// `cores` cores of two hardware threads each, CPUs counted from `first`.
Topology Cores(int cores, int first) {
  Topology topology;
  topology.cores = cores;
  topology.packages = 1;
  for (int core = 0; core < cores; ++core) {
    for (int thread = 0; thread < 2; ++thread)
      topology.pus.push_back({first + 2 * core + thread, core, 0, 0, 0});
  }
  topology.caches = {{2, "unified", 1 << 20, cores}};
  topology.numa_nodes = {{0, 1 << 30, topology.Cpus()}};
  return topology;
}

HostFacts Host() {
  HostFacts facts;
  facts.cpu_model = "Imaginary 9000";
  facts.architecture = "x86_64";
  facts.kernel = "6.1.0";
  facts.topology = Cores(2, 0);
  facts.allowed = facts.topology.Cpus();
  facts.system.virtualization = "kvm";
  facts.system.clock_source = "tsc";
  facts.system.governor = "performance";
  return facts;
}

RuntimeFacts Libraries() {
  RuntimeFacts libraries;
  libraries.library = "libtorch 1.13.1";
  libraries.blas_kind = "openblas";
  libraries.blas_library = "/usr/lib/x/openblas-openmp/libopenblas.so.0";
  libraries.openmp_library = "/usr/lib/x/libgomp.so.1";
  return libraries;
}

/// The fingerprint after `change`.
std::string After(const std::function<void(HostFacts&)>& change) {
  HostFacts facts = Host();
  change(facts);
  const RuntimeFacts libraries = Libraries();
  return Fingerprint(facts, &libraries);
}

TEST(Fingerprint, IsSixteenDigitsAndAlwaysTheSame) {
  const RuntimeFacts libraries = Libraries();
  const std::string once = Fingerprint(Host(), &libraries);
  EXPECT_EQ(once.size(), 16U);
  EXPECT_EQ(once.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(Fingerprint(Host(), &libraries), once);
}

TEST(Fingerprint, ChangesWithEverythingThatFiguresDependOn) {
  const std::string before = After([](HostFacts&) {});
  const std::vector<std::function<void(HostFacts&)>> changes = {
      [](HostFacts& f) { f.cpu_model = "Imaginary 9001"; },
      [](HostFacts& f) { f.architecture = "aarch64"; },
      [](HostFacts& f) { f.kernel = "6.2.0"; },
      [](HostFacts& f) { f.system.virtualization = "none"; },
      [](HostFacts& f) { f.system.clock_source = "hpet"; },
      [](HostFacts& f) { f.system.governor = "powersave"; },
      [](HostFacts& f) {
        f.cpu_quota = {1.5, "a"};
      },
      [](HostFacts& f) { f.topology = Cores(3, 0); },
      [](HostFacts& f) { f.topology.pus.pop_back(); },
      [](HostFacts& f) { f.topology.pus[0].core = 5; },
      [](HostFacts& f) { f.topology.pus[0].l3 = 1; },
      [](HostFacts& f) { f.topology.pus[0].l2 = 1; },
      [](HostFacts& f) { f.topology.pus[0].die = 1; },
      [](HostFacts& f) { f.topology.pus[0].group = 1; },
      [](HostFacts& f) { f.topology.pus[0].numa_node = 1; },
      [](HostFacts& f) { f.topology.pus[0].package = 1; },
      [](HostFacts& f) { f.topology.pus[0].kind = CoreKind::kEfficiency; },
      [](HostFacts& f) { f.topology.caches[0].bytes *= 2; },
  };
  for (size_t i = 0; i < changes.size(); ++i)
    EXPECT_NE(After(changes[i]), before) << "change " << i;
}

TEST(Fingerprint, DoesNotMindWhichOfEqualCpusNorWhatComesAndGoes) {
  const std::string before = After([](HostFacts&) {});
  const std::vector<std::function<void(HostFacts&)>> changes = {
      [](HostFacts& f) { f.topology = Cores(2, 32); },
      [](HostFacts& f) {
        for (Pu& pu : f.topology.pus)
          pu.core += 7;
      },
      [](HostFacts& f) {
        for (Pu& pu : f.topology.pus)
          pu.numa_node = 1;
      },
      [](HostFacts& f) {
        f.measured = MeasuredCpus{1, 1, 4};
      },
      [](HostFacts& f) { f.memory_total_bytes = 77; },
      [](HostFacts& f) {
        f.memory_limit_bytes = {7, "a"};
      },
      [](HostFacts& f) { f.system.clock_cost_ns = 30; },
      [](HostFacts& f) { f.system.steal_share = 0.5; },
      [](HostFacts& f) { f.topology.numa_nodes[0].bytes = 1; },
      [](HostFacts& f) { f.warnings = {"x"}; },
  };
  for (size_t i = 0; i < changes.size(); ++i)
    EXPECT_EQ(After(changes[i]), before) << "change " << i;
}

TEST(Fingerprint, DoesNotMindTheOrderOfUnequalCores) {
  const auto one_partial_core = [](size_t removed) {
    return After([removed](HostFacts& facts) {
      facts.topology.pus.erase(facts.topology.pus.begin() + static_cast<ptrdiff_t>(removed));
    });
  };
  EXPECT_EQ(one_partial_core(0), one_partial_core(3));
}

TEST(Fingerprint, NamesTheSourceOfTheQuotaNowhere) {
  EXPECT_EQ(After([](HostFacts& f) {
              f.cpu_quota = {1.5, "a"};
            }),
            After([](HostFacts& f) {
              f.cpu_quota = {1.5, "b"};
            }));
  EXPECT_NE(After([](HostFacts& f) {
              f.cpu_quota = {1.5, "a"};
            }),
            After([](HostFacts& f) {
              f.cpu_quota = {1.5, "a"};
              f.cpu_period_us = 20'000;
            }));
}

TEST(Fingerprint, KnowsLibrariesByFileAndFolder) {
  const HostFacts facts = Host();
  RuntimeFacts libraries = Libraries();
  const std::string before = Fingerprint(facts, &libraries);
  EXPECT_NE(Fingerprint(facts, nullptr), before);
  libraries.blas_library = "/opt/lib/openblas-openmp/libopenblas.so.0";
  libraries.intra_op_threads = 7;
  EXPECT_EQ(Fingerprint(facts, &libraries), before);
  libraries.blas_library = "/usr/lib/x/openblas-pthread/libopenblas.so.0";
  EXPECT_NE(Fingerprint(facts, &libraries), before);
  libraries = Libraries();
  libraries.openmp_library = "/usr/lib/x/libiomp5.so";
  EXPECT_NE(Fingerprint(facts, &libraries), before);
  libraries = Libraries();
  libraries.library = "libtorch 2.0";
  EXPECT_NE(Fingerprint(facts, &libraries), before);
}

}  // namespace
}  // namespace coresweep
