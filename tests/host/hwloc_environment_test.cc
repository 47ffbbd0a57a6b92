#include "harness/host/hwloc_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::Pair;

class HwlocEnvironmentTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(HwlocEnvironment::Current().empty()) << "HWLOC_ variables steer these tests";
    setenv("HWLOC_FSROOT", "/somewhere", 1);
    setenv("HWLOCATION", "not hwloc's", 1);
  }
  void TearDown() override {
    unsetenv("HWLOC_FSROOT");
    unsetenv("HWLOCATION");
  }
};

TEST_F(HwlocEnvironmentTest, HoldsTheGivenVariablesOnly) {
  const HwlocEnvironment environment({{"HWLOC_THISSYSTEM", "0"}, {"HWLOC_XMLFILE", "a=b"}});
  EXPECT_THAT(HwlocEnvironment::Current(),
              ElementsAre(Pair("HWLOC_THISSYSTEM", "0"), Pair("HWLOC_XMLFILE", "a=b")));
  EXPECT_STREQ(getenv("HWLOCATION"), "not hwloc's");
}

TEST_F(HwlocEnvironmentTest, RestoresWhatWas) {
  { const HwlocEnvironment environment({{"HWLOC_THISSYSTEM", "0"}, {"HWLOC_FSROOT", "/else"}}); }
  EXPECT_THAT(HwlocEnvironment::Current(), ElementsAre(Pair("HWLOC_FSROOT", "/somewhere")));
}

}  // namespace
}  // namespace coresweep
