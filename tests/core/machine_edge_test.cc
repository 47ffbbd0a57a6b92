#include "harness/core/machine_edge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

constexpr int64_t kEdgeMs = 1'000'000;

/// The edge `at_ms` after the first one of a machine on which nothing happens.
MachineEdge QuietEdge(int64_t at_ms) {
  MachineEdge edge;
  edge.monotonic_ns = 5000 * kEdgeMs + at_ms * kEdgeMs;
  edge.raw_ns = 4900 * kEdgeMs + at_ms * kEdgeMs;
  edge.boot_ns = 9000 * kEdgeMs + at_ms * kEdgeMs;
  edge.swapped_in_pages = 1000;
  edge.major_faults = 10;
  edge.boot_id = "a";
  edge.kernel = "6.1";
  edge.cpu_model = "CPU X";
  edge.online_cpus = "0-3";
  edge.allowed_cpus = "0-1";
  edge.cpu_quota = 1.5;
  return edge;
}

std::string WhyAfter(const MachineEdge& after) {
  return WhyInvalid(QuietEdge(0), QuietEdge(2000), after);
}

TEST(MachineWhyInvalid, NothingHappened) {
  EXPECT_EQ(WhyAfter(QuietEdge(4000)), "");
}

TEST(MachineWhyInvalid, AnotherMachineOrBoot) {
  const auto with = [](std::string MachineEdge::*field, const char* value) {
    MachineEdge edge = QuietEdge(4000);
    edge.*field = value;
    return WhyAfter(edge);
  };
  EXPECT_EQ(with(&MachineEdge::boot_id, "b"), "the boot id changed: another boot or machine");
  EXPECT_EQ(with(&MachineEdge::kernel, "6.2"), "kernel changed from 6.1 to 6.2");
  EXPECT_EQ(with(&MachineEdge::cpu_model, "CPU Y"), "CPU model changed from CPU X to CPU Y");
  EXPECT_EQ(with(&MachineEdge::online_cpus, "0-1"), "CPUs online changed from 0-3 to 0-1");
  EXPECT_EQ(with(&MachineEdge::allowed_cpus, "0"),
            "CPUs that this process may use changed from 0-1 to 0");
  EXPECT_EQ(with(&MachineEdge::cpu_model, ""), "") << "not readable is no change";
  MachineEdge edge = QuietEdge(4000);
  edge.cpu_quota.reset();
  EXPECT_EQ(WhyAfter(edge), "CPU quota changed from 1.5 CPUs to none");
}

TEST(MachineWhyInvalid, AChangeBeforeTheBlockMakesEveryLaterOneInvalid) {
  MachineEdge before = QuietEdge(2000);
  MachineEdge after = QuietEdge(4000);
  before.cpu_model = after.cpu_model = "CPU Y";
  EXPECT_THAT(WhyInvalid(QuietEdge(0), before, after), HasSubstr("CPU model changed"));
  after.cpu_model = "CPU X";
  EXPECT_THAT(WhyInvalid(QuietEdge(0), before, after), HasSubstr("CPU model changed"))
      << "there and back";
}

TEST(MachineWhyInvalid, AClockThatIsOffByMoreThanAThousandth) {
  const auto off_by = [](int64_t ns) {
    MachineEdge edge = QuietEdge(4000);  // a block of 2 s: 2 ms
    edge.raw_ns -= ns;
    return WhyAfter(edge);
  };
  EXPECT_EQ(off_by(2 * kEdgeMs), "");
  EXPECT_EQ(off_by(-2 * kEdgeMs), "");
  EXPECT_EQ(off_by(2 * kEdgeMs + 1),
            "the clock was corrected under it: CLOCK_MONOTONIC and CLOCK_MONOTONIC_RAW differ by "
            "2.0 ms in 2000 ms");
  EXPECT_NE(off_by(-2 * kEdgeMs - 1), "");
  // Of short blocks, 1 ms is nothing.
  MachineEdge soon = QuietEdge(2100);
  soon.raw_ns -= kEdgeMs;
  EXPECT_EQ(WhyAfter(soon), "");
  soon.raw_ns -= 1;
  EXPECT_NE(WhyAfter(soon), "");
}

TEST(MachineWhyInvalid, ASuspension) {
  MachineEdge edge = QuietEdge(4000);
  edge.boot_ns += kEdgeMs;
  EXPECT_EQ(WhyAfter(edge), "");
  edge.boot_ns += 700 * kEdgeMs;
  EXPECT_EQ(WhyAfter(edge), "the machine was suspended for 701 ms");
}

TEST(MachineWhyInvalid, SwappingThatHitTheLaunches) {
  const auto with = [](int64_t pages, int64_t faults) {
    MachineEdge edge = QuietEdge(4000);
    *edge.swapped_in_pages += pages;
    edge.major_faults += faults;
    return WhyAfter(edge);
  };
  EXPECT_EQ(with(256, 64),
            "the machine swapped 256 pages in, and the launches took 64 major faults");
  EXPECT_EQ(with(255, 1000), "") << "files read for the first time";
  EXPECT_EQ(with(100000, 63), "") << "others swapped";
  MachineEdge unknown = QuietEdge(4000);
  unknown.swapped_in_pages.reset();
  unknown.major_faults += 1000;
  EXPECT_EQ(WhyAfter(unknown), "");
}

BlockMachine AnyBlockMachine() {
  MachineEdge after = QuietEdge(4000);
  after.raw_ns += 5;
  after.boot_ns += 7;
  *after.swapped_in_pages += 3;
  after.major_faults += 2;
  BlockMachine block = BlockMachineOf(QuietEdge(2000), after);
  block.sentinel = {20'100'000, 19'900'000};
  block.since_last.interval_ns = 2'100'000'000;
  block.since_last.pressure = PressureDelta{"/proc/pressure/cpu", 5, {}, {}};
  return block;
}

TEST(BlockMachine, HasTheDifferences) {
  const BlockMachine block = AnyBlockMachine();
  EXPECT_EQ(block.length_ns, 2000 * kEdgeMs);
  EXPECT_EQ(block.clock_gap_ns, -5);
  EXPECT_EQ(block.suspended_ns, 7);
  EXPECT_EQ(block.swapped_in_pages, 3);
  EXPECT_EQ(block.major_faults, 2);
}

TEST(BlockMachine, JsonGivesTheSameAgain) {
  BlockMachine block = AnyBlockMachine();
  EXPECT_EQ(BlockMachineFromJson(Json::parse(ToJson(block).dump())), block);
  block.swapped_in_pages.reset();
  EXPECT_EQ(BlockMachineFromJson(Json::parse(ToJson(block).dump())), block);
}

TEST(BlockMachine, JsonThatIsDamagedIsNamed) {
  for (const char* field : {"sentinel_wall_ns", "sentinel_cpu_ns", "since_last", "length_ns",
                            "clock_gap_ns", "suspended_ns", "swapped_in_pages", "major_faults"}) {
    Json json = ToJson(AnyBlockMachine());
    json[field] = "x";
    try {
      (void)BlockMachineFromJson(json);
      ADD_FAILURE() << field;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(field));
    }
  }
  Json json = ToJson(AnyBlockMachine());
  json["sentinel_wall_ns"] = 0;
  EXPECT_THROW((void)BlockMachineFromJson(json), Error);
}

}  // namespace
}  // namespace coresweep
