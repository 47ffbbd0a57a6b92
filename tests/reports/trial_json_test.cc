#include "reports/trial_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/example_sweep.h"

namespace coresweep {
namespace {

using Json = nlohmann::ordered_json;

TEST(TrialJson, GivesTimesFromTheGate) {
  const Json trial = TrialJson(example::FullSweep(), 2, 2000);
  EXPECT_EQ(trial["cell"], "processes/w2/t1/compact/c8/shm");
  EXPECT_EQ(trial["order"], 2);
  EXPECT_EQ(trial["started"], "2026-01-01T00:00:00.250Z");
  EXPECT_EQ(trial["window_begin_ms"], 100);
  EXPECT_EQ(trial["window_end_ms"], 600);
  EXPECT_EQ(trial["drained_ms"], 610);
  EXPECT_EQ(trial["window_ms"], 500);
  EXPECT_EQ(trial["throughput"], 186);
}

TEST(TrialJson, KeepsNanosecondsInItsSamples) {
  const Json samples = TrialJson(example::FullSweep(), 2, 2000)["samples"];
  EXPECT_EQ(samples["total"], 24);
  EXPECT_EQ(samples["stride"], 2);
  EXPECT_EQ(samples["kept"], 2);
  EXPECT_EQ(samples["sequence"], Json({5, 7}));
  EXPECT_EQ(samples["issued_us"].dump(), "[100000.0,100001.5]");
  EXPECT_EQ(samples["merged_us"].dump(), "[143000.0,143001.5]");
}

TEST(TrialJson, ThinsSamplesEvenlyAndSaysSo) {
  SweepResult sweep = example::FullSweep();
  auto& samples = sweep.trials[2].measurement.samples;
  samples.clear();
  for (uint64_t i = 0; i < 7; ++i)
    samples.push_back(example::MakeSample(i * 2, example::kGateNs));
  const Json json = TrialJson(sweep, 2, 3)["samples"];
  EXPECT_EQ(json["sequence"], Json({0, 6, 12}));
  EXPECT_EQ(json["kept"], 3);
  EXPECT_EQ(json["stride"], 6);
  for (const char* column :
       {"worker", "items", "issued_us", "started_us", "computed_us", "merged_us"})
    EXPECT_EQ(json[column].size(), 3u) << column;
}

TEST(TrialJson, OfAFailureHasItsMessageAndNullFigures) {
  const Json trial = TrialJson(example::FullSweep(), 3, 2000);
  EXPECT_EQ(trial["outcome"], "failed");
  EXPECT_EQ(trial["message"], "worker 1 was killed by signal 9 (SIGKILL)");
  for (const char* key : {"started", "window_begin_ms", "window_ms", "items_in_window",
                          "throughput", "dispatcher", "throttle"})
    EXPECT_TRUE(trial[key].is_null()) << key;
  EXPECT_TRUE(trial["ordering"]["missing"].is_null());
  EXPECT_EQ(trial["samples"]["kept"], 0);
}

TEST(TrialJson, TellsCreditWaitingAndReplacements) {
  const Json trial = TrialJson(example::FullSweep(), 2, 2000);
  EXPECT_EQ(trial["credit"], 2);
  EXPECT_EQ(trial["waiting"], "spin up to 50 us, then sleep");
  ASSERT_EQ(trial["replacements"].size(), 1u);
  EXPECT_EQ(trial["replacements"][0], Json({{"worker", 1},
                                            {"pid", 4101},
                                            {"at_ms", 100.0},
                                            {"how", "killed by signal 9 (SIGKILL)"},
                                            {"resent", {17, 18}}}));
  EXPECT_EQ(trial["dispatcher"]["voluntary_switches"], 40);
  EXPECT_EQ(trial["dispatcher"]["involuntary_switches"], 6);
  const Json serial = TrialJson(example::FullSweep(), 0, 2000);
  EXPECT_TRUE(serial["credit"].is_null());
  EXPECT_TRUE(serial["waiting"].is_null());
  EXPECT_TRUE(serial["replacements"].empty());
}

TEST(TrialJson, GivesTheDispatcherAndThrottlingAsShares) {
  SweepResult sweep = example::FullSweep();
  sweep.trials[2].measurement.system.throttle = ThrottleDelta{8, 2, 3'000'000};
  const Json trial = TrialJson(sweep, 2, 2000);
  EXPECT_EQ(trial["dispatcher"]["cpu_share"], 0.008);
  EXPECT_EQ(trial["dispatcher"]["check_share"], 0.0016);
  EXPECT_EQ(trial["throttle"]["throttled_share"], 0.25);
  EXPECT_EQ(trial["throttle"]["throttled_ms"], 3);
  EXPECT_EQ(trial["dispatcher"]["cpus_effective"], "0-1");
}

TEST(TrialJson, GivesWhatTheSystemDidOverTheWindow) {
  SweepResult sweep = example::FullSweep();
  EXPECT_TRUE(TrialJson(sweep, 2, 2000)["system"].is_null());
  SystemUse& use = sweep.trials[2].measurement.system;
  use.interval_ns = 500'000'000;
  use.cpus = 2;
  use.steal_ns = 10'000'000;
  use.pressure = PressureDelta{"/proc/pressure/cpu", 3'000'000, std::nullopt, 0};
  const Json system = TrialJson(sweep, 2, 2000)["system"];
  EXPECT_EQ(system["interval_ms"], 500);
  EXPECT_EQ(system["steal_ms"], 10);
  EXPECT_EQ(system["steal_share"], 0.01);
  EXPECT_TRUE(system["busy_share"].is_null());
  EXPECT_EQ(system["pressure"]["cpu_ms"], 3);
  EXPECT_TRUE(system["pressure"]["memory_ms"].is_null());
}

TEST(SamplesPerTrial, ShrinkWithTheLengthOfTheSweep) {
  EXPECT_EQ(SamplesPerTrial(0), 2000u);
  EXPECT_EQ(SamplesPerTrial(200), 2000u);
  EXPECT_EQ(SamplesPerTrial(1000), 400u);
  EXPECT_EQ(SamplesPerTrial(100'000), 100u);
}

}  // namespace
}  // namespace coresweep
