// The time budget of a sweep, on a clock that only trials and reports move.
#include <gtest/gtest.h>

#include "harness/run/sweep.h"
#include "tests/support/fake_trial_runner.h"

namespace coresweep {
namespace {

constexpr int64_t kS = 1'000'000'000;

/// Four passes over three cells of 1, 2 and 3 workers; estimated at 1 s a trial (0.7 s of
/// start-up).
SweepResult NewBudgetSweep() {
  example::SweepBuilder builder;
  SweepResult& sweep = builder.sweep();
  for (const int workers : {1, 2, 3})
    builder.AddCell(example::MakeCell(Mode::kProcesses, workers));
  for (int repetition = 0; repetition < 4; ++repetition)
    for (const int cell : {0, 1, 2})
      sweep.plan.trials.push_back({cell, repetition});
  sweep.plan.config.warmup_s = 0.1;
  sweep.plan.config.window_s = 0.2;
  sweep.calls = {{1000, "", 0, 0}};
  return sweep;
}

/// Each trial takes as many seconds as its cell has workers.
class SweepBudget : public testing::Test {
 protected:
  FakeTrialRunner runner_{[this](const PlannedCell& planned, const Trial&) {
    now_ns_ += planned.cell.workers * kS;
    return example::GoodMeasurement(100);
  }};

  SweepResult RunFor(std::optional<double> budget_s, int64_t before_ns = 0,
                     const std::vector<ReportWriter*>& writers = {}) {
    const SweepClock clock(budget_s, [this] { return now_ns_; });
    now_ns_ += before_ns;
    SweepResult sweep = NewBudgetSweep();
    ListSchedule schedule(sweep.plan.trials);
    RunSweep(sweep, schedule, runner_, writers, {nullptr, clock});
    next_ = schedule.Next();
    return sweep;
  }

  int64_t now_ns_ = 500 * kS;
  std::optional<Trial> next_;
};

TEST_F(SweepBudget, WithoutOneEverythingRuns) {
  const SweepResult sweep = RunFor(std::nullopt);
  EXPECT_EQ(sweep.trials.size(), 12u);
  EXPECT_EQ(sweep.ended_by, "");
  EXPECT_EQ(sweep.calls[0].total_ns, 24 * kS);
  EXPECT_EQ(sweep.trials[2].took_ns, 3 * kS);
}

TEST_F(SweepBudget, ThatIsJustEnoughEndsNothing) {
  const SweepResult sweep = RunFor(24);
  EXPECT_EQ(sweep.trials.size(), 12u);
  EXPECT_EQ(sweep.ended_by, "");
}

/// After two passes, 12 s, a pass of 6 s would end at 18 s; its third trial needs 3 s from 15 s on.
TEST_F(SweepBudget, NoTrialStartsThatWouldEndAfterIt) {
  const SweepResult sweep = RunFor(17.9);
  EXPECT_EQ(sweep.trials.size(), 8u);
  EXPECT_EQ(sweep.calls[0].total_ns, 15 * kS);
  EXPECT_EQ(sweep.ended_by, "the time budget of 17.9 s");
  EXPECT_FALSE(sweep.interrupted);
  EXPECT_EQ(next_, std::nullopt);  // the schedule was told
}

TEST_F(SweepBudget, WhatCameBeforeTheSweepCounts) {
  EXPECT_EQ(RunFor(12, 6 * kS).trials.size(), 3u);
  const SweepResult none = RunFor(5, 6 * kS);
  EXPECT_EQ(none.trials.size(), 0u);
  EXPECT_EQ(none.ended_by, "the time budget of 5 s");
}

/// Before anything is known the plan's estimate (1 s) is; then the longest of the other cells.
TEST_F(SweepBudget, ACellWithoutTrialIsExpectedToTakeAsLongAsTheLongestOther) {
  EXPECT_EQ(RunFor(0.9).trials.size(), 0u);
  EXPECT_EQ(RunFor(1).trials.size(), 1u);
  EXPECT_EQ(RunFor(2).trials.size(), 2u);    // took 3 s: nobody knew
  EXPECT_EQ(RunFor(4.9).trials.size(), 2u);  // the third is expected to take 2 s
}

/// A report that takes 2 s is a part of each step.
TEST_F(SweepBudget, WritingReportsCounts) {
  class Slow final : public ReportWriter {
   public:
    explicit Slow(int64_t& now_ns) : now_ns_(now_ns) {}
    void Begin(const SweepResult&) override {}
    void TrialStarts(const SweepResult&, const Trial&) override {}
    void TrialEnded(const SweepResult& sweep) override {
      told_ns.push_back(sweep.calls[0].total_ns);
      now_ns_ += 2 * kS;
    }
    void End(const SweepResult& sweep) override { told_ns.push_back(sweep.calls[0].total_ns); }
    std::vector<int64_t> told_ns;

   private:
    int64_t& now_ns_;
  } slow(now_ns_);
  // 1 + 2, 2 + 2, 3 + 2: 12 s after a pass; the next trial and its report end at 15 s.
  EXPECT_EQ(RunFor(14.9, 0, {&slow}).trials.size(), 3u);
  EXPECT_EQ(slow.told_ns, (std::vector<int64_t>{kS, 5 * kS, 10 * kS, 12 * kS}));
}

TEST_F(SweepBudget, AResumedSweepKnowsHowLongItsCellsTake) {
  SweepResult sweep = NewBudgetSweep();
  sweep.trials = RunFor(6).trials;
  sweep.calls.push_back({2000, "", 3, 0});
  ListSchedule schedule({sweep.plan.trials.begin() + 3, sweep.plan.trials.end()});
  const SweepClock clock(2.5, [this] { return now_ns_; });
  RunSweep(sweep, schedule, runner_, {}, {nullptr, clock});
  EXPECT_EQ(sweep.trials.size(), 4u);  // 1 s; then 2 s would end at 3 s
  EXPECT_EQ(sweep.calls[1].total_ns, kS);
}

}  // namespace
}  // namespace coresweep
