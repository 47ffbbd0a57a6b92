// What is no measurement: faults, invalid blocks, arms that are dead or empty. None may ever PASS.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "harness/base/error.h"
#include "harness/core/gate_session.h"
#include "tests/core/gate_runs.h"

namespace coresweep {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::array kPhases{GatePhase::kMain, GatePhase::kConfirmation, GatePhase::kNullControl};

/// B slower by 10 %, so that every phase is reached; `spoil` is applied to the third block of
/// `phase`.
GateOutcome Spoiled(GatePhase phase, const std::function<void(BlockResult&)>& spoil) {
  return RunGate(TimeGate(), [&](const GateBlock& asked) {
    BlockResult block = SlowerBy(asked, 10);
    if (asked.phase == phase && asked.attempt == 2) spoil(block);
    return block;
  });
}

class FaultIn : public testing::TestWithParam<std::tuple<GatePhase, size_t>> {};

TEST_P(FaultIn, AnIntegrityFaultEndsItInEveryPhaseAndSlot) {
  const auto [phase, slot] = GetParam();
  const auto outcome = Spoiled(phase, [slot = slot](BlockResult& block) {
    block.launches[slot].integrity_fault = "1 answer swapped of 1000000";
  });
  EXPECT_EQ(outcome.verdict, GateVerdict::kIntegrity);
  EXPECT_THAT(outcome.reason,
              StartsWith(fmt::format("{}, block 3, launch {} (", TitleOf(phase), slot + 1)));
  EXPECT_THAT(outcome.reason, EndsWith("): 1 answer swapped of 1000000"));
  EXPECT_EQ(BlocksOf(outcome, phase), 2);
}

INSTANTIATE_TEST_SUITE_P(Everywhere, FaultIn,
                         testing::Combine(testing::ValuesIn(kPhases),
                                          testing::Range<size_t>(0, 4)));

TEST(GateFaults, AWorkloadFaultEndsItAndOutranksIntegrity) {
  for (const GatePhase phase : kPhases) {
    const auto outcome = Spoiled(phase, [](BlockResult& block) {
      block.launches[0].integrity_fault = "an answer lost";
      block.launches[3].workload_fault = "killed by signal 11";
    });
    EXPECT_EQ(outcome.verdict, GateVerdict::kWorkload);
    EXPECT_THAT(outcome.reason, HasSubstr("launch 4"));
    EXPECT_THAT(outcome.reason, HasSubstr("killed by signal 11"));
  }
}

TEST(GateFaults, TheReasonNamesTheArm) {
  const auto fault = [](GateArm arm) {
    return [arm](BlockResult& block) {
      for (GateLaunch& launch : block.launches) {
        if (launch.arm == arm) launch.workload_fault = "no items";
      }
    };
  };
  EXPECT_THAT(Spoiled(GatePhase::kMain, fault(GateArm::kBase)).reason, HasSubstr("(A): no items"));
  EXPECT_THAT(Spoiled(GatePhase::kMain, fault(GateArm::kCandidate)).reason,
              HasSubstr("(B): no items"));
  EXPECT_THAT(Spoiled(GatePhase::kNullControl, fault(GateArm::kCandidate)).reason,
              HasSubstr("(copy of A): no items"));
}

TEST(GateFaults, AFaultMayEndTheBlockEarly) {
  const auto outcome = Spoiled(GatePhase::kMain, [](BlockResult& block) {
    block.launches.resize(2);
    block.launches[1].values.clear();
    block.launches[1].workload_fault = "no answer for 60 s";
  });
  EXPECT_EQ(outcome.verdict, GateVerdict::kWorkload);
}

TEST(GateFaults, AnInvalidBlockHidesNoFault) {
  const auto integrity = Spoiled(GatePhase::kMain, [](BlockResult& block) {
    block.invalid = "clock jump";
    block.launches[1].integrity_fault = "an answer lost";
  });
  EXPECT_EQ(integrity.verdict, GateVerdict::kIntegrity);
}

TEST(GateFaults, AValueThatNoWorkingLaunchGivesEndsIt) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double value : {0.0, -1.0, std::nan(""), infinity, -infinity}) {
    const auto outcome =
        Spoiled(GatePhase::kMain, [=](BlockResult& block) { block.launches[3].values[0] = value; });
    EXPECT_EQ(outcome.verdict, GateVerdict::kWorkload) << value;
    EXPECT_THAT(outcome.reason, HasSubstr(fmt::format("wall_time is {} s", value)));
  }
}

