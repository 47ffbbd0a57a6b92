#include "harness/core/host_facts.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/core/host_json.h"

namespace coresweep {
namespace {

HostFacts FourCpus() {
  HostFacts facts;
  facts.allowed = {0, 1, 2, 3};
  return facts;
}

HostFacts WithQuota(double cpus) {
  HostFacts facts = FourCpus();
  facts.cpu_quota = {cpus, "/sys/fs/cgroup/cpu.max"};
  return facts;
}

TEST(HostFacts, UsableCpusAreTheAllowedOnesWithoutAQuota) {
  EXPECT_EQ(FourCpus().UsableCpus(), 4);
  EXPECT_EQ(FourCpus().BindingLimit(), "4 allowed CPUs");
}

TEST(HostFacts, AQuotaIsRoundedDownToWholeCpusButNotToNone) {
  EXPECT_EQ(WithQuota(3.99).UsableCpus(), 3);
  EXPECT_EQ(WithQuota(3).UsableCpus(), 3);
  EXPECT_EQ(WithQuota(1.5).UsableCpus(), 1);
  EXPECT_EQ(WithQuota(0.25).UsableCpus(), 1);
}

TEST(HostFacts, AQuotaAboveTheAllowedCpusDoesNotBind) {
  for (const double cpus : {4.0, 4.5, 64.0, 1e15}) {
    EXPECT_EQ(WithQuota(cpus).UsableCpus(), 4) << cpus;
    EXPECT_EQ(WithQuota(cpus).BindingLimit(), "4 allowed CPUs") << cpus;
  }
}

TEST(HostFacts, NamesTheFileOfABindingQuota) {
  EXPECT_EQ(WithQuota(1.5).BindingLimit(), "quota of 1.5 CPUs (/sys/fs/cgroup/cpu.max)");
  EXPECT_EQ(WithQuota(1).BindingLimit(), "quota of 1 CPU (/sys/fs/cgroup/cpu.max)");
}

TEST(HostFacts, OneAllowedCpuIsNotAPlural) {
  HostFacts facts;
  facts.allowed = {7};
  EXPECT_EQ(facts.BindingLimit(), "1 allowed CPU");
}

TEST(HostFacts, UsableMemoryIsTheLimitOrWhatTheMachineHas) {
  HostFacts facts;
  facts.memory_total_bytes = 1000;
  EXPECT_EQ(facts.UsableMemoryBytes(), 1000U);
  facts.memory_limit_bytes = {400, "/sys/fs/cgroup/memory.max"};
  EXPECT_EQ(facts.UsableMemoryBytes(), 400U);
  facts.memory_limit_bytes->value = 5000;
  EXPECT_EQ(facts.UsableMemoryBytes(), 1000U);
  facts.memory_total_bytes = 0;
  EXPECT_EQ(facts.UsableMemoryBytes(), 5000U);
}

TEST(HostJson, HoldsEveryFact) {
  HostFacts facts = WithQuota(1.5);
  facts.cpu_model = "Imaginary 9000";
  facts.kernel = "6.1";
  facts.architecture = "x86_64";
  facts.os = "Imaginary Linux";
  facts.visible_cpus = 8;
  facts.hwloc_allowed = {0, 1, 2, 3, 4, 5, 6, 7};
  facts.affinity = {0, 1, 2, 3, 5};
  facts.topology.pus = {{3, 0, -1, 8, 1}};
  facts.topology.cores = 1;
  facts.topology.packages = 2;
  facts.topology.caches = {{2, "unified", 1 << 20, 4}};
  facts.topology.numa_nodes = {{8, 5'000'000'000, {0, 1}}};
  facts.cgroup_version = 2;
  facts.memory_limit_bytes = {4096, "/sys/fs/cgroup/memory.max"};
  facts.memory_total_bytes = 8192;
  facts.dev_shm_bytes = 0;
  facts.cpu_stat_path = "/sys/fs/cgroup/cpu.stat";
  facts.warnings = {"careful"};
  const auto expected = nlohmann::ordered_json::parse(R"json({
    "cpu_model": "Imaginary 9000", "architecture": "x86_64", "os": "Imaginary Linux",
    "kernel": "6.1", "usable_cpus": 1,
    "binding_limit": "quota of 1.5 CPUs (/sys/fs/cgroup/cpu.max)", "visible_cpus": 8,
    "hwloc_allowed": "0-7", "affinity": "0-3,5", "allowed": "0-3", "cgroup_version": 2,
    "cpu_quota_cpus": {"value": 1.5, "source": "/sys/fs/cgroup/cpu.max"},
    "cpu_stat_path": "/sys/fs/cgroup/cpu.stat",
    "memory_limit_bytes": {"value": 4096, "source": "/sys/fs/cgroup/memory.max"},
    "memory_total_bytes": 8192, "dev_shm_bytes": 0,
    "topology": {"packages": 2, "cores": 1,
      "caches": [{"level": 2, "kind": "unified", "bytes": 1048576, "count": 4}],
      "numa_nodes": [{"os_index": 8, "bytes": 5000000000, "cpus": "0-1"}],
      "pus": [{"os_index": 3, "core": 0, "l3": null, "numa_node": 8, "package": 1}]},
    "warnings": ["careful"]})json");
  EXPECT_EQ(ToJson(facts), expected);
}

TEST(HostJson, WritesNullForWhatIsNotKnown) {
  const auto json = ToJson(FourCpus());
  for (const char* key :
       {"cpu_model", "visible_cpus", "cgroup_version", "cpu_quota_cpus", "cpu_stat_path",
        "memory_limit_bytes", "memory_total_bytes", "dev_shm_bytes"})
    EXPECT_TRUE(json.at(key).is_null()) << key;
  EXPECT_EQ(json.at("warnings"), nlohmann::ordered_json::array());
  EXPECT_EQ(json.at("topology").at("pus"), nlohmann::ordered_json::array());
}

}  // namespace
}  // namespace coresweep
