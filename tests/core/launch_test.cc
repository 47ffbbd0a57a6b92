#include "harness/core/launch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "tests/support/open_load_sweep.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

constexpr int64_t kSecond = 1'000'000'000;

ChunkSample Sample(int64_t started_ns, int64_t computed_ns, int64_t latency_ns) {
  ChunkSample sample;
  sample.issued_ns = started_ns;
  sample.started_ns = started_ns;
  sample.computed_ns = computed_ns;
  sample.merged_ns = started_ns + latency_ns;
  return sample;
}

WorkerMeasurement Worker(int64_t ready_ns, int64_t rss_bytes, int64_t cpu_ns) {
  WorkerMeasurement worker;
  worker.startup.ready_ns = ready_ns;
  worker.max_rss_bytes = rss_bytes;
  worker.use.interval_ns = kSecond;
  worker.use.cpu_ns = cpu_ns;
  return worker;
}

/// 400 items in a window of 2 s, 1,000 chunks whose latencies are 1, 2, … 1,000 us, two workers.
TrialMeasurement MeasuredTrial() {
  TrialMeasurement trial;
  trial.window = {10 * kSecond, 12 * kSecond};
  trial.items_in_window = 400;
  trial.ordering.answers = 480;
  for (int64_t i = 1; i <= 1000; ++i)
    trial.samples.push_back(Sample(10 * kSecond + i, 10 * kSecond + i + 500, 1000 * i));
  trial.workers = {Worker(5'000'000, 100, kSecond / 2), Worker(7'000'000, 250, kSecond / 4)};
  trial.dispatcher.emplace();
  trial.dispatcher->cpu_ns = kSecond / 2;
  trial.dispatcher->wall_ns = 2 * kSecond;
  trial.system.cpus = 4;
  return trial;
}

double ValueOf(const TrialMeasurement& trial, std::string_view metric) {
  const MetricValue value = LaunchOf(trial).Metric(metric);
  EXPECT_EQ(value.why_null, "");
  return value.value.value_or(-1);
}

std::string WhyNull(const TrialMeasurement& trial, std::string_view metric) {
  const MetricValue value = LaunchOf(trial).Metric(metric);
  EXPECT_FALSE(value.value.has_value()) << metric << " is " << *value.value;
  return value.why_null;
}

TEST(LaunchMetrics, AreFoundByTheirNamesAlone) {
  ASSERT_EQ(LaunchMetrics().size(), 6u);
  for (const LaunchMetric& metric : LaunchMetrics()) {
    EXPECT_EQ(FindLaunchMetric(metric.name), &metric);
    EXPECT_EQ(metric.higher_is_better, metric.name == "throughput") << metric.name;
  }
  EXPECT_EQ(FindLaunchMetric("Throughput"), nullptr);
  EXPECT_EQ(FindLaunchMetric(""), nullptr);
}

TEST(LaunchOf, GivesEachMetricInItsUnit) {
  const TrialMeasurement trial = MeasuredTrial();
  EXPECT_DOUBLE_EQ(ValueOf(trial, "throughput"), 200);
  EXPECT_DOUBLE_EQ(ValueOf(trial, "latency_p50"), 500);
  EXPECT_DOUBLE_EQ(ValueOf(trial, "latency_p99"), 990);
  EXPECT_DOUBLE_EQ(ValueOf(trial, "peak_memory"), 350);
  EXPECT_DOUBLE_EQ(ValueOf(trial, "cold_start"), 7000);
  // (0.5 + 0.25 of the workers, 0.25 of the dispatcher) CPUs over 200 items/s
  EXPECT_DOUBLE_EQ(ValueOf(trial, "cpu_per_item"), 5000);
}

