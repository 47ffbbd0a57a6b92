#include "harness/base/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/spawn_guard.h"

namespace coresweep {
namespace {

constexpr int kLookAgainMs = 2;  // where there is no pidfd to wait on

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts)
    pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

void CheckRc(int rc, std::string_view call, std::string_view object) {
  if (rc == 0) return;
  errno = rc;  // posix_spawn functions return the error number
  ThrowErrno(call, object);
}

/// File actions that give the child its descriptors. Our copies are first moved out of the range of
/// the target numbers, or one dup2 could overwrite the source of the next.
class FileActions {
 public:
  explicit FileActions(const std::vector<InheritedFd>& fds) {
    posix_spawn_file_actions_init(&actions_);
    int lowest_free = 3;
    for (const InheritedFd& fd : fds)
      lowest_free = std::max(lowest_free, fd.theirs + 1);
    for (const InheritedFd& fd : fds) {
      UniqueFd moved(fcntl(fd.ours, F_DUPFD_CLOEXEC, lowest_free));
      if (!moved) ThrowErrno("fcntl F_DUPFD_CLOEXEC");
      CheckRc(posix_spawn_file_actions_adddup2(&actions_, moved.get(), fd.theirs), "adddup2", "");
      moved_.push_back(std::move(moved));
    }
  }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
  std::vector<UniqueFd> moved_;
};

class SpawnAttributes {
 public:
  SpawnAttributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    sigset_t defaults;
    sigemptyset(&defaults);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE})
      sigaddset(&defaults, number);
    posix_spawnattr_setsigdefault(&attributes_, &defaults);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  ~SpawnAttributes() { posix_spawnattr_destroy(&attributes_); }
  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

ChildExit FromStatus(int status, const rusage& usage) {
  ChildExit exit;
  exit.usage = usage;
  if (WIFSIGNALED(status)) exit.signal_number = WTERMSIG(status);
  if (WIFEXITED(status)) exit.exit_code = WEXITSTATUS(status);
  return exit;
}

UniqueFd OpenPidfd(pid_t pid) {
  // Not glibc 2.36's pidfd_open: its header lacks extern "C".
  return UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
}

const char* SignalHint(int signal_number) {
  switch (signal_number) {
    case SIGKILL:
      return ", perhaps out of memory: see memory.events oom_kill and `dmesg`";
    case SIGBUS:
      return ", perhaps shared memory ran out";
    case SIGILL:
      return ", perhaps a library built for another CPU";
    default:
      return "";
  }
}

}  // namespace

std::string ChildExit::Describe() const {
  if (signal_number == 0) return fmt::format("exited with code {}", exit_code);
  const char* name = sigabbrev_np(signal_number);
  return fmt::format("was killed by signal {} (SIG{}{})", signal_number, name ? name : "?",
                     SignalHint(signal_number));
}

ChildProcess ChildProcess::Spawn(const SpawnOptions& options) {
  const FileActions actions(options.fds);
  const SpawnAttributes attributes;
  ChildProcess child;
  const SpawnGuard guard(options.start_patience_ns);
  CheckRc(posix_spawn(&child.pid_, options.program.c_str(), actions.get(), attributes.get(),
                      Pointers(options.arguments).data(), Pointers(options.environment).data()),
          "posix_spawn", options.program);
  if (guard.Killed(child.pid_)) {
    throw SpawnTimeout(fmt::format("{} (pid {}) was held up before it began, for {:.3g} s",
                                   options.program, child.pid_,
                                   NsToSeconds(options.start_patience_ns)));
  }
  child.pidfd_ = OpenPidfd(child.pid_);
  return child;
}

ChildProcess ChildProcess::Adopt(pid_t pid) {
  ChildProcess child;
  child.pid_ = pid;
  child.pidfd_ = OpenPidfd(pid);
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::move(other.pidfd_)),
      exit_(std::exchange(other.exit_, std::nullopt)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this != &other) {
    KillAndReap();
    pid_ = std::exchange(other.pid_, -1);
    pidfd_ = std::move(other.pidfd_);
    exit_ = std::exchange(other.exit_, std::nullopt);
  }
  return *this;
}

ChildProcess::~ChildProcess() {
  KillAndReap();
}

void ChildProcess::Kill() noexcept {
  if (!Running()) return;
  ::kill(-pid_, SIGKILL);  // the group exists from exec on; the child itself in any case
  ::kill(pid_, SIGKILL);
}

std::optional<ChildExit> ChildProcess::WaitFor(int deadline_ms) {
  if (exit_ || pid_ <= 0) return exit_;
  const Deadline deadline = Deadline::After(deadline_ms * kNsPerMs);
  while (true) {
    int status = 0;
    rusage usage{};
    const pid_t got = wait4(pid_, &status, WNOHANG, &usage);
    if (got == pid_) return exit_ = FromStatus(status, usage);
    if (got < 0 && errno != EINTR) ThrowErrno("wait4", fmt::format("for child {}", pid_));
    if (deadline.Passed()) return std::nullopt;
    pollfd watch{pidfd_.get(), POLLIN, 0};
    ::poll(&watch, 1, pidfd_ ? deadline.RemainingMs() : kLookAgainMs);
  }
}

void ChildProcess::KillAndReap() noexcept {
  if (!Running()) return;
  Kill();
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

void AdoptOrphans(bool adopt) {
  Check(prctl(PR_SET_CHILD_SUBREAPER, adopt ? 1 : 0), "prctl PR_SET_CHILD_SUBREAPER");
}

void DieWithParent(pid_t expected_parent) {
  Check(prctl(PR_SET_PDEATHSIG, SIGKILL), "prctl PR_SET_PDEATHSIG");
  // Had it died before the call, no signal would ever come. Not compared with 1: in a container
  // the program itself may be PID 1.
  if (getppid() != expected_parent) throw Error("the parent process has gone");
}

void ReapStrays() {
  int status = 0;
  while (waitpid(-1, &status, WNOHANG) > 0) {
  }
}

}  // namespace coresweep
