#include "workloads/spin_workload.h"

#include <gtest/gtest.h>

#include <vector>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "tests/workloads/workload_testing.h"

namespace coresweep {
namespace {

std::unique_ptr<Workload> Make(const std::string& busy_us) {
  WorkloadSpec spec = SpecOf("spin");
  spec.options["busy_us"] = busy_us;
  return MakeSpinWorkload(spec, {});
}

TEST(Spin, UsesAtLeastHalfOfTheCpuTimeAskedFor) {
  // Loose on purpose: calibration takes the fastest moment, so later work is rather longer.
  const auto workload = Make("20000");
  const int64_t begin_ns = ThreadCpuNs();
  AnswersOf(*workload, 0, 2, 2);
  EXPECT_GE(ThreadCpuNs() - begin_ns, 20 * kNsPerMs);
}

TEST(Spin, AnswersDependOnTheItemAndNotOnTheBusyTime) {
  const auto brief = Make("1");
  const auto longer = Make("50.5");
  EXPECT_EQ(AnswersOf(*brief, 0, 8, 8), AnswersOf(*longer, 0, 8, 3));
  EXPECT_NE(AnswersOf(*brief, 0, 1, 1), AnswersOf(*brief, 1, 1, 1));
}

TEST(Spin, ItemsDiffer) {
  const auto workload = Make("1");
  EXPECT_NE(ItemsOf(*workload, 0, 1), ItemsOf(*workload, 1, 1));
}

TEST(Spin, RunsTheIterationsGivenAndWhatTheSlowdownAdds) {
  WorkloadSpec spec = SpecOf("spin");
  spec.options = {{"iterations", "1000"}};
  EXPECT_EQ(MakeSpinWorkload(spec, {})->Info().facts.at("iterations_per_item"), "1000");
  spec.options["slowdown"] = "0.05";
  EXPECT_EQ(MakeSpinWorkload(spec, {})->Info().facts.at("iterations_per_item"), "1050");
}

/// A clock that stood or went back once must not make an item take minutes.
TEST(Spin, IsCalibratedByTheShortestTimeThatIsPossible) {
  EXPECT_DOUBLE_EQ(IterationsPerUs(std::vector<int64_t>{1'250'000, 1, -700, 1'000'000, 0}), 500);
  EXPECT_THROW((void)IterationsPerUs(std::vector<int64_t>{1, 0, -700}), Error);
}

TEST(Spin, TellsItsBusyTime) {
  const WorkloadInfo info = Make("50.5")->Info();
  EXPECT_EQ(info.facts.at("busy_us"), "50.5");
  EXPECT_GT(std::stoll(info.facts.at("iterations_per_item")), 0);
  EXPECT_EQ(info.items, 1024);
}

}  // namespace
}  // namespace coresweep
