#include "harness/host/system_meter.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "harness/base/clock.h"
#include "tests/base/temp_folder.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPressure =
    "some avg10=0.02 avg60=0.23 avg300=0.11 total=1000\n"
    "full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n";

int64_t Ticks(int64_t ticks) {
  return ticks * (kNsPerS / sysconf(_SC_CLK_TCK));
}

TEST(SystemSources, PreferTheCgroupsPressure) {
  const TempFolder root;
  for (const char* name : {"/proc/pressure/cpu", "/proc/pressure/memory", "/proc/pressure/io",
                           "/sys/fs/cgroup/a/cpu.pressure", "/sys/fs/cgroup/a/io.pressure"}) {
    root.Write(name, kPressure);
  }
  const std::string cpu_stat = (root.path() / "sys/fs/cgroup/a/cpu.stat").string();
  const SystemSources sources = FindSystemSources(cpu_stat, {0, 3}, root.path());
  EXPECT_EQ(sources.cpu_stat_path, cpu_stat);
  EXPECT_EQ(sources.cpu_pressure_path, root.path() / "sys/fs/cgroup/a/cpu.pressure");
  EXPECT_EQ(sources.io_pressure_path, root.path() / "sys/fs/cgroup/a/io.pressure");
  EXPECT_EQ(sources.memory_pressure_path, "");  // the machine's would be of other tasks
  EXPECT_EQ(sources.proc_stat_path, root.path() / "proc/stat");
  EXPECT_EQ(sources.cpus, (CpuSet{0, 3}));
}

TEST(SystemSources, PreferTheOwnCgroupToTheOneWhoseQuotaBinds) {
  const TempFolder root;
  root.Write("/proc/self/cgroup", "0::/pod/app\n");
  root.Write("/proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n");
  root.Write("/sys/fs/cgroup/pod/cpu.max", "100000 100000\n");
  root.Write("/sys/fs/cgroup/pod/app/cpu.max", "max 100000\n");
  root.Write("/sys/fs/cgroup/pod/cpu.pressure", kPressure);
  const std::string cpu_stat = (root.path() / "sys/fs/cgroup/pod/cpu.stat").string();
  EXPECT_EQ(FindSystemSources(cpu_stat, {0}, root.path()).cpu_pressure_path,
            root.path() / "sys/fs/cgroup/pod/cpu.pressure");
  root.Write("/sys/fs/cgroup/pod/app/cpu.pressure", kPressure);
  EXPECT_EQ(FindSystemSources(cpu_stat, {0}, root.path()).cpu_pressure_path,
            root.path() / "sys/fs/cgroup/pod/app/cpu.pressure");
}

TEST(SystemSources, TakeTheMachinesPressureWhereTheCgroupHasNone) {
  const TempFolder root;
  root.Write("/proc/pressure/cpu", kPressure);
  root.Write("/proc/pressure/memory", kPressure);
  // A file that is there and refuses to be read, as where PSI is disabled for cgroups.
  fs::create_directories(root.path() / "sys/fs/cgroup/cpu.pressure");
  root.Write("/sys/fs/cgroup/memory.pressure", kPressure);
  for (const char* cpu_stat : {"sys/fs/cgroup/cpu.stat", "sys/fs/cgroup/cpu/cpu.stat"}) {
    const SystemSources sources =
        FindSystemSources((root.path() / cpu_stat).string(), {0}, root.path());
    EXPECT_EQ(sources.cpu_pressure_path, root.path() / "proc/pressure/cpu");
    EXPECT_EQ(sources.memory_pressure_path, root.path() / "proc/pressure/memory");
    EXPECT_EQ(sources.io_pressure_path, "");
  }
}

TEST(SystemSources, LeaveOutPressureThatCannotBeRead) {
  const TempFolder root;
  fs::create_directories(root.path() / "proc/pressure/cpu");
  root.Write("/proc/pressure/memory", "");
  root.Write("/proc/pressure/io", "full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n");
  const SystemSources sources = FindSystemSources("", {0}, root.path());
  EXPECT_EQ(sources.cpu_pressure_path, "");
  EXPECT_EQ(sources.memory_pressure_path, "");
  EXPECT_EQ(sources.io_pressure_path, "");
  EXPECT_EQ(sources.cpu_stat_path, "");
}

/// A machine of four CPUs whose counters can be moved.
class Machine {
 public:
  Machine() {
    Write("cpu0 1 1 1 1 1 1 1 1 1 1\n", 10, 1000);
    sources_ = FindSystemSources((root_.path() / "cg/cpu.stat").string(), {1, 3}, root_.path());
  }
  void Write(const std::string& cpu_lines, int periods, int pressure_us) const {
    const std::string total = std::to_string(pressure_us);
    root_.Write("/proc/stat", "cpu  9 9 9 9 9 9 9 9 9 9\n" + cpu_lines + "intr 77 cpu1 5\n");
    root_.Write("/cg/cpu.stat", "nr_periods " + std::to_string(periods) + "\nnr_throttled " +
                                    std::to_string(periods / 2) + "\nthrottled_usec 500\n");
    for (const char* kind : {"cpu", "memory", "io"}) {
      root_.Write(std::string("/cg/") + kind + ".pressure",
                  "some avg10=0.02 avg60=0.23 avg300=0.11 total=" + total +
                      "\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n");
    }
  }
  [[nodiscard]] const fs::path& root() const { return root_.path(); }
  [[nodiscard]] const SystemSources& sources() const { return sources_; }

 private:
  TempFolder root_;
  SystemSources sources_;
};

//                                user nice system idle iowait irq softirq steal guest
constexpr const char* kFirstTicks =
    "cpu0 0 0 0 0 0 0 0 0 0 0\ncpu1 10 20 30 4000 500 6 7 8 9 0\ncpu3 100 0 0 0 0 0 0 100 0 0\n";
