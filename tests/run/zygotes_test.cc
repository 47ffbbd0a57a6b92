// With the program itself as zygote and worker: what is forked is told from what is spawned by
// nothing but its start.
#include "harness/run/zygotes.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>

#include "harness/base/cpu_set.h"
#include "harness/base/error.h"
#include "harness/base/sanitizers.h"
#include "harness/run/zygote.h"

namespace coresweep {
namespace {

constexpr const char* kItsThread = "the thread sanitizer has a thread and signals of its own";

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kLongMs = 20'000;

std::string Proc(pid_t pid, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The value of a line of /proc/PID/status.
std::string Status(pid_t pid, const std::string& key) {
  std::istringstream lines(Proc(pid, "status"));
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(key + ":\t", 0) == 0) return line.substr(key.size() + 2);
  }
  return "";
}

/// Numbers of the open descriptors, but for those of the test program's own caller.
std::vector<int> Descriptors(pid_t pid) {
  std::vector<int> numbers;
  for (const auto& entry : fs::directory_iterator("/proc/" + std::to_string(pid) + "/fd"))
    numbers.push_back(std::stoi(entry.path().filename()));
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

/// Whether it becomes true; a worker is told of before it has got everything.
bool Eventually(const std::function<bool()>& holds) {
  const Deadline deadline = Deadline::After(kLongMs * kNsPerMs);
  while (!holds() && !deadline.Passed())
    usleep(1000);
  return holds();
}

class ZygotesTest : public testing::Test {
 protected:
  struct Worker {
    ChildProcess child;
    ControlEnd control;
  };

  ZygotesTest() {
    context_.program = CORESWEEP_PROGRAM;
    context_.environment = {"PATH=/bin", "GREETING=hello"};
    for (const char* name : {"TSAN_OPTIONS", "ASAN_OPTIONS", "LSAN_OPTIONS"}) {
      if (const char* options = std::getenv(name); options != nullptr)
        context_.environment.push_back(std::string(name) + "=" + options);
    }
  }
  static WorkerSetup Setup(int threads = 2, const std::string& workload = "null") {
    WorkerSetup setup;
    setup.workload.name = workload;
    setup.threads = threads;
    setup.places = {{FirstCpu(), {}, {}}};
    setup.startup_timeout_s = 20;
    return setup;
  }
  /// One CPU, so that a worker that was not bound shows wherever there are two.
  static std::string FirstCpu() {
    const std::string all = GetAffinity().ToList();
    return all.substr(0, all.find_first_of(",-"));
  }
  /// A worker that waits for its instructions.
  std::optional<Worker> Fork(Zygotes& zygotes, const WorkerSetup& setup = Setup()) const {
    auto [ours, theirs] = ControlEnd::MakePair();
    auto child = zygotes.Fork(context_, setup, {{theirs.fd(), kControlFd}});
    if (!child) return std::nullopt;
    return Worker{std::move(*child), std::move(ours)};
  }
  [[nodiscard]] Worker Spawn() const {
    auto [ours, theirs] = ControlEnd::MakePair();
    SpawnOptions options{context_.program,
                         {"coresweep", "worker"},
                         WorkerEnvironment(context_.environment, 2),
                         {{theirs.fd(), kControlFd}}};
    return {ChildProcess::Spawn(options), std::move(ours)};
  }
  ProcessContext context_;
};

TEST_F(ZygotesTest, AWorkerIsOurChildAloneInItsGroupWithOneThread) {
  if (kThreadSanitizer) GTEST_SKIP() << kItsThread;
  Zygotes zygotes;
  ASSERT_TRUE(zygotes.AwaitReady(context_, Setup()));
  const auto worker = Fork(zygotes);
  ASSERT_TRUE(worker);
  const pid_t pid = worker->child.pid();
  EXPECT_THAT(zygotes.pids(), testing::Not(testing::Contains(pid)));
  EXPECT_EQ(Status(pid, "PPid"), std::to_string(getpid()));
  EXPECT_EQ(Status(pid, "Threads"), "1");
  EXPECT_TRUE(Eventually([&] { return getpgid(pid) == pid; }));
  EXPECT_THAT(zygotes.TakeWarnings(), IsEmpty());
}

TEST_F(ZygotesTest, AWorkerHasWhatASpawnedOneHas) {
  if (kThreadSanitizer) GTEST_SKIP() << kItsThread;
  Zygotes zygotes;
  ASSERT_TRUE(zygotes.AwaitReady(context_, Setup()));
  const auto forked = Fork(zygotes);
  const Worker spawned = Spawn();
  ASSERT_TRUE(forked);
  const pid_t one = forked->child.pid();
  const pid_t other = spawned.child.pid();
  EXPECT_TRUE(Eventually([&] { return Descriptors(one) == Descriptors(other); }));
  EXPECT_EQ(Proc(one, "cmdline"), Proc(other, "cmdline"));
  EXPECT_EQ(Proc(one, "environ"), Proc(other, "environ"));
  EXPECT_THAT(Proc(one, "environ"), HasSubstr("OMP_NUM_THREADS=2"));
  for (const char* key : {"SigBlk", "SigIgn"})
    EXPECT_EQ(Status(one, key), Status(other, key)) << key;
}

TEST_F(ZygotesTest, AWorkerIsBoundBeforeItIsTold) {
  Zygotes zygotes;
  ASSERT_TRUE(zygotes.AwaitReady(context_, Setup()));
  const auto worker = Fork(zygotes);
  ASSERT_TRUE(worker);
  EXPECT_EQ(Status(worker->child.pid(), "Cpus_allowed_list"), FirstCpu());
  for (const pid_t zygote : zygotes.pids())
    EXPECT_EQ(Status(zygote, "Cpus_allowed_list"), FirstCpu());
}

TEST_F(ZygotesTest, AWorkerGetsDescriptorsUnderTheirNumbers) {
  Zygotes zygotes;
  ASSERT_TRUE(zygotes.AwaitReady(context_, Setup()));
  auto [ours, theirs] = ControlEnd::MakePair();
  const UniqueFd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const UniqueFd zero(open("/dev/zero", O_RDONLY | O_CLOEXEC));
  auto child =
      zygotes.Fork(context_, Setup(), {{zero.get(), 5}, {null.get(), 4}, {theirs.fd(), 3}});
  ASSERT_TRUE(child);
  const Worker worker{std::move(*child), std::move(ours)};
  const std::string folder = "/proc/" + std::to_string(worker.child.pid()) + "/fd/";
  std::error_code none;
  EXPECT_TRUE(Eventually([&] { return fs::read_symlink(folder + "5", none) == "/dev/zero"; }));
  EXPECT_EQ(fs::read_symlink(folder + "4", none), "/dev/null");
}

TEST_F(ZygotesTest, AWorkerEndsAsASpawnedOneDoes) {
  Zygotes zygotes;
  ASSERT_TRUE(zygotes.AwaitReady(context_, Setup()));
  {
    auto worker = Fork(zygotes);
    ASSERT_TRUE(worker);
    worker->control = ControlEnd(UniqueFd());
    const auto exit = worker->child.WaitFor(kLongMs);
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->exit_code, 1);
    EXPECT_GT(exit->usage.ru_maxrss, 0);
  }
  auto worker = Fork(zygotes);
  ASSERT_TRUE(worker);
  worker->child.Kill();
  const auto exit = worker->child.WaitFor(kLongMs);
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->signal_number, SIGKILL);
  EXPECT_TRUE(Fork(zygotes));  // the zygote is none the worse
}

