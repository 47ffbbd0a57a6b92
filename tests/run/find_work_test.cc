#include "harness/run/find_work.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/support/gate_blocks.h"

namespace coresweep {
namespace {

using example::BadLaunch;
using example::GoodLaunch;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr LaunchSettings kAskedWork{0.5, 0.1, 0};

/// Does 1,000 items a second, and fails from its launch number `fails_from` on.
class SteadyArm final : public Arm {
 public:
  explicit SteadyArm(char letter, std::string* ran, int fails_from = 1000)
      : letter_(letter), ran_(ran), fails_from_(fails_from) {}
  Launch Run() override {
    ran_->push_back(letter_);
    return count_++ < fails_from_ ? GoodLaunch(1000) : BadLaunch(Outcome::kFailed, "unknown key");
  }

 private:
  char letter_;
  std::string* ran_;
  int fails_from_;
  int count_ = 0;
};

struct FoundWork {
  std::string ran;
  std::vector<LaunchSettings> applied;
  GateCalibration calibration;
};

FoundWork Find(int b_fails_from, bool arms_may_refuse, Deadline deadline) {
  FoundWork found;
  SteadyArm base('A', &found.ran);
  SteadyArm candidate('B', &found.ran, b_fails_from);
  found.calibration = FindWork({base, candidate, nullptr, deadline, {}},
                               {kAskedWork,
                                {},
                                arms_may_refuse,
                                [&](const LaunchSettings& s) { found.applied.push_back(s); },
                                [](int) {}});
  return found;
}

FoundWork Find(int b_fails_from, bool arms_may_refuse) {
  return Find(b_fails_from, arms_may_refuse, Deadline::After(3600 * kNsPerS));
}

TEST(FindWork, LaunchesTheArmsInTurnAndAppliesWhatItFound) {
  const FoundWork found = Find(1000, false);
  EXPECT_EQ(found.ran, "ABABAB");
  EXPECT_THAT(found.applied,
              ElementsAre(CalibratingSettings(kAskedWork), LaunchSettings{0.5, 0.1, 500}));
  EXPECT_EQ(found.calibration.why_not, "");
}

TEST(FindWork, TriesItOnceWhereAnArmMayRefuse) {
  const FoundWork taken = Find(1000, true);
  EXPECT_EQ(taken.ran, "ABABABAB");
  EXPECT_EQ(taken.applied.back().work_items, 500);
  const FoundWork refused = Find(3, true);
  EXPECT_EQ(refused.ran, "ABABABAB");
  EXPECT_EQ(refused.applied.back(), kAskedWork);
  EXPECT_EQ(refused.calibration.settings, kAskedWork);
  EXPECT_THAT(refused.calibration.why_not, HasSubstr("ended failed: unknown key"));
}

TEST(FindWork, EndsWithALaunchThatWentWrong) {
  const FoundWork found = Find(1, true);
  EXPECT_EQ(found.ran, "ABAB");
  EXPECT_EQ(found.applied.back(), kAskedWork);
  EXPECT_EQ(found.calibration.launches.size(), 4U);
}

TEST(FindWork, EndsWithTheDeadline) {
  const FoundWork found = Find(1000, true, Deadline::After(-1));
  EXPECT_EQ(found.ran, "");
  EXPECT_EQ(found.applied.back(), kAskedWork);
  EXPECT_EQ(found.calibration.why_not, "A was not launched");
}

}  // namespace
}  // namespace coresweep
