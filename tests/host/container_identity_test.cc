#include "harness/host/container_identity.h"

#include <gtest/gtest.h>

#include "harness/base/error.h"
#include "tests/base/temp_folder.h"

namespace coresweep {
namespace {

struct Signs {
  std::string boot = "b0";
  std::string start = "4711";
  std::string name = "box";
};

ContainerIdentity IdentityOfSigns(const Signs& signs,
                                  const std::vector<std::string>& environment = {}) {
  const TempFolder root;
  root.Write("/proc/sys/kernel/random/boot_id", signs.boot + "\n");
  root.Write("/proc/sys/kernel/hostname", signs.name + "\n");
  root.Write("/proc/1/stat", "1 (a (b) c) S 0 1 1 0 -1 4194560 9 8 7 6 5 4 3 2 20 0 1 0 " +
                                 signs.start + " 22 23 24\n");
  return ReadContainerIdentity(root.path(), environment);
}

TEST(ContainerIdentity, IsTheSameInOneStartOnly) {
  const ContainerIdentity first = IdentityOfSigns({});
  EXPECT_EQ(first.instance.size(), 16U);
  EXPECT_EQ(first.instance, IdentityOfSigns({}).instance);
  EXPECT_NE(first.instance, IdentityOfSigns({.boot = "b1"}).instance);
  EXPECT_NE(first.instance, IdentityOfSigns({.start = "4712"}).instance);
  EXPECT_NE(first.instance, IdentityOfSigns({.name = "other"}).instance);
  EXPECT_EQ(first.boot, IdentityOfSigns({.start = "4712", .name = "other"}).boot);
  EXPECT_NE(first.boot, IdentityOfSigns({.boot = "b1"}).boot);
}

TEST(ContainerIdentity, IsWhatTheEnvironmentSays) {
  EXPECT_EQ(IdentityOfSigns({}, {"CORESWEEP_INSTANCE=third-start"}).instance, "third-start");
  EXPECT_EQ(IdentityOfSigns({}, {"CORESWEEP_INSTANCE="}).instance, IdentityOfSigns({}).instance);
  EXPECT_THROW(IdentityOfSigns({}, {"CORESWEEP_INSTANCE=a b"}), UsageError);
}

TEST(ContainerIdentity, IsEmptyWhereNothingCanBeRead) {
  const TempFolder root;
  const ContainerIdentity none = ReadContainerIdentity(root.path(), {});
  EXPECT_EQ(none.instance, "");
  EXPECT_EQ(none.boot, "");
}

}  // namespace
}  // namespace coresweep