constexpr const char* kLaterTicks =
    "cpu0 9 9 9 9 9 9 9 9 9 9\ncpu1 11 22 33 4400 550 7 9 12 10 0\ncpu3 101 0 0 9 0 0 0 107 0 0\n";

TEST(SystemMeter, SumsStealAndBusyTimeOfTheAllowedCpus) {
  const Machine machine;
  SystemMeter meter(machine.sources());
  machine.Write(kFirstTicks, 10, 1000);
  meter.Begin();
  machine.Write(kLaterTicks, 10, 1000);
  const SystemUse use = meter.End();
  EXPECT_EQ(use.cpus, 2);
  EXPECT_EQ(use.steal_ns, Ticks(4 + 7));
  EXPECT_EQ(use.busy_ns, Ticks((1 + 2 + 3 + 1 + 2 + 4) + (1 + 7)));  // not idle, iowait, guest
  EXPECT_GT(use.interval_ns, 0);
}

TEST(SystemMeter, CountsThrottlingAndPressureOfTheInterval) {
  const Machine machine;
  SystemMeter meter(machine.sources());
  meter.Begin();
  machine.Write(kFirstTicks, 30, 1250);
  const SystemUse use = meter.End();
  ASSERT_TRUE(use.throttle);
  EXPECT_EQ(use.throttle->periods, 20);
  EXPECT_EQ(use.throttle->throttled_periods, 10);
  EXPECT_EQ(use.throttle->throttled_ns, 0);
  ASSERT_TRUE(use.pressure);
  EXPECT_EQ(use.pressure->source, machine.root() / "cg/cpu.pressure");
  EXPECT_EQ(use.pressure->cpu_ns, 250'000);
  EXPECT_EQ(use.pressure->memory_ns, 250'000);
  EXPECT_EQ(use.pressure->io_ns, 250'000);
}

TEST(SystemMeter, CountersThatRanBackwardsCountNothing) {
  const Machine machine;
  SystemMeter meter(machine.sources());
  machine.Write(kLaterTicks, 30, 1250);
  meter.Begin();
  machine.Write(kFirstTicks, 10, 1000);
  const SystemUse use = meter.End();
  EXPECT_EQ(use.throttle->periods, 0);
  EXPECT_EQ(use.pressure->cpu_ns, 0);
  EXPECT_EQ(use.steal_ns, 0);
  EXPECT_EQ(use.busy_ns, 0);
}

TEST(SystemMeter, StealOfCpusThatCameOrWentIsUnknown) {
  const Machine machine;
  SystemMeter meter(machine.sources());
  machine.Write(kFirstTicks, 10, 1000);
  meter.Begin();
  machine.Write("cpu0 9 9 9 9 9 9 9 9 9 9\ncpu1 11 22 33 4400 550 7 9 12 10 0\n", 10, 1000);
  const SystemUse use = meter.End();
  EXPECT_FALSE(use.steal_ns);
  EXPECT_FALSE(use.busy_ns);
  EXPECT_EQ(use.cpus, 0);
}

TEST(SystemMeter, ZerosOnlyAreNoMeasurement) {
  const Machine machine;
  SystemMeter meter(machine.sources());
  for (const char* lines : {"cpu1 0 0 0 0 0 0 0 0 0 0\ncpu3 0 0 0 0 0 0 0 0 0 0\n", "",
                            "cpu1 5 5 5 5\ncpu3 x\n", "cpu", "cpu1"}) {
    machine.Write(lines, 10, 1000);
    meter.Begin();
    const SystemUse use = meter.End();
    EXPECT_FALSE(use.steal_ns) << lines;
    EXPECT_FALSE(use.busy_ns) << lines;
  }
}

TEST(SystemMeter, WhatCannotBeReadIsUnknown) {
  const Machine machine;
  SystemMeter meter(machine.sources());
  machine.Write(kFirstTicks, 10, 1000);
  meter.Begin();
  for (const char* name : {"cg/cpu.stat", "cg/cpu.pressure", "proc/stat"}) {
    fs::remove(machine.root() / name);
    fs::create_directory(machine.root() / name);  // there, and refuses
  }
  const SystemUse use = meter.End();
  EXPECT_GT(use.interval_ns, 0);
  EXPECT_FALSE(use.throttle);
  ASSERT_TRUE(use.pressure);
  EXPECT_FALSE(use.pressure->cpu_ns);
  EXPECT_EQ(use.pressure->memory_ns, 0);
  EXPECT_FALSE(use.steal_ns);
}

TEST(SystemMeter, WithoutSourcesCountsOnlyTheInterval) {
  SystemMeter meter(SystemSources{});
  EXPECT_EQ(meter.End().interval_ns, 0);
  meter.Begin();
  const SystemUse use = meter.End();
  EXPECT_GT(use.interval_ns, 0);
  EXPECT_FALSE(use.throttle);
  EXPECT_FALSE(use.pressure);
  EXPECT_FALSE(use.steal_ns);
}

TEST(SystemMeter, ReadsThisMachine) {
  const CpuSet allowed = GetAffinity();
  SystemMeter meter(FindSystemSources("", allowed));
  meter.Begin();
  const int64_t until_ns = NowNs() + 50 * kNsPerMs;
  while (NowNs() < until_ns) {
  }
  const SystemUse use = meter.End();
  EXPECT_GE(use.interval_ns, 50 * kNsPerMs);
  if (!use.busy_ns) GTEST_SKIP() << "/proc/stat shows nothing here";
  EXPECT_EQ(use.cpus, allowed.Count());
  EXPECT_LE(*use.steal_ns, *use.busy_ns);
}

}  // namespace
}  // namespace coresweep
