#include "bench/gate_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "harness/base/error.h"

namespace coresweep {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// The options as given in `words`.
GateOptions Parse(std::vector<std::string> words) {
  CLI::App app;
  auto options = std::make_unique<GateOptions>();
  options->Declare(app);
  std::reverse(words.begin(), words.end());  // as CLI11 wants it
  app.parse(words);
  return *options;
}

std::string SetupRefusal(const std::vector<std::string>& words) {
  const GateOptions options = Parse(words);
  try {
    (void)options.Setup();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

TEST(GateOptions, HaveTheDefaultsThatHelpPromises) {
  const GateOptions options = Parse({});
  const GateSetup setup = options.Setup();
  EXPECT_DOUBLE_EQ(setup.rule.tolerated, 0.02);
  EXPECT_DOUBLE_EQ(setup.rule.must_catch, 0.05);
  EXPECT_DOUBLE_EQ(setup.rule.alpha, 0.01);
  EXPECT_EQ(setup.rule.most_blocks, 120);
  EXPECT_EQ(setup.seed, 1u);
  EXPECT_EQ(setup.block_value, BlockValue::kBoth);
  EXPECT_FALSE(setup.same_arms_asked);
  ASSERT_EQ(setup.metrics.size(), 1u);
  EXPECT_EQ(setup.metrics[0].name, "throughput");
  EXPECT_EQ(setup.metrics[0].unit, "items/s");
  EXPECT_TRUE(setup.metrics[0].higher_is_better);
  EXPECT_EQ(options.BudgetNs(), int64_t{604'800} * 1'000'000'000);
  EXPECT_FALSE(options.Programs());
}

TEST(GateOptions, ReachTheSetup) {
  const GateOptions options =
      Parse({"--tolerated", "1.5", "--must-catch", "8", "--alpha", "0.1", "--blocks", "60",
             "--gate-seed", "18446744073709551615", "--metric", "peak_memory,latency_p50",
             "--metric", "throughput", "--budget", "2m", "--same-arms", "--block-value", "best"});
  const GateSetup setup = options.Setup();
  EXPECT_DOUBLE_EQ(setup.rule.tolerated, 0.015);
  EXPECT_DOUBLE_EQ(setup.rule.must_catch, 0.08);
  EXPECT_DOUBLE_EQ(setup.rule.alpha, 0.001);
  EXPECT_EQ(setup.rule.most_blocks, 60);
  EXPECT_EQ(setup.seed, UINT64_MAX);
  EXPECT_EQ(setup.block_value, BlockValue::kBest);
  EXPECT_TRUE(setup.same_arms_asked);
  ASSERT_EQ(setup.metrics.size(), 3u);
  EXPECT_EQ(setup.metrics[0].name, "peak_memory");
  EXPECT_FALSE(setup.metrics[0].higher_is_better);
  EXPECT_EQ(setup.metrics[2].name, "throughput");
  EXPECT_EQ(options.BudgetNs(), int64_t{120} * 1'000'000'000);
}

TEST(GateOptions, OneProgramMakesItAGateOfPrograms) {
  EXPECT_TRUE(Parse({"--base-program", "x"}).Programs());
  const GateOptions builds = Parse(
      {"--base-program", "x", "--base-program", "y", "--same-arms", "--candidate-program", "z"});
  EXPECT_EQ(builds.base_programs, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(builds.candidate_programs, (std::vector<std::string>{"z"}));
  EXPECT_TRUE(Parse({"--candidate-program", "x"}).Programs());
}

TEST(GateOptions, RefuseMetricsThatAreUnknownOrGivenTwice) {
  EXPECT_THAT(SetupRefusal({"--metric", "speed"}),
              AllOf(HasSubstr("--metric speed: unknown"), HasSubstr("throughput, latency_p50")));
  EXPECT_THAT(SetupRefusal({"--metric", "throughput,cold_start,throughput"}),
              HasSubstr("--metric throughput: given twice"));
}

TEST(GateOptions, RefuseMarginsInTheUnitsThatWereGiven) {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"--tolerated", "5"}, {"--tolerated", "-1"}, {"--tolerated", "nan"}}) {
    EXPECT_THAT(SetupRefusal(words), AllOf(HasSubstr("--tolerated " + words[1] + " %"),
                                           HasSubstr("below --must-catch")));
  }
  EXPECT_THAT(SetupRefusal({"--must-catch", "101"}),
              AllOf(HasSubstr("--must-catch 101 %"), HasSubstr("100 %")));
  for (const char* alpha : {"0", "-1", "21", "nan"})
    EXPECT_THAT(SetupRefusal({"--alpha", alpha}),
                HasSubstr(std::string("--alpha ") + alpha + " %"));
}

TEST(GateOptions, RefuseNumbersOfBlocksThatProveNothing) {
  for (const char* blocks : {"0", "-3", "5", "1001"})
    EXPECT_THAT(SetupRefusal({"--blocks", blocks}), HasSubstr(std::string("--blocks ") + blocks));
  EXPECT_THAT(SetupRefusal({"--blocks", "8", "--alpha", "0.001"}),
              AllOf(HasSubstr("--blocks 8"), HasSubstr("fewer than")));
}

TEST(GateOptions, ABurnInIsSecondsOrOff) {
  EXPECT_EQ(Parse({}).BurnInSeconds(), 1);
  EXPECT_EQ(Parse({"--burn-in", "off"}).BurnInSeconds(), 0);
  EXPECT_EQ(Parse({"--burn-in", "0"}).BurnInSeconds(), 0);
  EXPECT_EQ(Parse({"--burn-in", "2.5"}).BurnInSeconds(), 2.5);
  for (const char* bad : {"5.01", "-0.1", "nan", "inf", "1s", "OFF"})
    EXPECT_THROW((void)Parse({"--burn-in", bad}).BurnInSeconds(), UsageError) << bad;
}

}  // namespace
}  // namespace coresweep
