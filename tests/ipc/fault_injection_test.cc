// Whatever a worker does, at whatever step: the dispatcher's end gives whole answers in their
// order, nothing else, and never waits. The worker is a process of its own.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>

#include "tests/ipc/exchange.h"

namespace coresweep {
namespace {

constexpr int kPatienceMs = static_cast<int>(kPatienceNs / kNsPerMs);

/// What a worker sent may still be on its way when it has ended: in the kernel's queues of a
/// connection, where it also gets lost, or with libzmq's thread.
bool MayComeLater(std::string_view transport) {
  return transport == "zeromq" || transport == "tcp";
}

/// Answers that are out when the worker is at its step of the chunk `plan.chunk`.
void ExpectAnswersBefore(const Exchange& exchange, const WorkerPlan& plan) {
  const uint64_t out = plan.chunk + (plan.step >= Step::kPublished ? 1 : 0);
  EXPECT_GE(exchange.sent(), exchange.received());
  // ZeroMQ's thread in the worker may not have sent what the worker did, and TCP forgets what was
  // not delivered when a process ends that has not read all. A worker that finds something to do
  // every time is caught going to sleep later than planned.
  if (MayComeLater(plan.transport)) {
    if (plan.step != Step::kReceiving) {
      EXPECT_LE(exchange.received(), out);
    }
  } else if (plan.step == Step::kReceiving) {
    EXPECT_GE(exchange.received(), out);
  } else {
    EXPECT_EQ(exchange.received(), out);
  }
}

// One misdeed that ends or delays the worker, at every step.

struct NamedMisdeed {
  std::string_view name;
  Misdeed misdeed;
  int signal_number;
  int exit_code;
  std::string_view error;
};

using Case = std::tuple<TransportEntry, NamedMisdeed>;

std::string NameOf(const testing::TestParamInfo<Case>& test) {
  return std::string(std::get<0>(test.param).name) + "_" +
         std::string(std::get<1>(test.param).name);
}

class WorkerFault : public testing::TestWithParam<Case>, protected Transport {
 protected:
  WorkerFault() : Transport(std::get<0>(GetParam()).name) {}
  void SetUp() override {
    if (const auto reason = Forbidden()) GTEST_SKIP() << *reason;
  }
  [[nodiscard]] static const NamedMisdeed& misdeed() { return std::get<1>(GetParam()); }
};

class WorkerThatDies : public WorkerFault {};

TEST_P(WorkerThatDies, LeavesWholeAnswersAtEveryStepAndNothingWaitsForIt) {
  for (const auto& [step_name, step] : kSteps) {
    SCOPED_TRACE(step_name);
    const WorkerPlan plan = PlanOf(name(), misdeed().misdeed, step);
    Exchange exchange(plan, plan.shape);
    ASSERT_EQ(exchange.Run(1000), Ending::kEnded);
    EXPECT_EQ(exchange.worker().exit()->signal_number, misdeed().signal_number);
    EXPECT_EQ(exchange.worker().exit()->exit_code, misdeed().exit_code);
    const uint64_t received = exchange.received();
    for (int tries = 0; tries < 20; ++tries) {
      (void)exchange.Send();
      exchange.channel().Flush();
      exchange.Take();
    }
    if (!MayComeLater(name())) {
      EXPECT_EQ(exchange.received(), received);
    }
    ExpectAnswersBefore(exchange, plan);
  }
}

constexpr std::array<NamedMisdeed, 4> kDeaths{{
    {"Kill", Misdeed::kKill, SIGKILL, 0, ""},
    {"Segv", Misdeed::kSegv, SIGSEGV, 0, ""},
    {"Bus", Misdeed::kBus, SIGBUS, 0, ""},
    {"Exit", Misdeed::kExit, 0, kExitedEarly, ""},
}};
INSTANTIATE_TEST_SUITE_P(Every, WorkerThatDies,
                         testing::Combine(testing::ValuesIn(TransportTable().begin(),
                                                            TransportTable().end()),
                                          testing::ValuesIn(kDeaths)),
                         NameOf);

// What a worker writes.

class WorkerThatLies : public WorkerFault {};

TEST_P(WorkerThatLies, IsRefusedByNameAndForGood) {
  if (name().starts_with("shm") && misdeed().misdeed == Misdeed::kMagic) {
    GTEST_SKIP() << "a slot's turn stands for the magic number";
  }
  // The worker believes in more, so that too much gets past its own side.
  WorkerPlan plan = PlanOf(name(), misdeed().misdeed, Step::kReceived);
  plan.shape = {120, 120, 2};
  Exchange exchange(plan, {100, 100, 2});
  ASSERT_EQ(exchange.Run(1000), Ending::kRefused);
  EXPECT_THAT(exchange.error(), testing::HasSubstr(misdeed().error));
  EXPECT_EQ(exchange.received(), plan.chunk);
  EXPECT_THROW((void)exchange.channel().TryReceive(), Error);
  EXPECT_TRUE(exchange.worker().Running());
}

constexpr std::array<NamedMisdeed, 4> kLies{{
    {"Magic", Misdeed::kMagic, 0, 0, "not a chunk header"},
    {"Kind", Misdeed::kKind, 0, 0, "not a chunk header"},
    {"Generation", Misdeed::kGeneration, 0, 0, "generation 2 where 1 is due"},
    {"TooLong", Misdeed::kTooLong, 0, 0, "101 bytes of payload where 100 fit"},
}};
INSTANTIATE_TEST_SUITE_P(Every, WorkerThatLies,
                         testing::Combine(testing::ValuesIn(TransportTable().begin(),
                                                            TransportTable().end()),
                                          testing::ValuesIn(kLies)),
                         NameOf);

// The rest, one test a transport.

class FaultInjection : public testing::TestWithParam<TransportEntry>, protected Transport {
 protected:
  FaultInjection() : Transport(GetParam().name) {}
  void SetUp() override {
    if (const auto reason = Forbidden()) GTEST_SKIP() << *reason;
  }
};

TEST_P(FaultInjection, AStoppedWorkerIsSilentAndGoesOnWhereItWas) {
  for (const auto& [step_name, step] : kSteps) {
    SCOPED_TRACE(step_name);
    const WorkerPlan plan = PlanOf(name(), Misdeed::kStop, step);
    Exchange exchange(plan, plan.shape);
    ASSERT_EQ(exchange.Run(1000), Ending::kStopped);
    exchange.Take();
    ExpectAnswersBefore(exchange, plan);
    for (int sent = 0; exchange.Send(); ++sent)
      ASSERT_LT(sent, 200) << "it never refuses";
    const uint64_t all = exchange.sent();
    EXPECT_EQ(kill(exchange.worker().pid(), SIGCONT), 0);
    ASSERT_EQ(exchange.Run(all), Ending::kAllAnswered);
    const auto exit = exchange.Stop();
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->exit_code, kToldToStop);
  }
}

TEST_P(FaultInjection, ASlowWorkerIsAsGoodAsAFastOne) {
  for (const auto& [step_name, step] : kSteps) {
    SCOPED_TRACE(step_name);
    const WorkerPlan plan = PlanOf(name(), Misdeed::kSlow, step);
    Exchange exchange(plan, plan.shape);
    ASSERT_EQ(exchange.Run(5), Ending::kAllAnswered);
    const auto exit = exchange.Stop();
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->exit_code, kToldToStop) << exit->Describe();
  }
}

