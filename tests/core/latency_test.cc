#include "harness/core/latency.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr int64_t kUs = 1000;

/// Window from 0 to 1 s.
TrialMeasurement MeasuredTrial(bool open) {
  TrialMeasurement trial;
  trial.window = {0, 1'000'000 * kUs};
  if (open) trial.open_load.emplace();
  return trial;
}

ChunkSample Sample(int64_t due_us, int64_t issued_us, int64_t merged_us) {
  ChunkSample sample;
  sample.due_ns = due_us * kUs;
  sample.issued_ns = sample.started_ns = issued_us * kUs;
  sample.computed_ns = sample.merged_ns = merged_us * kUs;
  return sample;
}

LatencySummary Summarize(const TrialMeasurement& trial, Since since) {
  const std::array<const TrialMeasurement*, 1> trials{&trial};
  return SummarizeLatency(trials, since);
}

TEST(Latency, CountsFromTheDueTimeOrFromTheIssue) {
  TrialMeasurement trial = MeasuredTrial(true);
  trial.samples = {Sample(10, 500, 600), Sample(20, 30, 40)};
  EXPECT_THAT(LatenciesUs(trial, Since::kDue), ElementsAre(20, 590));
  EXPECT_THAT(LatenciesUs(trial, Since::kIssued), ElementsAre(10, 100));
}

TEST(Latency, UnderClosedLoadAChunkIsDueWhenItIsIssued) {
  TrialMeasurement trial = MeasuredTrial(false);
  trial.samples = {Sample(0, 500, 600)};
  EXPECT_THAT(LatenciesUs(trial, Since::kDue), ElementsAre(100));
}

TEST(Latency, UnderOpenLoadARequestBelongsToTheWindowInWhichItWasDue) {
  TrialMeasurement trial = MeasuredTrial(true);
  trial.samples = {Sample(-1, 5, 10), Sample(0, 2'000'000, 2'000'001),
                   Sample(1'000'000, 1'000'001, 1'000'002)};
  EXPECT_THAT(LatenciesUs(trial, Since::kDue), ElementsAre(2'000'001));
  trial.open_load.reset();  // closed: those whose computing touches the window
  EXPECT_THAT(LatenciesUs(trial, Since::kDue), ElementsAre(5));
}

TEST(Latency, RequestsNeverIssuedAreLaterThanAllOthers) {
  TrialMeasurement trial = MeasuredTrial(true);
  for (int i = 0; i < 100; ++i)
    trial.samples.push_back(Sample(i, i, i + 7));
  EXPECT_EQ(Summarize(trial, Since::kDue).p90_us, 7.0);
  trial.open_load->left = 25;  // a fifth of 125
  const LatencySummary latency = Summarize(trial, Since::kDue);
  EXPECT_EQ(latency.samples, 100);
  EXPECT_EQ(latency.p50_us, 7.0);
  EXPECT_EQ(latency.p90_us, std::nullopt);
  EXPECT_EQ(latency.max_us, std::nullopt);
  EXPECT_THAT(latency.why_null, HasSubstr("p90: as many requests were never issued"));
  EXPECT_EQ(Summarize(trial, Since::kIssued).p90_us, 7.0);
}

TEST(Latency, RequestsNeverIssuedCountInProportionToTheSamplesKept) {
  TrialMeasurement trial = MeasuredTrial(true);
  trial.sample_stride = 4;
  trial.open_load->left = 9;
  EXPECT_EQ(LatenciesUs(trial, Since::kDue).size(), 3u);
}

TEST(Latency, P999NeedsTenThousandSamplesAndIsAskedForUnderOpenLoadOnly) {
  TrialMeasurement open = MeasuredTrial(true);
  open.samples.assign(9'999, Sample(1, 1, 3));
  EXPECT_EQ(Summarize(open, Since::kDue).p999_us, std::nullopt);
  EXPECT_THAT(Summarize(open, Since::kDue).why_null, HasSubstr("p99.9 needs 10000 samples"));
  open.samples.push_back(Sample(1, 1, 3));
  EXPECT_EQ(Summarize(open, Since::kDue).p999_us, 2.0);
  EXPECT_EQ(Summarize(open, Since::kDue).why_null, "");
  TrialMeasurement closed = MeasuredTrial(false);
  closed.samples.assign(1'000, Sample(1, 1, 3));
  EXPECT_EQ(Summarize(closed, Since::kDue).why_null, "");
}

}  // namespace
}  // namespace coresweep
