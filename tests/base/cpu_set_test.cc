#include "harness/base/cpu_set.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

#include "harness/base/error.h"

namespace coresweep {
namespace {

TEST(CpuSet, ParsesTheKernelsListFormat) {
  EXPECT_EQ(CpuSet::Parse("0-3,8"), (CpuSet{0, 1, 2, 3, 8}));
  EXPECT_EQ(CpuSet::Parse("5\n"), CpuSet{5});
  EXPECT_EQ(CpuSet::Parse(""), CpuSet());
  EXPECT_EQ(CpuSet::Parse("2,1,1-2"), (CpuSet{1, 2}));
  EXPECT_EQ(CpuSet::Parse("1048575"), CpuSet{1'048'575});
}

TEST(CpuSet, RefusesWhatIsNoList) {
  for (const char* text : {"a", "1,", ",1", "1-", "-1", "3-1", "1--2", "0x1", "1 2", "1-2-3",
                           "1048576", "99999999999"})
    EXPECT_EQ(CpuSet::Parse(text), std::nullopt) << text;
}

TEST(CpuSet, WritesRangesAscending) {
  EXPECT_EQ((CpuSet{8, 3, 1, 2, 0}).ToList(), "0-3,8");
  EXPECT_EQ((CpuSet{0, 1}).ToList(), "0-1");
  EXPECT_EQ((CpuSet{4, 2}).ToList(), "2,4");
  EXPECT_EQ(CpuSet().ToList(), "");
}

TEST(CpuSet, IsASet) {
  CpuSet cpus{1, 2};
  cpus.Add(2);
  cpus.Add(7);
  EXPECT_EQ(cpus.Count(), 3);
  EXPECT_TRUE(cpus.Contains(7));
  EXPECT_FALSE(cpus.Contains(3));
  EXPECT_EQ(cpus.Intersect({2, 3, 7}), (CpuSet{2, 7}));
  EXPECT_EQ(cpus.Intersect({5}), CpuSet());
  EXPECT_EQ(cpus.Union({0, 2}), (CpuSet{0, 1, 2, 7}));
  EXPECT_EQ(cpus.ToVector(), (std::vector<int>{1, 2, 7}));
  EXPECT_TRUE(CpuSet().Empty());
  EXPECT_FALSE(cpus.Empty());
}

TEST(Affinity, IsReadBackAsSet) {
  const CpuSet before = GetAffinity();
  ASSERT_FALSE(before.Empty());
  const CpuSet last{before.ToVector().back()};
  ASSERT_EQ(SetAffinity(last), 0);
  EXPECT_EQ(GetAffinity(), last);
  EXPECT_EQ(GetAffinity(gettid()), last);
  ASSERT_EQ(SetAffinity(before), 0);
  EXPECT_EQ(GetAffinity(), before);
}

TEST(Affinity, RefusesSetsWithoutAUsableCpu) {
  const CpuSet before = GetAffinity();
  EXPECT_EQ(SetAffinity(CpuSet()), EINVAL);
  EXPECT_EQ(SetAffinity({100'000}), EINVAL);
  EXPECT_EQ(GetAffinity(), before);
}

TEST(Affinity, OfNoSuchThreadIsAnError) {
  EXPECT_THROW(GetAffinity(1 << 30), Error);
}

}  // namespace
}  // namespace coresweep
