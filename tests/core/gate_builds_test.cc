// Several builds of an arm that differ in layout alone: which is drawn when, and what it is worth.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/core/counter_random.h"
#include "harness/core/gate_record.h"
#include "tests/support/gate_blocks.h"

namespace coresweep {
namespace {

using example::GoodLaunch;
using example::Planted;
using example::QuickSetup;
using example::RunBlocks;
using testing::HasSubstr;

using Pair = std::array<int64_t, 2>;

/// Said by the definition: word `attempt` of stream 16 + 2 * phase + arm, modulo the builds.
TEST(BuildsOf, AreTheSameOnEveryPlatform) {
  std::vector<Pair> drawn;
  for (int64_t attempt = 0; attempt < 4; ++attempt)
    drawn.push_back(BuildsOf(7, GatePhase::kConfirmation, attempt, {4, 3}));
  for (uint64_t i = 0; i < 4; ++i) {
    EXPECT_EQ(drawn[i][0], static_cast<int64_t>(CounterRandom(7, 18).Word(i) % 4));
    EXPECT_EQ(drawn[i][1], static_cast<int64_t>(CounterRandom(7, 19).Word(i) % 3));
  }
}

TEST(BuildsOf, EveryPairIsDrawnAboutAsOftenAndApartFromTheCoin) {
  constexpr int64_t kBlocks = 6000;
  std::array<std::array<std::array<int, 2>, 3>, 2> counts{};
  for (int64_t attempt = 0; attempt < kBlocks; ++attempt) {
    const auto [base, candidate] = BuildsOf(3, GatePhase::kMain, attempt, {2, 3});
    const bool abba = OrderOf(3, GatePhase::kMain, attempt) == BlockOrder::kAbba;
    ++counts.at(static_cast<size_t>(base)).at(static_cast<size_t>(candidate)).at(abba ? 0 : 1);
  }
  for (const auto& of_base : counts)
    for (const auto& of_both : of_base)
      for (const int count : of_both)
        EXPECT_NEAR(count, kBlocks / 12, 110);  // five standard deviations
}

TEST(BuildsOf, TheNullControlDrawsBothOfA) {
  bool differ = false;
  for (int64_t attempt = 0; attempt < 50; ++attempt) {
    const auto [base, copy] = BuildsOf(3, GatePhase::kNullControl, attempt, {2, 9});
    EXPECT_LT(copy, 2);
    differ = differ || base != copy;
  }
  EXPECT_TRUE(differ) << "else layout would not be noise in the control";
}

GateSetup SetupWithBuilds(Pair builds) {
  GateSetup setup = QuickSetup();
  setup.builds = builds;
  return setup;
}

TEST(GateSessionBuilds, AreAskedForWhereThereAreSome) {
  EXPECT_FALSE(GateSession(QuickSetup()).Next()->builds);
  EXPECT_EQ(GateSession(SetupWithBuilds({4, 3})).Next()->builds,
            BuildsOf(7, GatePhase::kMain, 0, {4, 3}));
}

TEST(GateSessionBuilds, AreKeptAndMustBeThoseOfTheSeed) {
  GateSession session(SetupWithBuilds({4, 3}));
  GateLog log = RunBlocks(session, Planted(70));
  ASSERT_EQ(session.Outcome().verdict, GateVerdict::kFail);
  for (GateRecord& record : log.records) {
    const auto read = GateRecordFromJson(nlohmann::json::parse(ToJson(record).dump()));
    EXPECT_EQ(read.block.builds, record.block.builds);
    record = read;
  }
  EXPECT_EQ(Replay(log).Outcome().verdict, GateVerdict::kFail);
  GateLog forged = log;
  Pair& builds = *forged.records[2].block.builds;
  builds[0] = (builds[0] + 1) % 4;
  try {
    (void)Replay(forged);
    ADD_FAILURE() << "not found out";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("block 2 is not the one"));
  }
  forged.records[2].block.builds.reset();
  EXPECT_THROW((void)Replay(forged), Error);
}

TEST(GateSessionBuilds, ReachTheReportAndAreCheckedThere) {
  const auto json = nlohmann::json::parse(ToJson(SetupWithBuilds({4, 3})).dump());
  EXPECT_EQ(GateSetupFromJson(json).builds, (Pair{4, 3}));
  auto old = json;
  old.erase("builds");
  EXPECT_EQ(GateSetupFromJson(old).builds, (Pair{0, 0}));
  for (const auto& bad : {nlohmann::json{{"A", 4}, {"B", 0}}, nlohmann::json{{"A", -1}, {"B", -1}},
                          nlohmann::json{{"A", 4}}, nlohmann::json(5)}) {
    auto damaged = json;
    damaged["builds"] = bad;
    EXPECT_THROW((void)GateSetupFromJson(damaged), Error) << bad;
  }
}

/// How many of 200 gates of equal sources fail when each build's layout changes its speed by a
/// normal 3 %, launches vary by 2 % and each arm has `builds` builds, new ones for each gate.
int FailedByLayout(int64_t builds) {
  constexpr uint64_t kGates = 200;
  int failed = 0;
  for (uint64_t gate = 0; gate < kGates; ++gate) {
    const CounterRandom words(gate, 99);
    uint64_t used = 1000;
    const auto normal = [](double u, double v) {
      return std::sqrt(-2 * std::log1p(-u)) * std::cos(6.283185307179586 * v);
    };
    const auto layout = [&](size_t arm, int64_t build) {
      const uint64_t at = 100 * arm + 2 * static_cast<uint64_t>(build);
      return 0.03 * normal(words.Uniform(at), words.Uniform(at + 1));
    };
    GateSetup setup = SetupWithBuilds({builds, builds});
    setup.rule = GateRule{};
    setup.seed = gate;
    GateSession session(setup);
    (void)RunBlocks(session, [&](const GateBlock& block, GateArm arm) {
      const size_t place = arm == GateArm::kBase ? 0 : 1;
      const size_t source = block.phase == GatePhase::kNullControl ? 0 : place;
      const double noise = 0.02 * normal(words.Uniform(used), words.Uniform(used + 1));
      used += 2;
      return GoodLaunch(100 * std::exp(layout(source, block.builds->at(place)) + noise));
    });
    failed += session.Outcome().verdict == GateVerdict::kFail ? 1 : 0;
  }
  return failed;
}

/// A bias of one build is in every block, and no rule finds it out; of several it becomes noise,
/// up to what their means differ by.
TEST(GateSessionBuilds, MakeNoiseOfMostOfWhatLayoutDoes) {
  const int of_one = FailedByLayout(1);
  const int of_four = FailedByLayout(4);
  const int of_eight = FailedByLayout(8);
  std::printf("false FAIL of 200: 1 build %d, 4 builds %d, 8 builds %d\n", of_one, of_four,
              of_eight);
  // README says 20 %, 5 % and none; another mathematical library may round a few gates differently.
  EXPECT_NEAR(of_one, 41, 8);
  EXPECT_NEAR(of_four, 9, 5);
  EXPECT_LE(of_eight, 2);
}

}  // namespace
}  // namespace coresweep
