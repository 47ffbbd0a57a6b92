#include "harness/core/host_json.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace coresweep {
namespace {

using Json = nlohmann::ordered_json;

/// Every field set, each to something of its own.
HostFacts FullHost() {
  HostFacts facts;
  facts.cpu_model = "Imaginary 9000";
  facts.kernel = "6.1";
  facts.architecture = "x86_64";
  facts.os = "Imaginary Linux";
  facts.visible_cpus = 8;
  facts.present_cpus = 16;
  facts.hwloc_allowed = {0, 1, 2, 3, 4, 5, 6, 7};
  facts.affinity = {0, 1, 2, 3, 5};
  facts.allowed = {0, 1, 2, 3};
  facts.cpuset = {CpuSet{0, 1}, "/sys/fs/cgroup/cpuset.cpus.effective"};
  facts.isolated = {3};
  facts.topology.pus = {{3, 0, -1, 8, 1, 5, 6, 7, CoreKind::kEfficiency}};
  facts.topology.cores = 1;
  facts.topology.packages = 2;
  facts.topology.caches = {{2, "unified", 1 << 20, 4}};
  facts.topology.numa_nodes = {{8, 5'000'000'000, {0, 1}}};
  facts.machine.pus = {{0, 0, 0, 0, 0, 0, -1, -1, CoreKind::kPerformance},
                       {1, 0, 0, 0, 0, 0, -1, -1, CoreKind::kPerformance},
                       {2, 1, 0, 0, 0, 0, -1, -1, CoreKind::kEfficiency}};
  facts.machine.cores = 2;
  facts.machine.packages = 1;
  facts.foreign = "pack:1";
  facts.cgroup_version = 2;
  facts.cpu_quota = {1.5, "/sys/fs/cgroup/cpu.max"};
  facts.cpu_period_us = 20'000;
  facts.cpu_burst_us = {7, "/sys/fs/cgroup/cpu.max.burst"};
  facts.cpu_weight = {39, "/sys/fs/cgroup/cpu.weight"};
  facts.cpu_hidden_above = true;
  facts.measured = MeasuredCpus{1.25, 0.5, 4};
  facts.memory_limit_bytes = {4096, "/sys/fs/cgroup/memory.max"};
  facts.memory_high_bytes = {2048, "/sys/fs/cgroup/memory.high"};
  facts.swap_limit_bytes = {1024, "/sys/fs/cgroup/memory.swap.max"};
  facts.pids_max = {100, "/sys/fs/cgroup/pids.max"};
  facts.memory_total_bytes = 8192;
  facts.swap_total_bytes = 512;
  facts.dev_shm_bytes = 0;
  facts.cpu_stat_path = "/sys/fs/cgroup/cpu.stat";
  facts.memory_cgroup_visible = true;
  facts.lxcfs = true;
  facts.warnings = {"careful"};
  facts.system = {"tsc",
                  25.5,
                  "powersave",
                  "kvm",
                  "docker",
                  0.25,
                  3,
                  "madvise",
                  2,
                  true,
                  {"CAP_SYS_NICE"},
                  {{"nofile", 1024}, {"stack", std::numeric_limits<uint64_t>::max()}},
                  {{"OMP_NUM_THREADS", "4"}},
                  {{"pressure", false, "open: ENOENT"}}};
  return facts;
}

TEST(HostJson, HoldsEveryFact) {
  const auto expected = Json::parse(R"json({
    "cpu_model": "Imaginary 9000", "architecture": "x86_64", "os": "Imaginary Linux",
    "kernel": "6.1", "usable_cpus": 1,
    "binding_limit": "1.25 CPUs that a spin test got, of 1.5 as read", "visible_cpus": 8,
    "hwloc_allowed": "0-7", "affinity": "0-3,5", "allowed": "0-3", "cgroup_version": 2,
    "cpu_quota_cpus": {"value": 1.5, "source": "/sys/fs/cgroup/cpu.max"},
    "cpu_stat_path": "/sys/fs/cgroup/cpu.stat",
    "memory_cgroup_visible": true,
    "memory_limit_bytes": {"value": 4096, "source": "/sys/fs/cgroup/memory.max"},
    "memory_total_bytes": 8192, "dev_shm_bytes": 0,
    "topology": {"packages": 2, "cores": 1,
      "caches": [{"level": 2, "kind": "unified", "bytes": 1048576, "count": 4}],
      "numa_nodes": [{"os_index": 8, "bytes": 5000000000, "cpus": "0-1"}],
      "pus": [{"os_index": 3, "core": 0, "l3": null, "numa_node": 8, "package": 1, "l2": 5,
               "die": 6, "group": 7, "kind": "efficiency"}]},
    "warnings": ["careful"],
    "cpu_limits": {
      "nominal": {"value": 16, "source": "/sys/devices/system/cpu/present"},
      "visible": {"value": 8, "source": "/sys/devices/system/cpu/online"},
      "allowed": {"value": 4, "source": "pack:1"},
      "quota": {"value": 1.5, "source": "/sys/fs/cgroup/cpu.max"},
      "measured": {"value": 1.25, "source": "spin test, 4 threads for 0.5 s", "seconds": 0.5,
                   "threads": 4},
      "usable": 1, "binds": "measured"},
    "cpu_period_us": 20000,
    "cpu_burst_us": {"value": 7, "source": "/sys/fs/cgroup/cpu.max.burst"},
    "cpu_weight": {"value": 39, "source": "/sys/fs/cgroup/cpu.weight"},
    "cpu_limits_above_hidden": true,
    "cpuset": {"value": "0-1", "source": "/sys/fs/cgroup/cpuset.cpus.effective"},
    "isolated": "3",
    "memory_high_bytes": {"value": 2048, "source": "/sys/fs/cgroup/memory.high"},
    "swap_limit_bytes": {"value": 1024, "source": "/sys/fs/cgroup/memory.swap.max"},
    "swap_total_bytes": 512,
    "pids_max": {"value": 100, "source": "/sys/fs/cgroup/pids.max"},
    "lxcfs": true,
    "machine": {"cpus": "0-2", "packages": 1, "cores": 2, "threads_per_core": 2,
                "core_kinds": {"performance": "0-1", "efficiency": "2"}, "caches": [],
                "numa_nodes": []},
    "system": {"clock_source": "tsc", "clock_cost_ns": 25.5, "governor": "powersave",
      "virtualization": "kvm", "container": "docker", "steal_share": 0.25, "huge_pages": 3,
      "transparent_huge_pages": "madvise", "seccomp_mode": 2, "no_new_privs": true,
      "capabilities": ["CAP_SYS_NICE"], "rlimits": {"nofile": 1024, "stack": "unlimited"},
      "environment": {"OMP_NUM_THREADS": "4"}},
    "probes": [{"name": "pressure", "available": false, "detail": "open: ENOENT"}],
    "foreign": "pack:1"})json");
  EXPECT_EQ(ToJson(FullHost()), expected);
}

TEST(HostJson, WritesNullForWhatIsNotKnown) {
  HostFacts facts;
  facts.allowed = {0, 1, 2, 3};
  const auto json = ToJson(facts);
  for (const char* key :
       {"cpu_model", "visible_cpus", "cgroup_version", "cpu_quota_cpus", "cpu_stat_path",
        "memory_limit_bytes", "memory_total_bytes", "dev_shm_bytes", "cpu_period_us",
        "cpu_burst_us", "cpu_weight", "cpuset", "memory_high_bytes", "swap_limit_bytes", "pids_max",
        "machine", "foreign"})
    EXPECT_TRUE(json.at(key).is_null()) << key;
  for (const char* key : {"nominal", "visible", "quota", "measured"})
    EXPECT_TRUE(json.at("cpu_limits").at(key).is_null()) << key;
  for (const char* key :
       {"clock_source", "clock_cost_ns", "governor", "virtualization", "container", "steal_share",
        "huge_pages", "transparent_huge_pages", "seccomp_mode", "no_new_privs"})
    EXPECT_TRUE(json.at("system").at(key).is_null()) << key;
  EXPECT_EQ(json.at("warnings"), Json::array());
  EXPECT_EQ(json.at("probes"), Json::array());
  EXPECT_EQ(json.at("system").at("environment"), Json::object());
  EXPECT_EQ(json.at("topology").at("pus"), Json::array());
  EXPECT_EQ(json.at("cpu_limits").at("binds"), "allowed");
}

TEST(HostJson, AMachineWithoutCoresHasNoThreadsPerCore) {
  HostFacts facts;
  facts.allowed = {0};
  facts.machine.pus = {{0}, {1}};
  EXPECT_TRUE(ToJson(facts).at("machine").at("threads_per_core").is_null());
}

}  // namespace
}  // namespace coresweep