TEST(GateFaults, AnInvalidBlockIsCountedAndReplacedByANewCoin) {
  GateSession session(TimeGate());
  session.Add(BlockOf(*session.Next(), 1, 1));
  BlockResult invalid;  // decided before a launch was made
  invalid.invalid = "clock jump";
  session.Add(invalid);
  const auto next = session.Next();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->attempt, 2);
  EXPECT_EQ(next->order, OrderOf(1, GatePhase::kMain, 2));
  const auto& main = session.Outcome().Phase(GatePhase::kMain);
  EXPECT_EQ(main->blocks, 1);
  EXPECT_EQ(main->invalid, 1);
  EXPECT_EQ(main->judgements[0].blocks, 1);
}

TEST(GateFaults, ValuesOfAnInvalidBlockAreNotLookedAt) {
  GateSession session(TimeGate());
  BlockResult jumped = BlockOf(*session.Next(), 1, -5);
  jumped.invalid = "clock jump";
  session.Add(jumped);
  EXPECT_FALSE(session.Over());
  EXPECT_TRUE(session.Outcome().Phase(GatePhase::kMain)->series[0].differences.empty());
}

/// The blocks before which `spoiled` says so are invalid.
GateOutcome WithInvalid(const std::function<bool(int block)>& spoiled) {
  int block = 0;
  return RunGate(TimeGate(), [&](const GateBlock& asked) {
    BlockResult result = SlowerBy(asked, 10);
    if (spoiled(block++)) result.invalid = "moved to another machine";
    return result;
  });
}

TEST(GateFaults, MoreThanAQuarterInvalidIsUnfit) {
  const auto all = WithInvalid([](int) { return true; });
  EXPECT_EQ(all.verdict, GateVerdict::kUnfit);
  EXPECT_THAT(all.reason, HasSubstr("8 of 8 blocks were invalid"));
  EXPECT_THAT(all.reason, HasSubstr("moved to another machine"));
  const auto early = WithInvalid([](int block) { return block < 3; });
  EXPECT_THAT(early.reason, HasSubstr("3 of 8 blocks were invalid"));
}

TEST(GateFaults, AQuarterInvalidIsBorne) {
  EXPECT_EQ(WithInvalid([](int block) { return block % 4 == 3; }).verdict, GateVerdict::kFail);
  EXPECT_EQ(WithInvalid([](int block) { return block < 2; }).verdict, GateVerdict::kFail);
}

TEST(GateFaults, TheShareIsThatOfTheWholeSession) {
  // 20 good blocks (main and confirmation), then 7 of 27 are more than a quarter.
  const auto outcome = WithInvalid([](int block) { return block >= 20; });
  EXPECT_EQ(outcome.verdict, GateVerdict::kUnfit);
  EXPECT_THAT(outcome.reason, HasSubstr("7 of 27 blocks were invalid"));
}

using Spoil = std::function<void(GateLaunch&)>;

/// B seems twice as fast, but `spoil` is applied to every launch of the arms `spoiled`.
GateVerdict VerdictOn(const Spoil& spoil, const std::vector<GateArm>& spoiled) {
  const auto outcome = RunGate(TimeGate(), [&](const GateBlock& asked) {
    BlockResult block = BlockOf(asked, 1, 0.5);
    for (GateLaunch& launch : block.launches) {
      if (std::find(spoiled.begin(), spoiled.end(), launch.arm) != spoiled.end()) spoil(launch);
    }
    return block;
  });
  return outcome.verdict;
}

