#include "reports/scaling_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/example_sweep.h"

namespace coresweep {
namespace {

using ::testing::ElementsAre;

ScalingGroup GroupOf(const ScalingFit& law, const std::vector<int>& counts) {
  example::SweepBuilder builder;
  builder.AddMeasured(example::MakeCell(Mode::kSerial, 1), {100});
  for (const int workers : counts)
    builder.AddMeasured(example::MakeCell(Mode::kProcesses, workers),
                        {100 * law.SpeedupAt(workers)});
  return FindScaling(builder.sweep(), SummarizeCells(builder.sweep())).at(0);
}

TEST(ScalingJson, HasBothLawsWithTheirParametersAndPredictions) {
  const auto json = ScalingJson({GroupOf({1, 0.05, 0.05, 0}, {1, 2, 4, 8})}).at(0);
  EXPECT_EQ(json["cells"], "processes/t1/compact/c8/shm");
  EXPECT_EQ(json["points"][1]["workers"], 2);
  EXPECT_NEAR(json["universal"]["kappa"].get<double>(), 0.05, 1e-9);
  EXPECT_EQ(json["universal"]["best_workers"], 4);
  EXPECT_EQ(json["universal"]["predictions"][1]["workers"], 16);
  EXPECT_EQ(json["universal"]["predictions"][1]["extrapolation"], true);
  EXPECT_TRUE(json["universal"]["why_null"].is_null());
  EXPECT_NEAR(json["amdahl"]["parallel_share"].get<double>(),
              1 - json["amdahl"]["sigma"].get<double>(), 1e-12);
}

TEST(ScalingJson, SaysWhyALawCouldNotBeFitted) {
  const auto json = ScalingJson({GroupOf({1, 0.1, 0, 0}, {1, 2})}).at(0);
  EXPECT_TRUE(json["amdahl"]["sigma"].is_null());
  EXPECT_TRUE(json["amdahl"]["parallel_share"].is_null());
  EXPECT_EQ(json["amdahl"]["why_null"], "measured at 2 numbers of workers, 3 are needed");
  EXPECT_EQ(json["universal"]["predictions"].size(), 0u);
}

TEST(ScalingLines, SayWhatIsAnExtrapolation) {
  EXPECT_THAT(
      ScalingLines({GroupOf({1, 0.05, 0.05, 0}, {1, 2, 4, 8}), GroupOf({1, 0.2, 0, 0}, {1, 2, 4}),
                    GroupOf({1, 0.2, 0, 0}, {1, 2})},
                   8),
      ElementsAre("processes/t1/compact/c8/shm: best with 4 workers; 2.29 × with 4 workers, 1.16 "
                  "× with 16 workers (extrapolation), 0.61 × with 32 workers (extrapolation) "
                  "(Universal Scalability Law, largest error 0 %)",
                  "processes/t1/compact/c8/shm: 80 % of the work runs in parallel; 3.33 × with 8 "
                  "workers (extrapolation), 4.00 × with 16 workers (extrapolation) (Amdahl's law, "
                  "largest error 0 %)"));
}

TEST(ScalingLines, AreNoMoreThanAskedFor) {
  const auto group = GroupOf({1, 0.2, 0, 0}, {1, 2, 4});
  EXPECT_EQ(ScalingLines({group, group, group}, 2).size(), 3u);
  EXPECT_THAT(ScalingLines({group, group, group}, 2).back(), ::testing::HasSubstr("in the report"));
}

TEST(StoredScalingLines, AreThoseOfTheSweep) {
  const std::vector<ScalingGroup> groups{GroupOf({1, 0.05, 0.05, 0}, {1, 2, 4, 8}),
                                         GroupOf({1, 0.1, 0, 0}, {1, 2, 4}),
                                         GroupOf({1, 0.1, 0, 0}, {1, 2})};
  const auto stored = nlohmann::json::parse(ScalingJson(groups).dump());
  const auto lines = ScalingLines(groups, 6);
  EXPECT_EQ(lines.size(), 2u);
  EXPECT_EQ(StoredScalingLines(stored, 6), lines);
  EXPECT_EQ(StoredScalingLines(stored, 1), ScalingLines(groups, 1));
}

}  // namespace
}  // namespace coresweep