TEST(LaunchOf, KeepsOutcomeItemsAndWhatTheSystemDid) {
  TrialMeasurement trial = MeasuredTrial();
  trial.outcome = Outcome::kIncorrect;
  trial.message = "8 of 480 answers differ";
  const Launch launch = LaunchOf(trial);
  EXPECT_EQ(launch.outcome, Outcome::kIncorrect);
  EXPECT_EQ(launch.message, "8 of 480 answers differ");
  EXPECT_EQ(launch.items, 480);
  EXPECT_EQ(launch.system.cpus, 4);
}

TEST(LaunchOf, LeavesOutLatenciesOfChunksOutsideTheWindow) {
  TrialMeasurement trial = MeasuredTrial();
  for (int i = 0; i < 500; ++i)
    trial.samples.push_back(Sample(9 * kSecond, 9 * kSecond + 500, 5'000'000));
  EXPECT_DOUBLE_EQ(ValueOf(trial, "latency_p99"), 990);
}

TEST(LaunchOf, HasNoPercentileOfTooFewChunks) {
  TrialMeasurement trial = MeasuredTrial();
  trial.samples.resize(999);
  EXPECT_THAT(WhyNull(trial, "latency_p99"), HasSubstr("needs 1000 chunks in the window, there "
                                                       "were 999"));
  EXPECT_DOUBLE_EQ(ValueOf(trial, "latency_p50"), 500);
  trial.samples.resize(19);
  EXPECT_THAT(WhyNull(trial, "latency_p50"), HasSubstr("needs 20 chunks"));
}

TEST(LaunchOf, HasNoRateWithoutWorkInTheWindow) {
  TrialMeasurement idle = MeasuredTrial();
  idle.items_in_window = 0;
  EXPECT_EQ(WhyNull(idle, "throughput"), "no work fell into the window");
  EXPECT_EQ(WhyNull(idle, "cpu_per_item"), "no work fell into the window");
  TrialMeasurement never_open = MeasuredTrial();
  never_open.window = {};
  EXPECT_EQ(WhyNull(never_open, "throughput"), "no work fell into the window");
}

TEST(LaunchOf, HasNothingOfWorkersThatReportedNothing) {
  TrialMeasurement trial = MeasuredTrial();
  trial.workers = {WorkerMeasurement(), WorkerMeasurement()};
  EXPECT_EQ(WhyNull(trial, "peak_memory"), "no worker reported it");
  EXPECT_EQ(WhyNull(trial, "cold_start"), "no worker reported it");
  EXPECT_EQ(WhyNull(trial, "cpu_per_item"), "a worker did not read its CPU time");
  trial.workers.clear();
  EXPECT_EQ(WhyNull(trial, "cpu_per_item"), "no work fell into the window");
}

TEST(LaunchOf, OneWorkerWithoutCpuTimeIsNotCountedAsIdle) {
  TrialMeasurement trial = MeasuredTrial();
  trial.workers[1].use.interval_ns = 0;
  EXPECT_EQ(WhyNull(trial, "cpu_per_item"), "a worker did not read its CPU time");
}

TEST(LaunchOf, CountsTheWorkersAloneWhereNothingDispatches) {
  TrialMeasurement trial = MeasuredTrial();
  trial.dispatcher.reset();
  EXPECT_DOUBLE_EQ(ValueOf(trial, "cpu_per_item"), 3750);
}

TEST(Launch, AMetricThatIsNoneIsNotMeasured) {
  EXPECT_EQ(LaunchOf(MeasuredTrial()).Metric("speed"), (MetricValue{std::nullopt, "not measured"}));
  EXPECT_EQ(Launch().Metric("throughput"), (MetricValue{std::nullopt, "not measured"}));
}

/// As the other side reads it.
Json Written(const Launch& launch) {
  return Json::parse(ToJson(launch).dump());
}

