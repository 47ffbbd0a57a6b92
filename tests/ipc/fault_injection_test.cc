// Whatever a worker does, at whatever step: the dispatcher's end gives whole answers in their
// order, nothing else, never waits, and leaves nothing behind. The worker is a process of its own.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <deque>
#include <filesystem>
#include <iostream>
#include <set>

#include "harness/base/clock.h"
#include "harness/ipc/transports.h"
#include "tests/ipc/channel_testing.h"
#include "tests/ipc/faulty_worker.h"

namespace coresweep {
namespace {

constexpr int kLullMs = 20;
constexpr int kPatienceMs = static_cast<int>(kPatienceNs / kNsPerMs);
/// More than one packet, and not the whole of any buffer.
constexpr size_t kPayloadBytes = 96 * kKib;

enum class Ending { kAllAnswered, kEnded, kStopped, kRefused, kHung };

/// The dispatcher's side: sends numbered chunks on credit and expects them back.
class Exchange {
 public:
  /// `shape` is the dispatcher's, the plan's the worker's; chunks are as long as the former allows.
  Exchange(const WorkerPlan& plan, const ChannelShape& shape)
      : plan_(plan), shape_(shape), connection_(FindTransport(plan.transport).open(shape)) {
    worker_ = SpawnFaultyWorker(plan, connection_.worker_fds);
    connection_.worker_fds.clear();
  }

  DispatcherChannel& channel() { return *connection_.dispatcher; }
  ChildProcess& worker() { return worker_; }
  [[nodiscard]] uint64_t sent() const { return sent_; }
  [[nodiscard]] uint64_t received() const { return received_; }
  [[nodiscard]] const std::string& error() const { return error_; }

  /// False when there is no room.
  bool Send() {
    payloads_.push_back(Payload(shape_.request_bytes, sent_));
    if (!channel().TrySend(Header(sent_, shape_.request_bytes), payloads_.back())) {
      payloads_.pop_back();
      return false;
    }
    ++sent_;
    return true;
  }

  /// Takes all answers that are there; each must be the next one, and whole.
  void Take() {
    while (const auto answer = channel().TryReceive()) {
      ASSERT_LT(received_, sent_);
      ASSERT_EQ(answer->header.sequence, received_);
      const auto& expected = payloads_[received_];
      ASSERT_EQ(answer->payload.size(), expected.size());
      ASSERT_TRUE(std::equal(expected.begin(), expected.end(), answer->payload.begin()));
      if (channel().HoldsAnswers()) channel().Release(answer->slot);
      ++received_;
    }
  }

  /// Until `chunks` are sent and answered or the worker does something else.
  Ending Run(uint64_t chunks) {
    const Deadline deadline = Deadline::After(kPatienceNs);
    while (!deadline.Passed() && !testing::Test::HasFatalFailure()) {
      while (sent_ < chunks && sent_ - received_ < static_cast<uint64_t>(shape_.credit)) {
        // A worker that is to be caught going to sleep must find nothing to do.
        if (sent_ == plan_.chunk && plan_.step == Step::kReceiving) (void)worker_.WaitFor(kLullMs);
        if (!Send()) break;
      }
      try {
        const bool ended = worker_.WaitFor(0).has_value();
        Take();
        if (ended) return Ending::kEnded;
      } catch (const Error& error) {
        error_ = error.what();
        return Ending::kRefused;
      }
      if (received_ >= chunks) return Ending::kAllAnswered;
      if (Stopped()) return Ending::kStopped;
      Wait();
    }
    return Ending::kHung;
  }

  /// Sends the stop message and waits for the worker's end.
  std::optional<ChildExit> Stop() {
    const Deadline deadline = Deadline::After(kPatienceNs);
    while (!channel().TrySend(StopHeader(), {}) && !deadline.Passed())
      Wait();
    while (!deadline.Passed()) {
      channel().Flush();
      if (worker_.WaitFor(1)) break;
    }
    return worker_.exit();
  }

 private:
  [[nodiscard]] bool Stopped() const {
    siginfo_t info{};
    const int flags = WSTOPPED | WNOHANG | WNOWAIT;
    return waitid(P_PID, static_cast<id_t>(worker_.pid()), &info, flags) == 0 && info.si_pid != 0;
  }

  /// For an answer, room, or the worker's end; not long, as nothing tells that it was stopped.
  void Wait() {
    if (!channel().PrepareToSleep(1)) return;
    pollfd watched[3] = {{channel().receive_fd(), POLLIN, 0},
                         {channel().WantsToSend() ? channel().send_fd() : -1, POLLOUT, 0},
                         {worker_.pidfd(), POLLIN, 0}};
    (void)::poll(watched, 3, kLullMs);
    if (watched[0].revents != 0) channel().Woken();
    if (watched[1].revents != 0) channel().Flush();
  }