TEST_P(FaultInjection, NoiseInTheDescriptorsIsRefusedOrNotSeen) {
  if (name().starts_with("shm")) GTEST_SKIP() << "noise in a ring is tested with the ring";
  const WorkerPlan plan = PlanOf(name(), Misdeed::kNoise, Step::kReceived);
  Exchange exchange(plan, plan.shape);
  const Ending ending = exchange.Run(10);
  if (ending == Ending::kAllAnswered) {
    EXPECT_EQ(name(), "zeromq");  // noise cannot reach its connection
    return;
  }
  ASSERT_EQ(ending, Ending::kRefused);
  EXPECT_THAT(exchange.error(), testing::HasSubstr("malformed message"));
  EXPECT_EQ(exchange.received(), plan.chunk);
  EXPECT_THROW((void)exchange.channel().TryReceive(), Error);
}

/// Reads a worker's process id; nullopt when it ended or time is up.
std::optional<pid_t> ReadPid(int fd) {
  pollfd watch{fd, POLLIN, 0};
  pid_t pid = 0;
  if (::poll(&watch, 1, kPatienceMs) <= 0) return std::nullopt;
  if (read(fd, &pid, sizeof pid) != sizeof pid) return std::nullopt;
  return pid;
}

TEST_P(FaultInjection, AWorkerEndsByItselfWhereverItsDispatcherWasKilled) {
  // Its orphan comes to us, so that it can be told from one that does not end.
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  for (const auto& [step_name, step] : kSteps) {
    SCOPED_TRACE(step_name);
    std::array<int, 2> fds{};
    ASSERT_EQ(pipe2(fds.data(), O_CLOEXEC), 0);
    const UniqueFd status(fds[0]);
    UniqueFd theirs(fds[1]);
    ChildProcess dispatcher =
        SpawnDispatcher(PlanOf(name(), Misdeed::kOutlive, step), theirs.get());
    theirs.Reset();
    const auto worker = ReadPid(status.get());
    ASSERT_TRUE(worker) << "it never came to that step";
    dispatcher.Kill();
    ASSERT_TRUE(dispatcher.WaitFor(kPatienceMs));
    EXPECT_FALSE(ReadPid(status.get()));
    siginfo_t info{};
    EXPECT_EQ(waitid(P_PID, static_cast<id_t>(*worker), &info, WEXITED | WNOHANG | WNOWAIT), 0);
    if (info.si_pid == 0) kill(*worker, SIGKILL);
    int exit_status = 0;
    ASSERT_EQ(waitpid(*worker, &exit_status, 0), *worker);
    EXPECT_FALSE(WIFSIGNALED(exit_status) && WTERMSIG(exit_status) != SIGPIPE) << exit_status;
    EXPECT_NE(exit_status, kToldToStop);
  }
}

INSTANTIATE_TEST_SUITE_P(Every, FaultInjection,
                         testing::ValuesIn(TransportTable().begin(), TransportTable().end()),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace coresweep

int main(int argc, char** argv) {
  if (const auto code = coresweep::FaultyMain({argv, argv + argc})) return *code;
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
