#include "harness/host/machine_edges.h"

#include <gtest/gtest.h>

#include "harness/base/cpu_set.h"
#include "tests/base/temp_folder.h"

namespace coresweep {
namespace {

TEST(MachineEdges, AreReadBelowTheRoot) {
  const TempFolder root;
  root.Write("/proc/vmstat", "nr_free_pages 9\npswpin 123\npswpout 7\n");
  root.Write("/proc/sys/kernel/random/boot_id", "11-22\n");
  root.Write("/proc/sys/kernel/osrelease", "6.1.0\n");
  root.Write("/proc/cpuinfo", "processor : 0\nmodel name : CPU X\n");
  root.Write("/sys/devices/system/cpu/online", "0-3\n");
  root.Write("/proc/self/cgroup", "0::/\n");
  root.Write("/proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n");
  root.Write("/sys/fs/cgroup/cpu.max", "150000 100000\n");
  const MachineEdge edge = ReadMachineEdge(root.path());
  EXPECT_EQ(edge.swapped_in_pages, 123);
  EXPECT_EQ(edge.boot_id, "11-22");
  EXPECT_EQ(edge.kernel, "6.1.0");
  EXPECT_EQ(edge.cpu_model, "CPU X");
  EXPECT_EQ(edge.online_cpus, "0-3");
  EXPECT_EQ(edge.cpu_quota, 1.5);
  EXPECT_EQ(edge.allowed_cpus, GetAffinity().ToList());
}

TEST(MachineEdges, WhatIsNotThereStaysEmpty) {
  const TempFolder root;
  const MachineEdge edge = ReadMachineEdge(root.path());
  EXPECT_EQ(edge.swapped_in_pages, std::nullopt);
  EXPECT_EQ(edge.boot_id, "");
  EXPECT_EQ(edge.cpu_quota, std::nullopt);
}

TEST(MachineEdges, OfThisMachineOneAfterTheOtherAreOneMachine) {
  const MachineEdge first = ReadMachineEdge();
  const MachineEdge second = ReadMachineEdge();
  EXPECT_EQ(WhyInvalid(first, first, second), "");
  const BlockMachine between = BlockMachineOf(first, second);
  EXPECT_GT(between.length_ns, 0);
  EXPECT_FALSE(first.boot_id.empty());
}

}  // namespace
}  // namespace coresweep
