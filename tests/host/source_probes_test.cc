#include "harness/host/source_probes.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>

#include "harness/base/cpu_set.h"
#include "harness/host/memory_binding.h"
#include "harness/host/worker_meter.h"
#include "tests/base/temp_folder.h"

namespace coresweep {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

Probe Find(const std::vector<Probe>& probes, const std::string& name) {
  const auto found = std::find_if(probes.begin(), probes.end(),
                                  [&](const Probe& probe) { return probe.name == name; });
  return found != probes.end() ? *found : Probe{};
}

TEST(SourceProbes, NameEachSourceOnceWithADetail) {
  std::vector<std::string> names;
  for (const Probe& probe : TrySources()) {
    names.push_back(probe.name);
    EXPECT_NE(probe.detail, "") << probe.name;
    EXPECT_LT(probe.detail.size(), 160U) << probe.detail;
    EXPECT_EQ(probe.detail.find('\n'), std::string::npos) << probe.name;
  }
  EXPECT_THAT(
      names, testing::ElementsAre("hardware counters", "software events", "run-queue delay",
                                  "pressure", "steal", "shared memory accounting", "memory binding",
                                  "pinning", "pidfd", "memfd", "huge pages by madvise"));
}

TEST(SourceProbes, LeaveNothingChanged) {
  const CpuSet affinity = GetAffinity();
  const std::string policy = ReadMemoryPolicy();
  const int next_fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::close(next_fd);
  TrySources();
  EXPECT_EQ(GetAffinity(), affinity);
  EXPECT_EQ(ReadMemoryPolicy(), policy);
  const int same_fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::close(same_fd);
  EXPECT_EQ(same_fd, next_fd);  // no descriptor was left open
}

TEST(SourceProbes, AgreeWithWhatTheMeterGets) {
  WorkerMeter meter(true);
  meter.Begin();
  const WorkerUse use = meter.End();
  const auto probes = TrySources();
  EXPECT_EQ(Find(probes, "hardware counters").available,
            use.instructions.has_value() || use.cycles.has_value());
  EXPECT_EQ(Find(probes, "run-queue delay").available, use.run_queue_ns.has_value());
}

TEST(SourceProbes, FindPinningWhereTheMaskCanBeSet) {
  const Probe pinning = Find(TrySources(), "pinning");
  EXPECT_EQ(pinning.available, SetAffinity(GetAffinity()) == 0);
}

TEST(SourceProbes, SayWhichFileIsMissing) {
  const TempFolder root;
  const auto probes = TrySources(root.path());
  const std::map<std::string, std::string> expected = {
      {"run-queue delay", "/proc/self/schedstat: ENOENT"},
      {"pressure", "/proc/pressure/cpu: ENOENT"},
      {"steal", "/proc/stat: ENOENT"},
      {"shared memory accounting", "/proc/self/smaps_rollup: ENOENT"},
      {"huge pages by madvise", "/sys/kernel/mm/transparent_hugepage/enabled: ENOENT"}};
  for (const auto& [name, detail] : expected) {
    EXPECT_FALSE(Find(probes, name).available) << name;
    EXPECT_EQ(Find(probes, name).detail, detail);
  }
}

TEST(SourceProbes, SayThatAFileRefusesToBeRead) {
  const TempFolder root;
  std::filesystem::create_directories(root.path() / "proc/pressure/cpu");
  EXPECT_EQ(Find(TrySources(root.path()), "pressure").detail, "/proc/pressure/cpu: EISDIR");
}

TEST(SourceProbes, DoNotTakeZerosForMeasurements) {
  const TempFolder root;
  root.Write("/proc/self/schedstat", "0 0 0\n");
  root.Write("/proc/stat", "cpu  0 0 0 0 0 0 0 0 0 0\n");
  const auto probes = TrySources(root.path());
  EXPECT_FALSE(Find(probes, "run-queue delay").available);
  EXPECT_THAT(Find(probes, "run-queue delay").detail, HasSubstr("zeros only"));
  EXPECT_FALSE(Find(probes, "steal").available);
  EXPECT_THAT(Find(probes, "steal").detail, HasSubstr("zeros only"));
}

TEST(SourceProbes, ReadFilesBelowTheRoot) {
  const TempFolder root;
  root.Write("/proc/self/schedstat", "5 6 7\n");
  root.Write("/proc/stat", "cpu  10 0 10 70 0 0 5 5 3 0\n");
  root.Write("/proc/self/smaps_rollup", "0-1 ---p 0 00:00 0 [rollup]\nPss: 285 kB\n");
  root.Write("/proc/self/cgroup", "0::/\n");
  root.Write("/proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n");
  root.Write("/sys/fs/cgroup/cpu.max", "max 100000\n");
  root.Write("/sys/fs/cgroup/cpu.pressure", "some avg10=0 avg60=0 avg300=0 total=5\n");
  root.Write("/sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]\n");
  const auto probes = TrySources(root.path());
  EXPECT_TRUE(Find(probes, "run-queue delay").available);
  EXPECT_EQ(Find(probes, "steal").detail, "/proc/stat: 5.00 % of CPU time since boot");
  EXPECT_TRUE(Find(probes, "shared memory accounting").available);
  EXPECT_TRUE(Find(probes, "pressure").available);
  EXPECT_EQ(Find(probes, "pressure").detail, "/sys/fs/cgroup/cpu.pressure");
  EXPECT_FALSE(Find(probes, "huge pages by madvise").available);
  EXPECT_THAT(Find(probes, "huge pages by madvise").detail, HasSubstr("never"));
}

TEST(SourceProbes, TellNoStealFromNoColumn) {
  const TempFolder root;
  root.Write("/proc/stat", "cpu  10 0 10 70 0 0 5 0 3 0\n");
  EXPECT_TRUE(Find(TrySources(root.path()), "steal").available);
  EXPECT_EQ(Find(TrySources(root.path()), "steal").detail, "/proc/stat: none since boot");
  root.Write("/proc/stat", "cpu  10 0 10 70\ncpu0 1 2 3 4\n");
  EXPECT_EQ(Find(TrySources(root.path()), "steal").detail, "/proc/stat: no 8th value");
}

TEST(SourceProbes, ExplainWhyNothingIsCounted) {
  const Probe hardware = Find(TrySources(), "hardware counters");
  if (hardware.available) {
    EXPECT_THAT(hardware.detail, AnyOf(StartsWith("instructions"), StartsWith("cycles")));
  } else {
    EXPECT_THAT(hardware.detail, AnyOf(HasSubstr("perf_event_open: E"), HasSubstr("known loop")));
  }
}

}  // namespace
}  // namespace coresweep
