#include "harness/base/child_process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <string>
#include <utility>

#include "harness/base/error.h"
#include "harness/base/stop_signal.h"

namespace coresweep {
namespace {

using testing::HasSubstr;
using testing::Property;
using testing::Throws;

constexpr int kLongMs = 20'000;

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Pipe NewPipe() {
  int fds[2] = {-1, -1};
  Check(pipe2(fds, O_CLOEXEC), "pipe2");
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

bool Readable(int fd, int timeout_ms) {
  pollfd watch{fd, POLLIN, 0};
  return ::poll(&watch, 1, timeout_ms) == 1;
}

/// All that comes until every writer has gone; fails after a time limit.
std::string ReadToEnd(int fd) {
  std::string text;
  char buffer[256];
  while (Readable(fd, kLongMs)) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got <= 0) return text;
    text.append(buffer, static_cast<size_t>(got));
  }
  ADD_FAILURE() << "the writer is still alive";
  return text;
}

SpawnOptions Shell(const std::string& script, std::vector<InheritedFd> fds = {}) {
  return {
      "/bin/sh", {"sh", "-c", script}, {"PATH=/bin:/usr/bin", "GREETING=hello"}, std::move(fds)};
}

ChildExit RunShell(const std::string& script, std::vector<InheritedFd> fds = {}) {
  ChildProcess child = ChildProcess::Spawn(Shell(script, std::move(fds)));
  const auto exit = child.WaitFor(kLongMs);
  if (!exit) throw Error("the shell did not end");
  return *exit;
}

size_t OpenDescriptors() {
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    ++count;
  return count;
}

TEST(ChildProcess, ReportsTheExitCode) {
  EXPECT_TRUE(RunShell("exit 0").Clean());
  const ChildExit exit = RunShell("exit 3");
  EXPECT_FALSE(exit.Clean());
  EXPECT_EQ(exit.exit_code, 3);
  EXPECT_EQ(exit.signal_number, 0);
  EXPECT_EQ(exit.Describe(), "exited with code 3");
  EXPECT_GT(exit.usage.ru_maxrss, 0);
}

TEST(ChildProcess, ReportsTheSignal) {
  const ChildExit exit = RunShell("kill -9 $$");
  EXPECT_FALSE(exit.Clean());
  EXPECT_EQ(exit.signal_number, SIGKILL);
  EXPECT_THAT(exit.Describe(), HasSubstr("was killed by signal 9 (SIGKILL, perhaps out of memory"));
}

TEST(ChildProcess, HasTheGivenEnvironmentAndNoOther) {
  ASSERT_EQ(setenv("CORESWEEP_LEAK", "1", 1), 0);
  EXPECT_EQ(RunShell("[ \"$GREETING\" = hello ] && [ -z \"$CORESWEEP_LEAK\" ]").exit_code, 0);
  unsetenv("CORESWEEP_LEAK");
}

TEST(ChildProcess, GetsDescriptorsUnderTheirNumbers) {
  const Pipe pipe = NewPipe();
  EXPECT_TRUE(RunShell("echo five >&5", {{pipe.write.get(), 5}}).Clean());
  EXPECT_TRUE(Readable(pipe.read.get(), kLongMs));
}

TEST(ChildProcess, GetsSwappedDescriptorsWhenNumbersCollide) {
  // Each number is the source of one and the target of the other. They must be one digit for sh.
  Pipe first = NewPipe();
  Pipe second = NewPipe();
  const UniqueFd three(::fcntl(first.write.get(), F_DUPFD_CLOEXEC, 3));
  const UniqueFd four(::fcntl(second.write.get(), F_DUPFD_CLOEXEC, 3));
  ASSERT_LE(std::max(three.get(), four.get()), 9);
  first.write.Reset();
  second.write.Reset();
  {
    ChildProcess child =
        ChildProcess::Spawn(Shell("echo to-first >&" + std::to_string(four.get()) +
                                      "; echo to-second >&" + std::to_string(three.get()),
                                  {{three.get(), four.get()}, {four.get(), three.get()}}));
    ASSERT_TRUE(child.WaitFor(kLongMs));
  }
  char text[32] = {};
  ASSERT_GT(::read(first.read.get(), text, sizeof text), 0);
  EXPECT_STREQ(text, "to-first\n");
  char other[32] = {};
  ASSERT_GT(::read(second.read.get(), other, sizeof other), 0);
  EXPECT_STREQ(other, "to-second\n");
}

TEST(ChildProcess, GetsTheRightDescriptorsUnderNumbersThatAreStillFree) {
  // Copies made for the child must not land on a number that another one is to have.
  const Pipe first = NewPipe();
  const Pipe second = NewPipe();
  const int free = UniqueFd(::fcntl(0, F_DUPFD_CLOEXEC, 3)).get();
  ASSERT_LE(free + 1, 9);
  EXPECT_TRUE(RunShell("echo second >&" + std::to_string(free),
                       {{first.write.get(), free + 1}, {second.write.get(), free}})
                  .Clean());
  EXPECT_FALSE(Readable(first.read.get(), 0));
  EXPECT_TRUE(Readable(second.read.get(), 0));
}

TEST(ChildProcess, GetsADescriptorUnderItsOwnNumber) {
  const Pipe pipe = NewPipe();
  const int number = pipe.write.get();
  ASSERT_LE(number, 9);
  EXPECT_TRUE(RunShell("echo same >&" + std::to_string(number), {{number, number}}).Clean());
}

TEST(ChildProcess, InheritsNothingElse) {
  const Pipe pipe = NewPipe();
  const ChildProcess other = ChildProcess::Spawn(Shell("sleep 1000"));
  for (const int fd : {pipe.read.get(), pipe.write.get(), other.pidfd()})
    EXPECT_TRUE(RunShell("[ ! -e /proc/$$/fd/" + std::to_string(fd) + " ]").Clean()) << fd;
}

TEST(ChildProcess, StartsWithDefaultSignals) {
  const StopSignal stop;  // blocks TERM and ignores PIPE in this process
  EXPECT_EQ(RunShell("kill -TERM $$; exit 7").signal_number, SIGTERM);
  EXPECT_EQ(RunShell("kill -PIPE $$; exit 7").signal_number, SIGPIPE);
}

TEST(ChildProcess, LeadsAProcessGroupOfItsOwn) {
  const ChildProcess child = ChildProcess::Spawn(Shell("sleep 1000"));
  EXPECT_EQ(getpgid(child.pid()), child.pid());
  EXPECT_NE(getpgid(child.pid()), getpgrp());
}

TEST(ChildProcess, DoesNotWaitLongerThanAsked) {
  ChildProcess child = ChildProcess::Spawn(Shell("sleep 1000"));
  EXPECT_EQ(child.WaitFor(0), std::nullopt);
  EXPECT_EQ(child.WaitFor(1), std::nullopt);
  EXPECT_TRUE(child.Running());
}

TEST(ChildProcess, ItsPidfdTellsTheEnd) {
  ChildProcess child = ChildProcess::Spawn(Shell("sleep 1000"));
  EXPECT_FALSE(Readable(child.pidfd(), 0));
  child.Kill();
  EXPECT_TRUE(Readable(child.pidfd(), kLongMs));
  const auto exit = child.WaitFor(0);
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->signal_number, SIGKILL);
  EXPECT_FALSE(child.Running());
  EXPECT_EQ(child.WaitFor(0)->signal_number, SIGKILL);
}