TEST_F(ZygotesTest, ThereIsOneForEachEnvironmentAndSetOfCpus) {
  Zygotes zygotes;
  EXPECT_TRUE(zygotes.AwaitReady(context_, Setup(1)));
  EXPECT_TRUE(zygotes.AwaitReady(context_, Setup(1)));
  EXPECT_EQ(zygotes.pids().size(), 1u);
  EXPECT_TRUE(zygotes.AwaitReady(context_, Setup(2)));
  EXPECT_EQ(zygotes.pids().size(), 2u);
  WorkerSetup everywhere = Setup(1);
  everywhere.places[0].cpus = GetAffinity().ToList();
  EXPECT_TRUE(zygotes.AwaitReady(context_, everywhere));
  EXPECT_EQ(zygotes.pids().size(), GetAffinity().Count() == 1 ? 2u : 3u);
}

TEST_F(ZygotesTest, ThereAreNotMoreThanTheMost) {
  Zygotes zygotes;
  for (int threads = 1; threads <= static_cast<int>(Zygotes::kMost) + 2; ++threads)
    zygotes.Start(context_, Setup(threads));
  EXPECT_EQ(zygotes.pids().size(), Zygotes::kMost);
  EXPECT_FALSE(zygotes.AwaitReady(context_, Setup(static_cast<int>(Zygotes::kMost) + 1)));
  EXPECT_THAT(zygotes.TakeWarnings(), ElementsAre(HasSubstr("there are 32 zygotes")));
}

