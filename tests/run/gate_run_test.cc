#include "harness/run/gate_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/support/gate_blocks.h"

namespace coresweep {
namespace {

using example::BadLaunch;
using example::GoodLaunch;
using example::QuickSetup;
using testing::HasSubstr;
using testing::StartsWith;

constexpr int64_t kHourNs = int64_t{3600} * 1'000'000'000;

/// Gives what `make` says for its n-th launch and writes its letter down.
class FakeArm final : public Arm {
 public:
  using Maker = std::function<Launch(int nth)>;
  FakeArm(char letter, std::string* ran, Maker make)
      : letter_(letter), ran_(ran), make_(std::move(make)) {}
  Launch Run() override {
    ran_->push_back(letter_);
    return make_(count_++);
  }

 private:
  char letter_;
  std::string* ran_;
  Maker make_;
  int count_ = 0;
};

FakeArm::Maker Always(const Launch& launch) {
  return [launch](int) { return launch; };
}

/// One gate with fake arms.
struct Gate {
  std::string ran;
  FakeArm base;
  FakeArm candidate;
  GateLog log{QuickSetup(), {}, ""};
  GateSession session{log.setup};

  Gate(FakeArm::Maker of_base, FakeArm::Maker of_candidate)
      : base('A', &ran, std::move(of_base)), candidate('B', &ran, std::move(of_candidate)) {}

