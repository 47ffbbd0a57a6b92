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
  void Choose(int64_t build) override { ran_->append(std::to_string(build)); }

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

TEST(RunGate, EachBlockLaunchesTheBuildsThatAreDrawnForIt) {
  Gate gate(Always(GoodLaunch(100)), Always(GoodLaunch(70)));
  gate.log.setup.builds = {3, 2};
  gate.session = GateSession(gate.log.setup);
  gate.Run();
  ASSERT_EQ(gate.verdict(), GateVerdict::kFail);
  std::string expected;
  for (const GateRecord& record : gate.log.records) {
    ASSERT_TRUE(record.block.builds);
    for (const GateArm arm : ArmsOf(record.block.order)) {
      expected += std::to_string(record.block.builds->at(arm == GateArm::kBase ? 0 : 1));
      expected += record.block.phase == GatePhase::kNullControl ? "A" : NameOf(arm);
    }
  }
  EXPECT_EQ(gate.ran, expected);
  ExpectLogGivesTheSame(gate);
}

/// A machine by script: `edges` and `walls` by their turn, the last one for ever.
class FakeWatch final : public MachineWatch {
 public:
  explicit FakeWatch(std::string* ran) : ran_(ran) { edges.emplace_back(); }
  std::vector<MachineEdge> edges;
  std::vector<int64_t> walls_ms = {20};

  [[nodiscard]] int64_t SentinelSteps() const override { return 77; }
  SentinelTime Sentinel() override {
    ran_->push_back('s');
    const int64_t wall_ns = walls_ms.at(std::min(sentinels_++, walls_ms.size() - 1)) * 1'000'000;
    return {wall_ns, std::min<int64_t>(wall_ns, 20'000'000)};
  }
  SystemUse SinceLast() override {
    SystemUse use;
    use.interval_ns = ++asked_;
    return use;
  }
  MachineEdge Edge() override {
    MachineEdge edge = edges.at(std::min(edge_++, edges.size() - 1));
    edge.monotonic_ns = edge.boot_ns = now_ns_ += 1'000'000'000;
    edge.raw_ns += now_ns_;
    return edge;
  }

 private:
  std::string* ran_;
  size_t sentinels_ = 0, edge_ = 0;
  int64_t asked_ = 0, now_ns_ = 0;
};

/// A gate of equal arms on a machine by script.
struct WatchedGate : Gate {
  FakeWatch machine{&ran};
  WatchedGate() : Gate(Always(GoodLaunch(100)), Always(GoodLaunch(100))) {}

  void RunWatched(double burn_in_s = 0, StopSignal* stop = nullptr) {
    GateTask task{base, candidate, stop, Deadline::After(kHourNs), {}};
    task.machine = &machine;
    task.burn_in_s = burn_in_s;
    RunGate(log, session, task);
  }
};

TEST(RunGateWatched, RunsTheSentinelBeforeEachBlockAndKeepsWhatItRead) {
  WatchedGate gate;
  gate.machine.walls_ms = {20, 21};
  gate.RunWatched();
  ASSERT_EQ(gate.verdict(), GateVerdict::kPass);
  std::string expected;
  for (const GateRecord& record : gate.log.records)
    expected += "s" + Letters(record.block.order);
  EXPECT_EQ(gate.ran, expected);
  EXPECT_FALSE(gate.log.burn_in);
  const auto& first = gate.log.records.front().machine;
  ASSERT_TRUE(first);
  EXPECT_EQ(first->sentinel, (SentinelTime{20'000'000, 20'000'000}));
  EXPECT_EQ(first->since_last.interval_ns, 1);
  EXPECT_EQ(first->length_ns, 1'000'000'000);
  EXPECT_EQ(gate.log.records.back().machine->sentinel.wall_ns, 21'000'000);
  ExpectLogGivesTheSame(gate);
}

TEST(RunGateWatched, ABurnInIsAsLongAsAskedForAndAtLeastFiveRuns) {
  WatchedGate gate;
  gate.RunWatched(1);
  ASSERT_TRUE(gate.log.burn_in);
  EXPECT_EQ(gate.log.burn_in->times.size(), 50u);
  EXPECT_EQ(gate.log.burn_in->asked_s, 1);
  EXPECT_EQ(gate.log.burn_in->steps, 77);
  EXPECT_EQ(gate.log.burn_in->bounds, BurnInBoundsFor(gate.log.setup.rule));
  EXPECT_EQ(gate.verdict(), GateVerdict::kPass);
  WatchedGate shortest;
  shortest.RunWatched(0.001);
  EXPECT_EQ(shortest.log.burn_in->times.size(), 5u);
}

TEST(RunGateWatched, ABurnInOnAMachineThatStandsStillEndsAfterFiveSeconds) {
  WatchedGate gate;
  gate.machine.walls_ms = {2000};
  gate.RunWatched(1);
  EXPECT_EQ(gate.log.burn_in->times.size(), 3u);
}

TEST(RunGateWatched, AnUnfitMachineEndsItBeforeAnyLaunch) {
  WatchedGate gate;
  gate.machine.walls_ms = {20, 20, 20, 1020, 20};
  gate.RunWatched(1);
  EXPECT_EQ(gate.verdict(), GateVerdict::kUnfit);
  EXPECT_EQ(gate.ran.find_first_not_of('s'), std::string::npos);
  EXPECT_TRUE(gate.log.records.empty());
  EXPECT_THAT(gate.session.Outcome().reason, HasSubstr("--burn-in off"));
  ExpectLogGivesTheSame(gate);
}

TEST(RunGateWatched, ASignalInTheBurnInJudgesNothing) {
  WatchedGate gate;
  gate.machine.walls_ms = {20, 20, 20, 1020, 20};
  StopSignal stop;
  raise(SIGTERM);
  gate.RunWatched(1, &stop);
  EXPECT_EQ(gate.verdict(), GateVerdict::kInconclusive);
  EXPECT_EQ(gate.log.stopped, "interrupted by a signal");
  EXPECT_FALSE(gate.log.burn_in);
}

TEST(RunGateWatched, ABlockWhoseMachineChangedCountsForNothingWhateverItsValues) {
  WatchedGate gate;
  gate.machine.edges.resize(6);  // before the first block, and around three
  gate.machine.edges[4].raw_ns = -500'000'000;
  gate.RunWatched();
  ASSERT_EQ(gate.verdict(), GateVerdict::kPass);
  EXPECT_EQ(gate.log.records[0].invalid, "");
  EXPECT_THAT(gate.log.records[1].invalid, StartsWith("the clock was corrected under it"));
  EXPECT_EQ(gate.log.records[2].invalid, "");
  EXPECT_EQ(gate.session.Outcome().Phase(GatePhase::kMain)->invalid, 1);
  ExpectLogGivesTheSame(gate);
}

TEST(RunGateWatched, AnotherCpuModelForGoodEndsItUnfit) {
  WatchedGate gate;
  for (MachineEdge& edge : gate.machine.edges)
    edge.cpu_model = "CPU X";
  gate.machine.edges.emplace_back().cpu_model = "CPU Y";
  gate.RunWatched();
  EXPECT_EQ(gate.verdict(), GateVerdict::kUnfit);
  EXPECT_EQ(gate.log.records.size(), 8u);
  EXPECT_THAT(gate.session.Outcome().reason, HasSubstr("CPU model changed from CPU X to CPU Y"));
}

}  // namespace
}  // namespace coresweep