TEST(ChildProcess, DestructorKillsAndReaps) {
  pid_t pid = 0;
  {
    const ChildProcess child = ChildProcess::Spawn(Shell("sleep 1000"));
    pid = child.pid();
    EXPECT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_EQ(::waitpid(pid, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(ChildProcess, DestructorKillsTheWholeGroup) {
  Pipe pipe = NewPipe();
  {
    const ChildProcess child =
        ChildProcess::Spawn(Shell("sleep 1000 & echo started >&9; wait", {{pipe.write.get(), 9}}));
    pipe.write.Reset();
    ASSERT_TRUE(Readable(pipe.read.get(), kLongMs));
  }
  EXPECT_EQ(ReadToEnd(pipe.read.get()), "started\n");
}

TEST(ChildProcess, AssignmentEndsTheReplacedChild) {
  ChildProcess child = ChildProcess::Spawn(Shell("sleep 1000"));
  const pid_t first = child.pid();
  child = ChildProcess::Spawn(Shell("exit 4"));
  EXPECT_EQ(::waitpid(first, nullptr, WNOHANG), -1);
  EXPECT_EQ(child.WaitFor(kLongMs)->exit_code, 4);
}

TEST(ChildProcess, NamesTheProgramThatCannotBeStarted) {
  EXPECT_THAT(
      [] {
        ChildProcess::Spawn({"/nowhere/program", {"program"}, {}, {}});
      },
      Throws<Error>(Property(&Error::what, HasSubstr("/nowhere/program"))));
}

TEST(ChildProcess, LeaksNoDescriptors) {
  const Pipe pipe = NewPipe();
  const size_t before = OpenDescriptors();
  for (int i = 0; i < 3; ++i) {
    RunShell("exit 0", {{pipe.read.get(), 3}, {pipe.write.get(), 4}});
    EXPECT_THROW(ChildProcess::Spawn({"/nowhere/program", {"p"}, {}, {{pipe.read.get(), 3}}}),
                 Error);
  }
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST(DieWithParent, RefusesWhenTheParentHasGone) {
  EXPECT_THROW(DieWithParent(getppid() + 1), Error);
  EXPECT_NO_THROW(DieWithParent(getppid()));
  prctl(PR_SET_PDEATHSIG, 0);
}

TEST(DieWithParent, EndsTheChildOfAKilledParent) {
  Pipe pipe = NewPipe();
  const pid_t parent = fork();
  if (parent == 0) {  // the parent to be killed; its child holds the pipe open
    const pid_t me = getpid();
    if (fork() == 0) {
      DieWithParent(me);
      const char ready = 'r';
      if (::write(pipe.write.get(), &ready, 1) != 1) _exit(1);
    }
    while (true)
      pause();
  }
  pipe.write.Reset();
  ASSERT_TRUE(Readable(pipe.read.get(), kLongMs));
  ASSERT_EQ(::kill(parent, SIGKILL), 0);
  EXPECT_EQ(ReadToEnd(pipe.read.get()), "r");
  EXPECT_EQ(::waitpid(parent, nullptr, 0), parent);
}

TEST(ChildProcess, AdoptsAnOrphanWhereWeAreItsSubreaper) {
  AdoptOrphans(true);
  const Pipe pipe = NewPipe();
  ASSERT_TRUE(RunShell("sleep 1000 >&- & echo $! >&5", {{pipe.write.get(), 5}}).Clean());
  char text[32] = {};
  ASSERT_GT(::read(pipe.read.get(), text, sizeof text - 1), 0);
  {
    ChildProcess orphan = ChildProcess::Adopt(std::stoi(text));
    EXPECT_FALSE(orphan.WaitFor(0));
    orphan.Kill();
    const auto exit = orphan.WaitFor(kLongMs);
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->signal_number, SIGKILL);
  }
  AdoptOrphans(false);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
}

TEST(ReapStrays, TakesAllThatHaveEnded) {
  for (int i = 0; i < 2; ++i) {
    const pid_t pid = fork();
    if (pid == 0) _exit(0);
    siginfo_t ended{};
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT), 0);
  }
  ReapStrays();
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

}  // namespace
}  // namespace coresweep
