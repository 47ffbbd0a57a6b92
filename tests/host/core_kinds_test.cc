#include "harness/host/core_kinds.h"

#include <gtest/gtest.h>

namespace coresweep {
namespace {

const CpuSet kAll{0, 1, 2, 3, 4, 5};

std::string BigOnes(const std::vector<CpuKind>& kinds, const CpuSet& cpus = kAll) {
  const auto big = PerformanceCpus(kinds, cpus);
  return big ? big->ToList() : "one sort";
}

std::map<std::string, std::string> MaxMhz(const std::string& mhz) {
  return {{"FrequencyMaxMHz", mhz}};
}

TEST(PerformanceCpus, AreNoneWhereTheMachineSaysNothing) {
  EXPECT_EQ(BigOnes({}), "one sort");
  EXPECT_EQ(BigOnes({{kAll, 0, {}}}), "one sort");
  EXPECT_EQ(BigOnes({{{0, 1, 2}, -1, {}}, {{3, 4, 5}, -1, {}}}), "one sort");
}

TEST(PerformanceCpus, AreNoneWhereACpuIsOfNoKind) {
  EXPECT_EQ(BigOnes({{{0, 1, 2}, 0, {}}, {{3, 4}, 1, {}}}), "one sort");
  EXPECT_EQ(BigOnes({{{0, 1, 2}, 0, {}}, {{3, 4}, 1, {}}}, {0, 1, 2, 3, 4}), "3-4");
}

TEST(PerformanceCpus, AreThoseOfTheHigherRankOfTwo) {
  EXPECT_EQ(BigOnes({{{4, 5}, 0, {}}, {{0, 1, 2, 3}, 1, {}}}), "0-3");
}

TEST(PerformanceCpus, FollowTheMakersWordBeforeRankAndFrequency) {
  EXPECT_EQ(BigOnes({{{0, 1}, 0, {{"CoreType", "IntelLowPower"}}},
                     {{2, 3}, 1, {{"CoreType", "IntelAtom"}}},
                     {{4}, 2, {{"CoreType", "IntelCore"}, {"FrequencyMaxMHz", "4000"}}},
                     {{5}, 3, {{"CoreType", "IntelCore"}, {"FrequencyMaxMHz", "6000"}}}}),
            "4-5");
  EXPECT_EQ(BigOnes({{{0, 1, 2}, -1, {{"CoreType", "IntelAtom"}}},
                     {{3, 4, 5}, -1, {{"CoreType", "IntelCore"}}}}),
            "3-5");
}

TEST(PerformanceCpus, AreNoneWhereAllAreOfOneMakersType) {
  EXPECT_EQ(BigOnes({{{0, 1, 2}, 0, {{"CoreType", "IntelCore"}, {"FrequencyMaxMHz", "3000"}}},
                     {{3, 4, 5}, 1, {{"CoreType", "IntelCore"}, {"FrequencyMaxMHz", "4000"}}}}),
            "one sort");
  EXPECT_EQ(BigOnes({{{0, 1, 2}, 0, {{"CoreType", "IntelAtom"}}},
                     {{3, 4, 5}, 1, {{"CoreType", "IntelLowPower"}}}}),
            "one sort");
}

TEST(PerformanceCpus, AreNotCoresFavouredInTurboMode) {
  EXPECT_EQ(BigOnes({{{0, 1, 2}, 0, MaxMhz("4500")}, {{3, 4, 5}, 1, MaxMhz("5000")}}), "one sort");
  EXPECT_EQ(BigOnes({{{0, 1, 2}, 0, MaxMhz("4000")}, {{3, 4, 5}, 1, MaxMhz("4600")}}), "3-5");
  EXPECT_EQ(
      BigOnes(
          {{{0, 1}, 0, MaxMhz("4000")}, {{2, 3}, 1, MaxMhz("4400")}, {{4, 5}, 2, MaxMhz("4800")}}),
      "one sort");
}

TEST(PerformanceCpus, OfManyKindsAreAboveTheWidestGap) {
  EXPECT_EQ(BigOnes({{{0}, 0, MaxMhz("1000")},
                     {{1, 2}, 1, MaxMhz("1200")},
                     {{3, 4}, 2, MaxMhz("2400")},
                     {{5}, 3, MaxMhz("3600")}}),
            "3-5");
}

TEST(PerformanceCpus, GoByCapacityBeforeFrequency) {
  EXPECT_EQ(BigOnes({{{0}, 0, {{"LinuxCapacity", "300"}, {"FrequencyMaxMHz", "1000"}}},
                     {{1, 2}, 1, {{"LinuxCapacity", "900"}, {"FrequencyMaxMHz", "1100"}}},
                     {{3, 4, 5}, 2, {{"LinuxCapacity", "1024"}, {"FrequencyMaxMHz", "2200"}}}}),
            "1-5");
}

TEST(PerformanceCpus, OfManyKindsWithoutFiguresAreTheHighestRank) {
  EXPECT_EQ(BigOnes({{{0, 1}, 0, {}}, {{2, 3}, 1, {}}, {{4, 5}, 2, MaxMhz("3000")}}), "4-5");
  EXPECT_EQ(
      BigOnes(
          {{{0, 1}, 0, MaxMhz("3000")}, {{2, 3}, 1, MaxMhz("2000")}, {{4, 5}, 2, MaxMhz("much")}}),
      "4-5");
}

TEST(PerformanceCpus, IgnoreFiguresThatContradictTheRank) {
  EXPECT_EQ(BigOnes({{{0, 1, 2}, 0, MaxMhz("3600")}, {{3, 4, 5}, 1, MaxMhz("2000")}}), "3-5");
}

TEST(PerformanceCpus, AreOfTheMachineOnly) {
  EXPECT_EQ(BigOnes({{{0, 1}, 0, {}}, {{2, 3, 99}, 1, {}}}, {0, 1, 2, 3}), "2-3");
}

}  // namespace
}  // namespace coresweep