TEST(LaunchJson, GivesTheSameLaunchAgain) {
  TrialMeasurement trial = MeasuredTrial();
  trial.samples.resize(30);  // no latency_p99
  trial.items_in_window = 400.0 / 3;
  for (const Outcome outcome : {Outcome::kOk, Outcome::kIncorrect, Outcome::kDisordered,
                                Outcome::kFailed, Outcome::kTimedOut, Outcome::kInterrupted}) {
    trial.outcome = outcome;
    trial.message = outcome == Outcome::kOk ? "" : "why";
    const Launch launch = LaunchOf(trial);
    EXPECT_EQ(LaunchFromJson(Written(launch)), launch) << ToString(outcome);
  }
}

TEST(LaunchJson, IsReadWithoutWhatItMayLack) {
  const Launch launch = LaunchFromJson(
      Json::parse(R"({"outcome": "ok", "items": 3, "metrics": {"peak_memory": 7}, "more": [1]})"));
  EXPECT_EQ(launch.outcome, Outcome::kOk);
  EXPECT_EQ(launch.items, 3);
  EXPECT_EQ(launch.message, "");
  EXPECT_EQ(launch.Metric("peak_memory").value, 7.0);
  EXPECT_EQ(launch.Metric("throughput"), (MetricValue{std::nullopt, "not measured"}));
  EXPECT_EQ(launch.system, SystemUse());
}

/// What reading says when `field` of a good launch becomes `value`.
std::string Refusal(const Json::json_pointer& field, const Json& value) {
  Json json = Written(LaunchOf(MeasuredTrial()));
  json[field] = value;
  try {
    (void)LaunchFromJson(json);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(LaunchJson, NamesTheFieldThatIsDamaged) {
  using Pointer = Json::json_pointer;
  EXPECT_THAT(Refusal(Pointer("/outcome"), "fine"), HasSubstr("outcome \"fine\" is unknown"));
  EXPECT_THAT(Refusal(Pointer("/outcome"), 0), HasSubstr("outcome is missing or of another type"));
  EXPECT_THAT(Refusal(Pointer("/message"), 1), HasSubstr("message"));
  EXPECT_THAT(Refusal(Pointer("/items"), "many"), HasSubstr("items"));
  EXPECT_THAT(Refusal(Pointer("/metrics"), 5), HasSubstr("metrics"));
  EXPECT_THAT(Refusal(Pointer("/metrics"), nullptr), HasSubstr("metrics"));
  EXPECT_THAT(Refusal(Pointer("/metrics/throughput"), "9"), HasSubstr("metrics.throughput"));
  EXPECT_THAT(Refusal(Pointer("/metrics/cold_start"), Json{{"why", "x"}}),
              HasSubstr("metrics.cold_start"));
  EXPECT_THAT(Refusal(Pointer("/system"), 1), HasSubstr("system"));
  EXPECT_THAT(Refusal(Pointer("/system/cpus"), "two"), HasSubstr("system"));
}

TEST(LaunchJson, RefusesWhatIsNoObject) {
  for (const Json& json : {Json(), Json(1), Json("ok"), Json::array(), Json::object()})
    EXPECT_THROW(LaunchFromJson(json), Error) << json;
  for (const char* field : {"outcome", "items", "metrics"}) {
    Json json = Written(LaunchOf(MeasuredTrial()));
    json.erase(field);
    try {
      (void)LaunchFromJson(json);
      ADD_FAILURE() << "read without " << field;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(field));
    }
  }
}

TEST(Launch, LatencyUnderOpenLoadCountsFromTheDueTime) {
  TrialMeasurement trial = example::OpenMeasurement(1000, 500);
  EXPECT_EQ(LaunchOf(trial).Metric("latency_p50").value, 2000);
  EXPECT_EQ(LaunchOf(trial).Metric("latency_p99").value, 2000);
  trial.open_load->left = 100;
  EXPECT_EQ(LaunchOf(trial).Metric("latency_p50").value, 2000);
  EXPECT_EQ(LaunchOf(trial).Metric("latency_p99").value, std::nullopt);
  EXPECT_NE(LaunchOf(trial).Metric("latency_p99").why_null.find("rate is too high"),
            std::string::npos);
}

}  // namespace
}  // namespace coresweep
