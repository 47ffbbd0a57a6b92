#include "harness/host/topology_source.h"

#include <gtest/gtest.h>

#include "harness/base/error.h"
#include "tests/base/temp_folder.h"

namespace coresweep {
namespace {

constexpr const char* kXml = "<topology version=\"2.0\"></topology>";

/// Message of the refusal; "" when there is none.
std::string Refusal(const std::string& source) {
  try {
    FindTopologySource(source);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(TopologySource, IsSyntheticUnlessItExists) {
  EXPECT_EQ(FindTopologySource("package:2 core:4").synthetic, "package:2 core:4");
  EXPECT_TRUE(FindTopologySource("package:2 core:4").xml.empty());
}

TEST(TopologySource, OfAFileIsItsText) {
  const TempFolder folder;
  folder.Write("odd name", kXml);
  EXPECT_EQ(FindTopologySource(folder.path() / "odd name").xml, kXml);
}

TEST(TopologySource, NamesTheFileThatIsMissingOrNone) {
  const TempFolder folder;
  folder.Write("empty.xml", "");
  folder.Write("packed.xml", std::string("<topology\0", 10));
  for (const char* name : {"missing.xml", "empty.xml", "packed.xml"}) {
    const std::string path = folder.path() / name;
    const std::string refusal = Refusal(path);
    EXPECT_NE(refusal.find(path), std::string::npos) << refusal;
    EXPECT_EQ(refusal.find('\n'), std::string::npos);
  }
  EXPECT_NE(Refusal("missing.xml").find("No such file"), std::string::npos);
}

TEST(TopologySource, OfAFolderIsTheRecordingInIt) {
  const TempFolder folder;
  folder.Write("sys/devices/system/cpu/online", "0\n");
  EXPECT_EQ(FindTopologySource(folder.path()).fsroot, folder.path());
  EXPECT_TRUE(FindTopologySource(folder.path()).cpuid.empty());
}

TEST(TopologySource, OfAFolderMayLieOneFolderDeeper) {
  const TempFolder folder;
  folder.Write("machine/proc/cpuinfo", "processor : 0\n");
  EXPECT_EQ(FindTopologySource(folder.path()).fsroot, folder.path() / "machine");
  folder.Write("other/proc/cpuinfo", "processor : 0\n");
  EXPECT_NE(Refusal(folder.path()), "") << "which of two?";
}

TEST(TopologySource, TakesCpuidDumpsAloneOrBesideALinuxMachine) {
  const TempFolder folder;
  folder.Write("cpuid/pu0", "");
  EXPECT_EQ(FindTopologySource(folder.path() / "cpuid").cpuid, folder.path() / "cpuid");
  folder.Write("fsroot/proc/cpuinfo", "processor : 0\n");
  const TopologySource both = FindTopologySource(folder.path());
  EXPECT_EQ(both.fsroot, folder.path() / "fsroot");
  EXPECT_EQ(both.cpuid, folder.path() / "cpuid");
}

TEST(TopologySource, RefusesAFolderWithoutARecording) {
  const TempFolder folder;
  folder.Write("proc/version", "Linux\n");
  EXPECT_NE(Refusal(folder.path()).find("hwloc-gather-topology"), std::string::npos);
}

TEST(TopologySource, RefusesSyntheticMachinesWithoutBounds) {
  EXPECT_EQ(Refusal("core:4096 pu:1"), "");
  EXPECT_EQ(Refusal("l3:16 core:32(indexes=0:1:2) pu:8"), "");
  EXPECT_NE(Refusal("core:4097 pu:1"), "");
  EXPECT_NE(Refusal("128 129"), "");
  EXPECT_NE(Refusal("core:1000000 pu:1000000000000000000000"), "");
}

}  // namespace
}  // namespace coresweep
