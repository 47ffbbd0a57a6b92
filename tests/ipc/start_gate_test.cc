#include "harness/ipc/start_gate.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "harness/base/error.h"

namespace coresweep {
namespace {

StartGate AttachTo(const StartGate& gate) {
  return StartGate::Attach(UniqueFd(fcntl(gate.fd(), F_DUPFD_CLOEXEC, 3)));
}

Deadline GatePatience() {
  return Deadline::After(30 * kNsPerS);
}

TEST(StartGate, GivesEverybodyTheSchedule) {
  StartGate gate = StartGate::Create();
  std::vector<Schedule> seen(4);
  std::vector<std::thread> waiters;
  for (Schedule& schedule : seen) {
    waiters.emplace_back(
        [&schedule, mine = AttachTo(gate)]() mutable { schedule = mine.Await(GatePatience()); });
  }
  gate.Open({7, {11, 13}});
  for (std::thread& waiter : waiters)
    waiter.join();
  for (const Schedule& schedule : seen) {
    EXPECT_EQ(schedule.gate_ns, 7);
    EXPECT_EQ(schedule.window.begin_ns, 11);
    EXPECT_EQ(schedule.window.end_ns, 13);
  }
}

TEST(StartGate, LetsThroughThoseWhoComeLater) {
  StartGate gate = StartGate::Create();
  gate.Open({7, {11, 13}});
  EXPECT_EQ(AttachTo(gate).Await(GatePatience()).window.end_ns, 13);
  EXPECT_EQ(gate.Await(Deadline::After(0)).window.end_ns, 13);
}

TEST(StartGate, LetsNobodyThroughBeforeItsTime) {
  StartGate gate = StartGate::Create();
  const int64_t gate_ns = NowNs() + 20 * kNsPerMs;
  gate.Open({gate_ns, {}});
  (void)gate.Await(GatePatience());
  EXPECT_GE(NowNs(), gate_ns);
}

TEST(StartGate, ThatStaysClosedIsAnErrorAtTheDeadline) {
  StartGate gate = StartGate::Create();
  EXPECT_THROW((void)gate.Await(Deadline::After(kNsPerMs)), Error);
  EXPECT_THROW((void)gate.Await(Deadline::After(-kNsPerMs)), Error);
}

TEST(StartGate, EndsTheWindowEarlierForEverybodyButNeverLater) {
  StartGate gate = StartGate::Create();
  StartGate theirs = AttachTo(gate);
  gate.Open({7, {11, 100}});
  EXPECT_EQ(theirs.EndNs(), 100);
  theirs.EndWindowAt(50);
  gate.EndWindowAt(60);
  EXPECT_EQ(gate.EndNs(), 50);
  EXPECT_EQ(theirs.EndNs(), 50);
}

TEST(StartGate, AddsTheWorkOfAll) {
  StartGate gate = StartGate::Create();
  StartGate theirs = AttachTo(gate);
  EXPECT_EQ(gate.AddWork(3), 3);
  EXPECT_EQ(theirs.AddWork(4), 7);
}

}  // namespace
}  // namespace coresweep