TEST(GateFaults, DeadAndEmptyArmsNeverPass) {
  using enum GateVerdict;
  const std::vector<std::pair<GateVerdict, Spoil>> dead{
      {kWorkload, [](GateLaunch& launch) { launch.values[0] = 0; }},
      {kInconclusive, [](GateLaunch& launch) { launch.values[0] = std::nullopt; }},
      {kWorkload, [](GateLaunch& launch) { launch.values[0] = std::nan(""); }},
      {kWorkload, [](GateLaunch& launch) { launch.workload_fault = "zero items"; }},
      {kWorkload, [](GateLaunch& launch) { launch.workload_fault = "exit code 0 after 0.4 s"; }},
      {kIntegrity, [](GateLaunch& launch) { launch.integrity_fault = "0 of 1000 answers"; }},
  };
  for (const auto& [verdict, spoil] : dead) {
    EXPECT_EQ(VerdictOn(spoil, {}), kPass);  // so that the others mean something
    EXPECT_EQ(VerdictOn(spoil, {GateArm::kBase}), verdict);
    EXPECT_EQ(VerdictOn(spoil, {GateArm::kCandidate}), verdict);
    EXPECT_EQ(VerdictOn(spoil, {GateArm::kBase, GateArm::kCandidate}), verdict);
  }
}

/// B has no value exactly when it is slow: leaving those blocks out would pass it.
TEST(GateFaults, ValuesMissingWhereItIsSlowDoNotPass) {
  const auto outcome = RunGate(TimeGate(), [](const GateBlock& asked) {
    BlockResult block = BlockOf(asked, 1, 1);
    if (asked.attempt % 2 == 0) return block;
    for (GateLaunch& launch : block.launches) {
      if (launch.arm == GateArm::kCandidate) launch.values[0] = std::nullopt;
    }
    return block;
  });
  EXPECT_EQ(outcome.verdict, GateVerdict::kInconclusive);
  EXPECT_EQ(outcome.Phase(GatePhase::kMain)->series[0].unmeasured, 60);
}

/// A session that is cut before a block, or that saw invalid ones only, proves nothing.
TEST(GateFaults, ZeroBlocksNeverPass) {
  GateSession untouched(TimeGate());
  untouched.Stop("interrupted");
  EXPECT_EQ(untouched.Outcome().verdict, GateVerdict::kInconclusive);
  GateSession invalid_only(TimeGate());
  for (int i = 0; i < 7; ++i) {
    BlockResult block;
    block.invalid = "clock jump";
    invalid_only.Add(block);
  }
  invalid_only.Stop("interrupted");
  EXPECT_EQ(invalid_only.Outcome().verdict, GateVerdict::kInconclusive);
}

/// Whether a session accepts its first block, changed by `change`.
bool Accepted(const std::function<void(std::vector<GateLaunch>&)>& change) {
  GateSession session(TimeGate());
  BlockResult block = BlockOf(*session.Next(), 1, 1);
  change(block.launches);
  try {
    session.Add(block);
  } catch (const Error&) {
    EXPECT_EQ(session.Outcome().Phase(GatePhase::kMain)->blocks, 0);
    return false;
  }
  return true;
}

TEST(GateFaults, ABlockThatWasNotAskedForIsTheCallersFault) {
  using Launches = std::vector<GateLaunch>;
  EXPECT_TRUE(Accepted([](Launches&) {}));
  EXPECT_FALSE(Accepted([](Launches& launches) { std::swap(launches[0], launches[1]); }));
  EXPECT_FALSE(Accepted([](Launches& launches) { launches.pop_back(); }));
  EXPECT_FALSE(Accepted([](Launches& launches) { launches.push_back(launches[0]); }));
  EXPECT_FALSE(Accepted([](Launches& launches) { launches[2].values.clear(); }));
  EXPECT_FALSE(Accepted([](Launches& launches) { launches[2].values.emplace_back(1); }));
}

TEST(GateFaults, ABlockAfterTheEndIsTheCallersFault) {
  GateSession session(TimeGate());
  const BlockResult block = BlockOf(*session.Next(), 1, 1);
  session.Stop("done");
  EXPECT_THROW(session.Add(block), Error);
}

}  // namespace
}  // namespace coresweep
