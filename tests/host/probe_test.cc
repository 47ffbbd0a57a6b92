#include "harness/host/probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "harness/base/cpu_set.h"
#include "tests/base/temp_folder.h"

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(Probe, FindsThisMachineUsable) {
  const HostFacts facts = ReadHostFacts();
  EXPECT_EQ(facts.affinity, GetAffinity());
  EXPECT_FALSE(facts.allowed.Empty());
  EXPECT_EQ(facts.allowed, facts.allowed.Intersect(facts.affinity));
  EXPECT_EQ(facts.topology.pus.size(), static_cast<size_t>(facts.allowed.Count()));
  EXPECT_EQ(facts.machine.Cpus().Intersect(facts.allowed), facts.allowed);
  EXPECT_GE(facts.visible_cpus, facts.allowed.Count());
  EXPECT_GE(facts.present_cpus, facts.visible_cpus);
  EXPECT_FALSE(facts.measured);
  EXPECT_GT(facts.memory_total_bytes, 0U);
  EXPECT_NE(facts.kernel, "");
  EXPECT_NE(facts.architecture, "");
}

TEST(Probe, ObeysTheAffinityMask) {
  const CpuSet before = GetAffinity();
  const CpuSet one{before.ToVector().back()};
  ASSERT_EQ(SetAffinity(one), 0);
  const HostFacts facts = ReadHostFacts();
  ASSERT_EQ(SetAffinity(before), 0);
  EXPECT_EQ(facts.allowed, one);
  ASSERT_EQ(facts.topology.pus.size(), 1U);
  EXPECT_EQ(facts.topology.pus[0].os_index, one.ToVector()[0]);
  EXPECT_EQ(facts.UsableCpus(), 1);
}

TEST(Probe, ReadsFilesBelowTheRoot) {
  const TempFolder root;
  root.Write("/proc/cpuinfo", "processor\t: 0\nmodel name\t: Imaginary 9000\ncpu MHz\t: 1\n");
  root.Write("/proc/meminfo", "MemTotal:        2048 kB\nMemFree: 1 kB\nSwapTotal: 1024 kB\n");
  root.Write("/proc/sys/kernel/osrelease", "9.9.9-test\n");
  root.Write("/etc/os-release", "NAME=x\nPRETTY_NAME=\"Imaginary Linux\"\n");
  root.Write("/sys/devices/system/cpu/online", "0-63,128\n");
  root.Write("/sys/devices/system/cpu/present", "0-255\n");
  root.Write("/sys/devices/system/cpu/isolated", GetAffinity().ToList() + "\n");
  root.Write("/proc/self/cgroup", "0::/\n");
  root.Write("/proc/self/mountinfo",
             "30 23 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n"
             "31 23 0:27 / /dev/shm rw - tmpfs shm rw,size=65536k\n"
             "32 23 0:28 / /proc/meminfo rw - fuse.lxcfs lxcfs rw\n");
  root.Write("/dev/shm/file", "");
  root.Write("/sys/fs/cgroup/cpu.max", "50000 100000\n");
  root.Write("/sys/fs/cgroup/memory.max", "1048576\n");
  root.Write("/sys/fs/cgroup/cpu.stat", "nr_periods 1\n");
  const HostFacts facts = ReadHostFacts(root.path(), {"OMP_NUM_THREADS=2"});
  EXPECT_EQ(facts.cpu_model, "Imaginary 9000");
  EXPECT_EQ(facts.memory_total_bytes, 2'097'152U);
  EXPECT_EQ(facts.kernel, "9.9.9-test");
  EXPECT_EQ(facts.os, "Imaginary Linux");
  EXPECT_EQ(facts.visible_cpus, 65);
  EXPECT_EQ(facts.present_cpus, 256);
  EXPECT_EQ(facts.swap_total_bytes, 1'048'576U);
  EXPECT_EQ(facts.cgroup_version, 2);
  EXPECT_DOUBLE_EQ(facts.cpu_quota->value, 0.5);
  EXPECT_EQ(facts.UsableMemoryBytes(), 1'048'576U);
  EXPECT_TRUE(facts.dev_shm_bytes);
  EXPECT_EQ(facts.cpu_stat_path, root.path().string() + "/sys/fs/cgroup/cpu.stat");
  EXPECT_TRUE(facts.lxcfs);
  EXPECT_EQ(facts.isolated, facts.allowed);
  EXPECT_THAT(facts.system.environment, ElementsAre(Pair("OMP_NUM_THREADS", "2")));
  EXPECT_THAT(facts.warnings, IsEmpty());
}

TEST(Probe, TakesOverEveryFactOfTheCgroups) {
  const TempFolder root;
  const std::string own = "/sys/fs/cgroup/";
  root.Write("/proc/self/cgroup", "0::/\n");
  root.Write("/proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n");
  root.Write(own + "cgroup.type", "domain\n");
  root.Write(own + "cpu.max", "30000 20000\n");
  root.Write(own + "cpu.max.burst", "7\n");
  root.Write(own + "cpu.weight", "39\n");
  root.Write(own + "cpuset.cpus.effective", "0-3\n");
  root.Write(own + "memory.high", "100\n");
  root.Write(own + "memory.swap.max", "200\n");
  root.Write(own + "pids.max", "300\n");
  const HostFacts facts = ReadHostFacts(root.path());
  EXPECT_EQ(facts.cpu_period_us, 20'000);
  EXPECT_EQ(facts.cpu_burst_us->value, 7U);
  EXPECT_EQ(facts.cpu_weight->value, 39U);
  EXPECT_EQ(facts.cpuset->value, (CpuSet{0, 1, 2, 3}));
  EXPECT_TRUE(facts.cpu_hidden_above);
  EXPECT_EQ(facts.memory_high_bytes->value, 100U);
  EXPECT_EQ(facts.swap_limit_bytes->value, 200U);
  EXPECT_EQ(facts.pids_max->value, 300U);
  EXPECT_EQ(facts.pids_max->source, own + "pids.max");
}

TEST(Probe, NamesArmCpusByTheirParts) {
  const TempFolder root;
  root.Write("/proc/cpuinfo",
             "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\nCPU revision\t: 1\n");
  EXPECT_EQ(ReadHostFacts(root.path()).cpu_model, "Arm implementer 0x41 part 0xd0c revision 1");
}

TEST(Probe, LeavesUnknownWhatIsNotThere) {
  const TempFolder root;
  root.Write("/dev/shm/file", "");  // a folder, but nothing mounted there
  const HostFacts facts = ReadHostFacts(root.path());
  EXPECT_EQ(facts.cpu_model, "unknown");
  EXPECT_EQ(facts.visible_cpus, 0);
  EXPECT_EQ(facts.cgroup_version, 0);
  EXPECT_FALSE(facts.cpu_quota);
  EXPECT_FALSE(facts.dev_shm_bytes);
  EXPECT_FALSE(facts.allowed.Empty());
}

}  // namespace
}  // namespace coresweep
