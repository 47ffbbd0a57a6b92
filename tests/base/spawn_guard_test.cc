#include "harness/base/spawn_guard.h"

#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <optional>

#include "harness/base/child_process.h"
#include "harness/base/clock.h"

namespace coresweep {
namespace {

enum SubjectExit : int { kTimedOut = 0, kSpawned = 1, kOtherError = 2, kNotTraced = 3 };

/// Starts a program, with little patience, under the eyes of its parent.
[[noreturn]] void RunSubject() {
  if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(kNotTraced);
  raise(SIGSTOP);
  SpawnOptions options;
  options.program = "/bin/true";
  options.arguments = {"true"};
  options.start_patience_ns = 200 * kNsPerMs;
  try {
    const ChildProcess child = ChildProcess::Spawn(options);
    _exit(kSpawned);
  } catch (const SpawnTimeout&) {
    _exit(waitpid(-1, nullptr, WNOHANG) < 0 ? kTimedOut : kOtherError);  // it was reaped
  } catch (const Error&) {
    _exit(kOtherError);
  }
}

/// Lets `subject` run until it has made a child by vfork, and leaves that stopped; nullopt when
/// this container allows no tracing.
std::optional<pid_t> StopItsChildBeforeExec(pid_t subject) {
  int status = 0;
  waitpid(subject, &status, 0);
  if (WIFEXITED(status)) return std::nullopt;
  ptrace(PTRACE_SETOPTIONS, subject, nullptr, PTRACE_O_TRACEVFORK | PTRACE_O_EXITKILL);
  ptrace(PTRACE_CONT, subject, nullptr, nullptr);
  while (waitpid(subject, &status, 0) == subject && WIFSTOPPED(status)) {
    if (status >> 8 == (SIGTRAP | (PTRACE_EVENT_VFORK << 8))) break;
    ptrace(PTRACE_CONT, subject, nullptr, WSTOPSIG(status));
  }
  unsigned long child = 0;
  ptrace(PTRACE_GETEVENTMSG, subject, nullptr, &child);
  const auto pid = static_cast<pid_t>(child);
  waitpid(pid, &status, __WALL);
  ptrace(PTRACE_DETACH, pid, nullptr, SIGSTOP);
  ptrace(PTRACE_DETACH, subject, nullptr, nullptr);
  return pid;
}

TEST(SpawnGuard, AChildThatIsStoppedBeforeItsExecIsGivenUp) {
  const pid_t subject = fork();
  if (subject == 0) RunSubject();
  const auto child = StopItsChildBeforeExec(subject);
  int status = 0;
  if (!child) GTEST_SKIP() << "this container allows no tracing";
  ASSERT_EQ(waitpid(subject, &status, 0), subject);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), kTimedOut);
  EXPECT_EQ(kill(*child, 0), -1) << "it is still there";
}

TEST(SpawnGuard, LeavesChildrenAloneThatAreProgramsOfTheirOwn) {
  SpawnOptions options;
  options.program = "/bin/sleep";
  options.arguments = {"sleep", "1000"};
  ChildProcess child = ChildProcess::Spawn(options);
  {
    const SpawnGuard guard(0);
    EXPECT_FALSE(child.WaitFor(100));
    EXPECT_FALSE(guard.Killed(child.pid()));
  }
  EXPECT_TRUE(child.Running());
}

}  // namespace
}  // namespace coresweep
