#include "harness/host/topology.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "tests/base/temp_folder.h"

namespace coresweep {
namespace {

constexpr const char* kRecorded =
    CORESWEEP_SOURCE_DIR "/tests/fixtures/topologies/coral-ea-hwloc1.xml";

/// Message of the `UsageError`, which must be one line and the only thing said; "" when there is
/// none.
std::string TopologyRefusal(const std::string& source, const std::optional<CpuSet>& allowed = {}) {
  std::string message;
  testing::internal::CaptureStderr();
  try {
    ReadMachineFrom(source, allowed);
  } catch (const UsageError& error) {
    message = error.what();
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  return message;
}

TEST(ForeignTopology, WithoutAllowedCpusIsAllUsable) {
  const Machine machine = ReadMachineFrom("package:2 core:3 pu:2");
  EXPECT_EQ(machine.usable.Cpus().ToList(), "0-11");
  EXPECT_EQ(machine.whole.Cpus().ToList(), "0-11");
  EXPECT_EQ(machine.usable.online_cpus, 12);
}

TEST(ForeignTopology, IsRestrictedToTheAllowedCpus) {
  const Machine machine = ReadMachineFrom("package:2 numa:1 core:3 pu:2", CpuSet{1, 6, 7});
  EXPECT_EQ(machine.usable.Cpus().ToList(), "1,6-7");
  EXPECT_EQ(machine.usable.cores, 2);
  EXPECT_EQ(machine.usable.packages, 2);
  EXPECT_EQ(machine.usable.online_cpus, 12);
  EXPECT_EQ(machine.whole.Cpus().ToList(), "0-11");
  EXPECT_EQ(machine.whole.cores, 6);
}

TEST(ForeignTopology, RefusesCpusThatItDoesNotHave) {
  EXPECT_NE(TopologyRefusal("core:2 pu:1", CpuSet{1, 9}).find("CPUs 9: choose from 0-1"),
            std::string::npos);
  EXPECT_NE(TopologyRefusal("core:2 pu:1", CpuSet{}).find("no CPU"), std::string::npos);
}

TEST(ForeignTopology, RefusesSourcesThatAreNone) {
  EXPECT_NE(TopologyRefusal("/nowhere.xml").find("/nowhere.xml"), std::string::npos);
  EXPECT_NE(TopologyRefusal("core:many").find("synthetic"), std::string::npos);
  EXPECT_NE(TopologyRefusal("").find("synthetic"), std::string::npos);
  EXPECT_NE(TopologyRefusal("core:0").find("synthetic"), std::string::npos);
  EXPECT_NE(TopologyRefusal("core:4097 pu:1").find("4096"), std::string::npos);
  EXPECT_NE(TopologyRefusal("core:2 pu:1(indexes=0,2000000)").find("no CPU"), std::string::npos);
}

TEST(ForeignTopology, RefusesDamagedFiles) {
  const TempFolder folder;
  folder.Write("truncated.xml", "<topology version=\"2.0\"><object type=\"Machine\"");
  folder.Write("hollow.xml", "<?xml version=\"1.0\"?>\n<topology version=\"2.0\">\n</topology>\n");
  folder.Write("newer.xml", "<?xml version=\"1.0\"?>\n<topology version=\"3.0\">\n</topology>\n");
  for (const char* name : {"truncated.xml", "hollow.xml", "newer.xml"})
    EXPECT_NE(TopologyRefusal(folder.path() / name).find("hwloc 3"), std::string::npos) << name;
}

TEST(ForeignTopology, SurvivesInputThatCrashesHwloc) {
  const TempFolder folder;
  std::string text = ReadFile(CORESWEEP_SOURCE_DIR "/tests/fixtures/topologies/made-hybrid.xml");
  const std::string needed = "complete_nodeset=\"0x00000001\" ";
  text.erase(text.find(needed), needed.size());  // hwloc 2.9.0: null pointer
  folder.Write("crash.xml", text);
  EXPECT_NE(TopologyRefusal(folder.path() / "crash.xml").find("damaged"), std::string::npos);
}

TEST(ForeignTopology, IsNotTakenFromTheEnvironment) {
  ASSERT_EQ(setenv("HWLOC_SYNTHETIC", "core:64 pu:1", 1), 0);
  ASSERT_EQ(setenv("HWLOC_COMPONENTS", "synthetic,stop", 1), 0);
  ASSERT_EQ(setenv("HWLOC_FSROOT", "/nowhere", 1), 0);
  EXPECT_EQ(ReadMachineFrom("core:3 pu:1").usable.pus.size(), 3U);
  EXPECT_EQ(ReadMachineFrom(kRecorded).usable.pus.size(), 160U);
  EXPECT_STREQ(getenv("HWLOC_SYNTHETIC"), "core:64 pu:1") << "and leaves it as it was";
  for (const char* name : {"HWLOC_SYNTHETIC", "HWLOC_COMPONENTS", "HWLOC_FSROOT"})
    unsetenv(name);
}

TEST(LiveTopology, IsRestrictedToTheMask) {
  const CpuSet before = GetAffinity();
  const CpuSet one{before.ToVector().back()};
  CpuSet hwloc_allowed;
  const Machine machine = ReadMachine(one, &hwloc_allowed);
  EXPECT_EQ(machine.usable.Cpus(), one);
  EXPECT_EQ(machine.whole.Cpus().Intersect(before), before);
  EXPECT_EQ(machine.usable.online_cpus, static_cast<int>(machine.whole.pus.size()));
  EXPECT_EQ(hwloc_allowed.Intersect(before), before);
  EXPECT_EQ(GetAffinity(), before) << "the binding of the caller was changed";
}

TEST(LiveTopology, HasNothingUsableWhenNothingIsAllowed) {
  CpuSet hwloc_allowed;
  const Machine machine = ReadMachine({100'000}, &hwloc_allowed);
  EXPECT_TRUE(machine.usable.pus.empty());
  EXPECT_FALSE(machine.whole.pus.empty());
  EXPECT_FALSE(hwloc_allowed.Empty());
}

TEST(LiveTopology, IsNotTakenFromTheEnvironment) {
  ASSERT_EQ(setenv("HWLOC_SYNTHETIC", "core:64 pu:1", 1), 0);
  CpuSet hwloc_allowed;
  EXPECT_THROW(ReadMachine(GetAffinity(), &hwloc_allowed), UsageError);
  unsetenv("HWLOC_SYNTHETIC");
}

}  // namespace
}  // namespace coresweep