  WorkerPlan plan_;
  ChannelShape shape_;
  Connection connection_;
  ChildProcess worker_;
  std::deque<std::vector<std::byte>> payloads_;
  uint64_t sent_ = 0;
  uint64_t received_ = 0;
  std::string error_;
};

WorkerPlan PlanOf(std::string_view transport, Misdeed misdeed, Step step) {
  WorkerPlan plan;
  plan.transport = transport;
  plan.shape = {kPayloadBytes, kPayloadBytes, 2};
  plan.misdeed = misdeed;
  plan.step = step;
  return plan;
}

/// Answers that are out when the worker is at its step of the chunk `plan.chunk`.
void ExpectAnswersBefore(const Exchange& exchange, const WorkerPlan& plan) {
  const uint64_t out = plan.chunk + (plan.step >= Step::kPublished ? 1 : 0);
  EXPECT_GE(exchange.sent(), exchange.received());
  // ZeroMQ's thread in the worker may not have sent what the worker did, and TCP forgets what was
  // not delivered when a process ends that has not read all. A worker that finds something to do
  // every time is caught going to sleep later than planned.
  if (plan.transport == "zeromq" || plan.transport == "tcp") {
    if (plan.step != Step::kReceiving) {
      EXPECT_LE(exchange.received(), out);
    }
  } else if (plan.step == Step::kReceiving) {
    EXPECT_GE(exchange.received(), out);
  } else {
    EXPECT_EQ(exchange.received(), out);
  }
}

/// What a test of one transport has.
class Transport {
 protected:
  explicit Transport(std::string_view name) : name_(name) {
    std::signal(SIGPIPE, SIG_IGN);  // as `StopSignal` does in the program
  }
  /// True when the test is skipped.
  [[nodiscard]] bool Skip() const {
    const auto reason = ForbiddenHere(name_);
    if (reason) std::cout << *reason << "\n";
    return reason.has_value();
  }
  [[nodiscard]] std::string_view name() const { return name_; }

 private:
  std::string_view name_;
};

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
    if (Skip()) GTEST_SKIP() << "forbidden here";
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
    ExpectAnswersBefore(exchange, plan);
    for (int tries = 0; tries < 20; ++tries) {
      (void)exchange.Send();
      exchange.channel().Flush();
      EXPECT_FALSE(exchange.channel().TryReceive());
    }
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
    if (Skip()) GTEST_SKIP() << "forbidden here";
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

/// Sets the soft limit for as long as it lives.
class SoftLimit {
 public:
  SoftLimit(__rlimit_resource resource, rlim_t value) : resource_(resource) {
    getrlimit(resource_, &before_);
    const rlimit limit{std::min(value, before_.rlim_max), before_.rlim_max};
    setrlimit(resource_, &limit);
  }
  SoftLimit(const SoftLimit&) = delete;
  SoftLimit& operator=(const SoftLimit&) = delete;
  ~SoftLimit() { setrlimit(resource_, &before_); }

 private:
  __rlimit_resource resource_;
  rlimit before_{};
};

std::set<std::string> FilesIn(const std::string& folder) {
  std::set<std::string> names;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none))
    names.insert(entry.path().filename());
  return names;
}

/// What opening the connection threw; "" when it was opened.
std::string ErrorOfOpening(const TransportEntry& transport, const ChannelShape& shape) {
  try {
    (void)transport.open(shape);
    return "";
  } catch (const Error& error) {
    EXPECT_STRNE(error.what(), "");
    return error.what();
  }
}

TEST_P(FaultInjection, TooFewDescriptorsAreAnErrorThatLeavesNoneOpen) {
  const std::set<std::string> before = FilesIn("/proc/self/fd");
  rlim_t refused = 0;
  for (bool opened = false; !opened && refused < 100;) {
    {
      const SoftLimit limit(RLIMIT_NOFILE, 3 + refused);
      const std::string error = ErrorOfOpening(GetParam(), {64, 64, 2});
      opened = error.empty();
      if (!opened) {
        EXPECT_THAT(error, testing::HasSubstr("EMFILE"));
        ++refused;
      }
    }
    EXPECT_EQ(FilesIn("/proc/self/fd").size(), before.size());
  }
  EXPECT_GE(refused, 2u);
  EXPECT_LT(refused, 100u);
}

TEST_P(FaultInjection, MemoryThatIsRefusedIsAnError) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's own memory exceeds any limit";
#endif
  constexpr size_t kLarge = 64 * kMib;
  std::string error;
  {
    const SoftLimit none(RLIMIT_AS, 0);  // what is there stays
    error = ErrorOfOpening(GetParam(), {kLarge, kLarge, 2});
  }
  EXPECT_THAT(error, testing::HasSubstr("memory"));
  EXPECT_EQ(ErrorOfOpening(GetParam(), {64, 64, 2}), "");
}

TEST_P(FaultInjection, ManyWorkersKilledLeaveNothingBehind) {
  constexpr size_t kKills = 28;
  const auto descriptors = FilesIn("/proc/self/fd");
  const auto shared = FilesIn("/dev/shm");
  const auto queues = FilesIn("/dev/mqueue");
  for (size_t i = 0; i < kKills; ++i) {
    const WorkerPlan plan = PlanOf(name(), Misdeed::kKill, kSteps[i % kSteps.size()].second);
    Exchange exchange(plan, plan.shape);
    ASSERT_EQ(exchange.Run(1000), Ending::kEnded);
  }
  EXPECT_EQ(FilesIn("/proc/self/fd").size(), descriptors.size());
  EXPECT_EQ(FilesIn("/dev/shm"), shared);
  EXPECT_EQ(FilesIn("/dev/mqueue"), queues);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "a child was not reaped";
  EXPECT_EQ(errno, ECHILD);
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