TEST_F(ZygotesTest, ADeadOneIsToldOnceAndNotReplaced) {
  Zygotes zygotes;
  ASSERT_TRUE(zygotes.AwaitReady(context_, Setup()));
  kill(zygotes.pids().at(0), SIGKILL);
  EXPECT_FALSE(Fork(zygotes));
  EXPECT_FALSE(zygotes.AwaitReady(context_, Setup()));
  EXPECT_THAT(zygotes.TakeWarnings(),
              ElementsAre(AllOf(HasSubstr("workers with 2 threads on CPUs " + FirstCpu()),
                                HasSubstr("was killed by signal 9"))));
  EXPECT_THAT(zygotes.TakeWarnings(), IsEmpty());
  EXPECT_THAT(zygotes.pids(), IsEmpty());
}

TEST_F(ZygotesTest, OneThatDiesBetweenTrialsIsFound) {
  Zygotes zygotes;
  ASSERT_TRUE(zygotes.AwaitReady(context_, Setup()));
  const pid_t pid = zygotes.pids().at(0);
  kill(pid, SIGKILL);
  siginfo_t info{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT), 0);
  EXPECT_THAT(zygotes.TakeWarnings(), ElementsAre(HasSubstr("was killed by signal 9")));
  EXPECT_FALSE(zygotes.AwaitReady(context_, Setup()));
}

TEST_F(ZygotesTest, OneThatCannotLoadSaysWhy) {
  Zygotes zygotes;
  EXPECT_FALSE(zygotes.AwaitReady(context_, Setup(2, "nothing_of_this_name")));
  EXPECT_THAT(zygotes.TakeWarnings(),
              ElementsAre(AllOf(HasSubstr("gave up: "), HasSubstr("unknown workload"))));
}

/// A child that was not reaped; 0: one that runs; -1: none.
pid_t FirstChildLeft() {
  pid_t left = waitpid(-1, nullptr, WNOHANG);
  // The leak check of a zygote that is killed as it ends leaves its helper, which ends by itself.
  const Deadline deadline = Deadline::After(5 * kNsPerS);
  while (kAddressSanitizer && left >= 0 && !deadline.Passed())
    left = waitpid(-1, nullptr, WNOHANG);
  return left;
}

TEST_F(ZygotesTest, LeaveNothingBehind) {
  const auto before = Descriptors(getpid());
  std::vector<pid_t> pids;
  {
    Zygotes zygotes;
    ASSERT_TRUE(zygotes.AwaitReady(context_, Setup()));
    const auto worker = Fork(zygotes);
    ASSERT_TRUE(worker);
    pids = zygotes.pids();
    pids.push_back(worker->child.pid());
  }
  for (const pid_t pid : pids)
    EXPECT_EQ(kill(pid, 0), -1) << pid;
  EXPECT_EQ(FirstChildLeft(), -1);  // no child of any kind, none in between
  EXPECT_EQ(Descriptors(getpid()), before);
}

/// What a zygote whose library does `load` says first.
nlohmann::json FirstWords(const std::function<void()>& load) {
  auto [ours, theirs] = ControlEnd::MakePair();
  WorkerSetup setup;
  setup.places = {{GetAffinity().ToList(), {}, {}}};
  setup.parent_pid = getpid();
  ours.Send(ToJson(setup).dump());
  const pid_t zygote = fork();
  if (zygote == 0) {
    char command[] = "zygote";
    dup2(theirs.fd(), kControlFd);
    (void)ZygoteMain({[&](const WorkloadSpec&) { load(); }, {}}, command);
    _exit(0);
  }
  const auto message = ours.Receive(Deadline::After(kLongMs * kNsPerMs));
  kill(zygote, SIGKILL);
  waitpid(zygote, nullptr, 0);
  return message ? nlohmann::json::parse(message->text) : nlohmann::json();
}

TEST(Zygote, IsReadyWhenItsLibraryHasNoThreads) {
  if (kThreadSanitizer) GTEST_SKIP() << kItsThread;
  EXPECT_EQ(FirstWords([] {}).at("kind"), "ready");
}

TEST(Zygote, RefusesALibraryThatStartsThreads) {
  if (kThreadSanitizer) GTEST_SKIP() << kItsThread;
  const auto words = FirstWords([] { std::thread([] { pause(); }).detach(); });
  EXPECT_EQ(words.at("kind"), "refused");
  EXPECT_THAT(words.at("message"), HasSubstr("started threads (1), which a fork would lose"));
}

}  // namespace
}  // namespace coresweep
