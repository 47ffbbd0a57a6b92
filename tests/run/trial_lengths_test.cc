#include "harness/run/trial_lengths.h"

#include <gtest/gtest.h>

namespace coresweep {
namespace {

constexpr int64_t kMs = 1'000'000;

SweepConfig Config() {
  SweepConfig config;
  config.warmup_s = 0.1;
  config.window_s = 0.5;
  return config;
}

TEST(TrialLengths, AreThoseOfTheConfiguration) {
  EXPECT_EQ(LengthsOf(Config(), TrialRole::kCell, {kMs, 20 * kMs, 0}),
            (TrialLengths{100 * kMs, 500 * kMs}));
}

TEST(TrialLengths, HoldOneChunkFourChunksAndThreePeriods) {
  EXPECT_EQ(LengthsOf(Config(), TrialRole::kCell, {300 * kMs, 900 * kMs, 0}),
            (TrialLengths{300 * kMs, 1200 * kMs}));
  EXPECT_EQ(LengthsOf(Config(), TrialRole::kRace, {kMs, 20 * kMs, 200 * kMs}),
            (TrialLengths{100 * kMs, 600 * kMs}));
}

TEST(TrialLengths, OfAProbeAreOnePassOverTheItems) {
  EXPECT_EQ(LengthsOf(Config(), TrialRole::kProbe, {kMs, 20 * kMs, 200 * kMs}),
            (TrialLengths{kMs, 20 * kMs}));
  EXPECT_EQ(LengthsOf(Config(), TrialRole::kProbe, {5 * kMs, 5 * kMs, 0}),
            (TrialLengths{5 * kMs, 20 * kMs}));
  EXPECT_EQ(LengthsOf(Config(), TrialRole::kProbe, {1000, 2000, 0}),
            (TrialLengths{1000, 10 * kMs}));
}

TEST(TrialLengths, OfAProbeAreNeverLongerThanOthers) {
  EXPECT_EQ(LengthsOf(Config(), TrialRole::kProbe, {kMs, 20'000 * kMs, 0}),
            (TrialLengths{kMs, 500 * kMs}));
}

TEST(TrialLengths, OfFixedWorkAreTenWindowsAtTheMost) {
  SweepConfig config = Config();
  config.work_items = 1000;
  EXPECT_EQ(LengthsOf(config, TrialRole::kCell, {kMs, 20 * kMs, 0}),
            (TrialLengths{100 * kMs, 5000 * kMs, 1000}));
  EXPECT_EQ(LengthsOf(config, TrialRole::kProbe, {kMs, 20 * kMs, 0}),
            (TrialLengths{kMs, 20 * kMs, 0}));
}

}  // namespace
}  // namespace coresweep
