#include "harness/core/placement_sections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "harness/base/error.h"
#include "tests/core/placement_machines.h"

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string SectionsComplaint(const std::string& text) {
  try {
    return "no complaint: " + CanonicalPolicy(text);
  } catch (const UsageError& error) {
    return error.what();
  }
}

/// Cores of CPUs 0-1, 2-3, 4-5, 6-7.
Topology FourCores() {
  return Synthetic("package:1 core:4 pu:2");
}

TEST(ListSections, KeepTheirOrderInCanonicalForm) {
  EXPECT_EQ(CanonicalPolicy("list:3,0-1"), "list:3,0-1");
  EXPECT_EQ(CanonicalPolicy("list:0,1,2,3"), "list:0-3");
  EXPECT_EQ(CanonicalPolicy("list:03-04,1,0"), "list:3-4,1,0");
  EXPECT_EQ(CanonicalPolicy("list:0-3|4-7"), "list:0-3|4-7");
  EXPECT_EQ(CanonicalPolicy("list:1|2"), "list:1|2");
  EXPECT_EQ(CanonicalPolicy("list:1048575"), "list:1048575");
}

TEST(ListSections, RefuseWhatIsNoList) {
  for (const char* text : {"list:", "list:3-1", "list:1,", "list:a", "list:-1", "list:1|",
                           "list:1 ", "list:1048576", "list:0-", "list:0--1"})
    EXPECT_THAT(SectionsComplaint(text), HasSubstr("for example list:0-3,8")) << text;
  EXPECT_THAT(SectionsComplaint("list:0-3,2"), HasSubstr("CPU 2 is given twice"));
  EXPECT_THAT(SectionsComplaint("list:0|1,0"), HasSubstr("CPU 0 is given twice"));
}

TEST(MaskSections, AreHexadecimalOfAnyLength) {
  EXPECT_EQ(CanonicalPolicy("mask:0xff"), "mask:0xff");
  EXPECT_EQ(CanonicalPolicy("mask:FF"), "mask:0xff");
  EXPECT_EQ(CanonicalPolicy("mask:0X003|c"), "mask:0x3,0xc");
  const std::string wide = "8" + std::string(40, '0') + "1";
  EXPECT_EQ(CanonicalPolicy("mask:" + wide), "mask:0x" + wide);
  EXPECT_THAT(ParseMaskSections(wide), ElementsAre(ElementsAre(0, 167)));
}

TEST(MaskSections, RefuseWhatIsNoMask) {
  for (const char* text : {"mask:xyz", "mask:0x3,0xg", "mask:-1"})
    EXPECT_THAT(SectionsComplaint(text), HasSubstr("hexadecimal")) << text;
  EXPECT_THAT(SectionsComplaint("mask:1" + std::string(262'144, '0')), HasSubstr("up to 1048575"));
  EXPECT_THAT(SectionsComplaint("mask:0" + std::string(262'144, '0') + "1"), HasSubstr("mask:0x1"));
  for (const char* text : {"mask:", "mask:0x", "mask:0", "mask:1,,2", "mask:1,0"})
    EXPECT_THAT(SectionsComplaint(text), HasSubstr("a mask is empty")) << text;
  EXPECT_THAT(SectionsComplaint("mask:3,2"), HasSubstr("CPU 1 is given twice"));
}

TEST(PlacementList, KeepsTheOrderGiven) {
  EXPECT_THAT(Lists("list:3,1,0", FourCores(), 3, 1), ElementsAre("3", "1", "0"));
  EXPECT_THAT(Lists("list:0-3", FourCores(), 2, 2), ElementsAre("0-1", "2-3"));
  EXPECT_THAT(ThreadLists(MustPlace("list:3,1,0", FourCores(), {1, 2}).workers[0]),
              ElementsAre("3", "1"));
}

TEST(PlacementList, StartsAgainWhenExhausted) {
  const Placement placement = MustPlace("list:5,0", FourCores(), {3, 1});
  EXPECT_THAT(Lists(placement), ElementsAre("5", "0", "5"));
  EXPECT_TRUE(placement.oversubscribed);
  EXPECT_FALSE(MustPlace("list:5,0", FourCores(), {2, 1}).oversubscribed);
  EXPECT_THAT(ThreadLists(MustPlace("list:5,0", FourCores(), {1, 3}).workers[0]),
              ElementsAre("5", "0", "5"));
}

TEST(PlacementList, TakesSectionsInTurn) {
  EXPECT_THAT(Lists("list:0-3|4-7", FourCores(), 3, 2), ElementsAre("0-1", "4-5", "2-3"));
  const Placement moved = MustPlace("list:0|4-7", FourCores(), {3, 1});
  EXPECT_THAT(Lists(moved), ElementsAre("0", "4", "5"));
  EXPECT_THAT(moved.notes, ElementsAre(HasSubstr("1 workers sit in another section")));
}

TEST(PlacementList, SharesNoPuWhileAnotherSectionHasAFreeOne) {
  const Placement placement = MustPlace("list:0-2|3-7", FourCores(), {3, 2});
  EXPECT_THAT(Lists(placement), ElementsAre("0-1", "3-4", "2"));
  EXPECT_TRUE(placement.oversubscribed);
}

TEST(PlacementList, RefusesCpusThatAreNotAllowed) {
  std::string why_not;
  Topology topology = FourCores();
  topology.pus.resize(4);
  EXPECT_EQ(Place("list:0,9", topology, {1, 1}, &why_not), std::nullopt);
  EXPECT_EQ(why_not, "CPU 9 of list:0,9 is not allowed; allowed are 0-3");
  EXPECT_EQ(Place("mask:0x10", topology, {1, 1}, &why_not), std::nullopt);
  EXPECT_EQ(why_not, "CPU 4 of mask:0x10 is not allowed; allowed are 0-3");
}

TEST(PlacementMask, HasNoOrderAndTakesCoresFirst) {
  EXPECT_THAT(Lists("mask:0xff", FourCores(), 6, 1), ElementsAre("0", "2", "4", "6", "1", "3"));
  EXPECT_THAT(Lists("mask:0x3,0xc", FourCores(), 2, 2), ElementsAre("0-1", "2-3"));
  EXPECT_THAT(MustPlace("mask:0xff", FourCores(), {2, 1}).notes, IsEmpty());
}

TEST(PlacementMask, TakesCoresFirstAcrossSections) {
  // CPU 1 of the second section is on the first one's core.
  EXPECT_THAT(Lists("mask:0x1,0xe", FourCores(), 3, 1), ElementsAre("0", "2", "1"));
}

}  // namespace
}  // namespace coresweep
