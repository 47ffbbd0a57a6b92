#include "reports/sweep_time_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/example_sweep.h"

namespace coresweep {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kS = 1'000'000'000;

/// Three trials with windows of 500 ms in two calls of 4 s and 2 s, after one of which it was
/// resumed.
SweepResult Sweep() {
  example::SweepBuilder builder;
  builder.AddMeasured(example::MakeCell(Mode::kProcesses, 2), {100, 100, 100});
  builder.sweep().calls = {{1'767'225'600'000, "coresweep run", 0, 4 * kS},
                           {1'767'225'700'000, "coresweep run --resume r", 2, 2 * kS}};
  return builder.sweep();
}

TEST(CallsJson, TellsWhatEachCallAdded) {
  const OrderedJson calls = CallsJson(Sweep());
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[0], (OrderedJson{{"started", "2026-01-01T00:00:00.000Z"},
                                   {"argv", "coresweep run"},
                                   {"trials_before", 0},
                                   {"trials", 2},
                                   {"total_s", 4.0}}));
  EXPECT_EQ(calls[1]["trials_before"], 2);
  EXPECT_EQ(calls[1]["trials"], 1);
  EXPECT_EQ(CallsJson(SweepResult{}), OrderedJson::array());
}

TEST(BudgetJson, IsOfTheLastCall) {
  SweepResult sweep = Sweep();
  EXPECT_TRUE(BudgetJson(sweep).is_null());
  sweep.plan.config.budget_s = 5;
  EXPECT_EQ(BudgetJson(sweep),
            (OrderedJson{{"asked_s", 5.0}, {"used_s", 2.0}, {"ended_sweep", false}}));
  sweep.ended_by = "the time budget of 5 s";
  EXPECT_EQ(BudgetJson(sweep)["ended_sweep"], true);
}

TEST(TimeJson, SumsCallsAndWindows) {
  EXPECT_EQ(TimeJson(Sweep()),
            (OrderedJson{{"total_s", 6.0}, {"measuring_s", 1.5}, {"not_measuring_share", 0.75}}));
  EXPECT_TRUE(TimeJson(SweepResult{}).is_null());
}

TEST(TimeLine, SaysTheShareThatIsNotMeasuring) {
  SweepResult sweep = Sweep();
  sweep.calls.pop_back();
  sweep.calls[0].total_ns = 6 * kS;
  EXPECT_EQ(TimeLine(sweep),
            "Took 6 s, of which 1.5 s were measured windows: 75 % went into start-up, warm-up, "
            "checks, reports and the serial reference.");
  EXPECT_EQ(TimeLine(SweepResult{}), "");
}

TEST(TimeLine, SaysHowOftenItWasResumedAndWhatOfTheBudgetWasUsed) {
  SweepResult sweep = Sweep();
  EXPECT_THAT(TimeLine(sweep), HasSubstr(" Resumed once: 2 trials had been measured before."));
  EXPECT_THAT(TimeLine(sweep), Not(HasSubstr("Budget")));
  sweep.calls.push_back({0, "", 3, kS});
  sweep.plan.config.budget_s = 90;
  EXPECT_THAT(TimeLine(sweep), HasSubstr(" Resumed 2 times: 3 trials had been measured before."));
  EXPECT_THAT(TimeLine(sweep), HasSubstr(" Budget: 1 s of 1 min 30 s used."));
}

}  // namespace
}  // namespace coresweep