  void Run(Deadline deadline = Deadline::After(kHourNs), StopSignal* stop = nullptr,
           GateWatch watch = {}) {
    RunGate(log, session, {base, candidate, stop, deadline, std::move(watch)});
  }
  GateVerdict verdict() const { return session.Outcome().verdict; }
};

std::string Letters(BlockOrder order) {
  return std::string(NameOf(order));
}

void ExpectLogGivesTheSame(const Gate& gate) {
  const GateSession again = Replay(gate.log);
  EXPECT_EQ(again.Outcome().verdict, gate.verdict());
  EXPECT_EQ(again.Outcome().reason, gate.session.Outcome().reason);
  EXPECT_EQ(again.Over(), gate.session.Over());
}

TEST(RunGate, LaunchesInTheOrderOfTheCoins) {
  Gate gate(Always(GoodLaunch(100)), Always(GoodLaunch(100)));
  gate.Run();
  ASSERT_EQ(gate.verdict(), GateVerdict::kPass);
  std::string asked;
  bool both = false;
  for (size_t i = 0; i < gate.log.records.size(); ++i) {
    asked += Letters(OrderOf(gate.log.setup.seed, GatePhase::kMain, static_cast<int64_t>(i)));
    both = both || gate.log.records[i].block.order != gate.log.records[0].block.order;
  }
  EXPECT_EQ(gate.ran, asked);
  EXPECT_TRUE(both) << "a seed with both orders, or this shows little";
  EXPECT_EQ(gate.log.stopped, "");
  ExpectLogGivesTheSame(gate);
}

TEST(RunGate, TheNullControlLaunchesTheBaseInBothPlaces) {
  Gate gate(Always(GoodLaunch(100)), Always(GoodLaunch(70)));
  gate.Run();
  ASSERT_EQ(gate.verdict(), GateVerdict::kFail);
  std::string expected;
  size_t control_blocks = 0;
  for (const GateRecord& record : gate.log.records) {
    const bool control = record.block.phase == GatePhase::kNullControl;
    expected += control ? "AAAA" : Letters(record.block.order);
    control_blocks += control ? 1 : 0;
  }
  EXPECT_GE(control_blocks, 6u);
  EXPECT_EQ(gate.ran, expected);
  ExpectLogGivesTheSame(gate);
}

TEST(RunGate, IsUnfitWhenTheBaseFailsAgainstItselfInTheControl) {
  const GateSetup setup = QuickSetup();
  GatePhase phase = GatePhase::kMain;
  int control = 0;
  // In the control, what stands in B's place is slow: the place makes the effect.
  const auto of_base = [&](int) {
    if (phase != GatePhase::kNullControl) return GoodLaunch(100);
    const BlockOrder order = OrderOf(setup.seed, phase, control / 4);
    const GateArm place = ArmsOf(order).at(static_cast<size_t>(control++ % 4));
    return GoodLaunch(place == GateArm::kCandidate ? 70 : 100);
  };
  Gate gate(of_base, Always(GoodLaunch(70)));
  GateWatch watch;
  watch.launch_starts = [&](const GateSession&, const GateBlock& block, int) {
    phase = block.phase;
  };
  gate.Run(Deadline::After(kHourNs), nullptr, watch);
  EXPECT_EQ(gate.verdict(), GateVerdict::kUnfit);
  EXPECT_THAT(gate.session.Outcome().reason, HasSubstr("contaminated"));
  ExpectLogGivesTheSame(gate);
}

TEST(RunGate, AFaultInEitherArmEndsTheBlockAndTheGateAtOnce) {
  struct Case {
    Launch launch;
    GateVerdict verdict;
  };
  Launch nothing = GoodLaunch(100);
  nothing.items = 0;
  const std::vector<Case> cases{{BadLaunch(Outcome::kIncorrect, "x"), GateVerdict::kIntegrity},
                                {BadLaunch(Outcome::kDisordered, "x"), GateVerdict::kIntegrity},
                                {BadLaunch(Outcome::kIncorrect, ""), GateVerdict::kIntegrity},
                                {BadLaunch(Outcome::kFailed, "x"), GateVerdict::kWorkload},
                                {BadLaunch(Outcome::kTimedOut, "x"), GateVerdict::kWorkload},
                                {nothing, GateVerdict::kWorkload}};
  for (const Case& fault : cases) {
    for (const bool in_base : {true, false}) {
      // The third launch of the arm: the first that it has in the second block.
      const auto breaks = [&](int nth) { return nth == 2 ? fault.launch : GoodLaunch(100); };
      Gate gate(in_base ? FakeArm::Maker(breaks) : Always(GoodLaunch(100)),
                in_base ? Always(GoodLaunch(100)) : FakeArm::Maker(breaks));
      gate.Run();
      EXPECT_EQ(gate.verdict(), fault.verdict) << ToString(fault.launch.outcome) << in_base;
      ASSERT_EQ(gate.log.records.size(), 2u);
      const GateRecord& last = gate.log.records.back();
      EXPECT_EQ(gate.ran.size(), 4 + last.launches.size()) << "nothing is launched after it";
      EXPECT_EQ(last.launches.back(), fault.launch);
      EXPECT_EQ(gate.ran.back(), in_base ? 'A' : 'B');
      ExpectLogGivesTheSame(gate);
    }
  }
}

TEST(RunGate, NoLaunchStartsAfterTheDeadline) {
  Gate gate(Always(GoodLaunch(100)), Always(GoodLaunch(70)));
  gate.Run(Deadline::After(-1));
  EXPECT_EQ(gate.ran, "");
  EXPECT_EQ(gate.verdict(), GateVerdict::kInconclusive);
  EXPECT_EQ(gate.log.stopped, "the time budget ended");
  EXPECT_TRUE(gate.log.records.empty());
  ExpectLogGivesTheSame(gate);
}

TEST(RunGate, KeepsTheWholeBlocksWhenTheBudgetEnds) {
  Deadline deadline = Deadline::After(kHourNs);
  std::string ran;
  FakeArm base('A', &ran, Always(GoodLaunch(100)));
  FakeArm candidate('B', &ran, Always(GoodLaunch(100)));
  GateLog log{QuickSetup(), {}, ""};
  GateSession session(log.setup);
  GateTask task{base, candidate, nullptr, deadline, {}};
  // Time runs out while the second launch of the third block runs.
  task.watch.launch_starts = [&](const GateSession&, const GateBlock& block, int slot) {
    if (block.attempt == 2 && slot == 1) task.deadline = Deadline::After(-1);
  };
  RunGate(log, session, task);
  EXPECT_EQ(ran.size(), 10u);
  EXPECT_EQ(log.records.size(), 2u);
  EXPECT_EQ(log.stopped, "the time budget ended");
  EXPECT_EQ(session.Outcome().verdict, GateVerdict::kInconclusive);
  EXPECT_EQ(session.Outcome().reason, "the time budget ended");
  EXPECT_EQ(session.Outcome().Phase(GatePhase::kMain)->blocks, 2);
  EXPECT_EQ(Replay(log).Outcome().reason, "the time budget ended");
}

TEST(RunGate, ASignalEndsItBeforeTheNextLaunch) {
  StopSignal stop;
  const auto raise_in_fifth = [](int nth) {
    if (nth == 4) raise(SIGTERM);
    return GoodLaunch(100);
  };
  Gate gate(raise_in_fifth, Always(GoodLaunch(100)));
  gate.Run(Deadline::After(kHourNs), &stop);
  EXPECT_EQ(stop.Poll(), SIGTERM);
  EXPECT_EQ(gate.ran.back(), 'A');
  EXPECT_EQ(gate.log.stopped, "interrupted by a signal");
  EXPECT_EQ(gate.log.records.size(), 2u);
  EXPECT_EQ(gate.verdict(), GateVerdict::kInconclusive);
  ExpectLogGivesTheSame(gate);
}

TEST(RunGate, AnInterruptedLaunchIsNoFaultOfTheArm) {
  const auto interrupted = [](int nth) {
    return nth == 3 ? BadLaunch(Outcome::kInterrupted, "signal") : GoodLaunch(100);
  };
  Gate gate(interrupted, Always(GoodLaunch(100)));
  gate.Run();
  EXPECT_EQ(gate.verdict(), GateVerdict::kInconclusive);
  EXPECT_EQ(gate.log.records.size(), 1u);
  EXPECT_EQ(gate.log.stopped, "interrupted by a signal");
}

TEST(RunGate, TellsTheWatchOfEachLaunchAndOfEachBlockWithItsLog) {
  Gate gate(Always(GoodLaunch(100)), Always(GoodLaunch(100)));
  std::vector<int> slots;
  std::vector<int64_t> blocks;
  GateWatch watch;
  watch.launch_starts = [&](const GateSession&, const GateBlock&, int slot) {
    slots.push_back(slot);
  };
  watch.block_ended = [&](const GateSession& session) {
    blocks.push_back(session.Outcome().Phase(GatePhase::kMain)->blocks);
    EXPECT_EQ(gate.log.records.size(), blocks.size());
    EXPECT_GT(gate.log.records.back().started_unix_ms, 1'600'000'000'000);
  };
  gate.Run(Deadline::After(kHourNs), nullptr, watch);
  ASSERT_EQ(slots.size(), 4 * blocks.size());
  for (size_t i = 0; i < slots.size(); ++i)
    EXPECT_EQ(slots[i], static_cast<int>(i % 4));
  EXPECT_EQ(blocks.back(), static_cast<int64_t>(blocks.size()));
}

TEST(RunGate, ABlockWhoseCpusChangedCountsForNothingAndAnotherIsRun) {
  const auto moved_in_third = [](int nth) {
    Launch launch = GoodLaunch(100);
    launch.system.cpus = nth == 2 ? 2 : 4;
    return launch;
  };
  Launch steady = GoodLaunch(100);
  steady.system.cpus = 4;
  Gate gate(moved_in_third, Always(steady));
  gate.Run();
  EXPECT_EQ(gate.verdict(), GateVerdict::kPass);
  EXPECT_EQ(gate.log.records[0].invalid, "");
  EXPECT_THAT(gate.log.records[1].invalid, StartsWith("the CPUs that this container may use"));
  EXPECT_EQ(gate.session.Outcome().Phase(GatePhase::kMain)->invalid, 1);
  ExpectLogGivesTheSame(gate);
}

}  // namespace
}  // namespace coresweep
