// One child of the program: spawned, watched by its pidfd, killed and reaped at the latest by the
// destructor.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/unique_fd.h"

namespace coresweep {

/// A descriptor of ours and the number under which the child shall have it (>= 3, distinct).
struct InheritedFd {
  int ours = -1;
  int theirs = -1;
};

struct SpawnOptions {
  std::string program;                   ///< path; not searched in PATH
  std::vector<std::string> arguments;    ///< argv, the program's name first
  std::vector<std::string> environment;  ///< "NAME=value"; the whole environment of the child
  std::vector<InheritedFd> fds;          ///< besides 0, 1, 2; all others are close-on-exec
  /// Longest time between the creation of the child and its exec, during which we are suspended.
  int64_t start_patience_ns = 60'000'000'000;
};

/// A child did not become the program that it was to be in time; it was killed.
class SpawnTimeout : public Error {
 public:
  using Error::Error;
};

/// How a child ended and what it used.
struct ChildExit {
  int exit_code = 0;      ///< when `signal_number` is 0
  int signal_number = 0;  ///< the signal that ended it, else 0
  rusage usage{};

  [[nodiscard]] bool Clean() const { return exit_code == 0 && signal_number == 0; }
  /// "exited with code 3", "was killed by signal 9 (SIGKILL, perhaps out of memory)".
  [[nodiscard]] std::string Describe() const;
};

/// Spawned by posix_spawn (vfork semantics: its cost does not grow with our memory) in a process
/// group of its own, so that Ctrl-C reaches it through us alone, with default signals.
class ChildProcess {
 public:
  ChildProcess() = default;
  /// Throws `Error` naming the program, `SpawnTimeout` when somebody stopped the child before it
  /// was that. Call from the main thread: a child's PR_SET_PDEATHSIG fires
  /// when the thread that spawned it ends.
  static ChildProcess Spawn(const SpawnOptions& options);

  /// Takes charge of a process that another one forked and left to us, its nearest subreaper; it
  /// leads a process group of its own.
  static ChildProcess Adopt(pid_t pid);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  /// Kills (SIGKILL, the whole group) and reaps a child that still runs.
  ~ChildProcess();

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Becomes readable when the child has ended; owned by this object. -1 where the kernel or the
  /// container has no pidfds: then a closed connection to the child tells as much.
  [[nodiscard]] int pidfd() const { return pidfd_.get(); }
  [[nodiscard]] bool Running() const { return pid_ > 0 && !exit_; }
  /// Sends SIGKILL to the child and its group; a no-op when it has ended.
  void Kill() noexcept;
  /// Reaps the child if it has ended by `deadline_ms` from now (0: do not wait); nullopt else.
  std::optional<ChildExit> WaitFor(int deadline_ms);
  /// As given by an earlier successful `WaitFor`.
  [[nodiscard]] const std::optional<ChildExit>& exit() const { return exit_; }

 private:
  void KillAndReap() noexcept;

  pid_t pid_ = -1;
  UniqueFd pidfd_;
  std::optional<ChildExit> exit_;
};

/// Whether orphans below this process become its children, as `ChildProcess::Adopt` wants them.
/// Throws `Error` when the kernel refuses.
void AdoptOrphans(bool adopt);

/// In a child: die with the parent. Throws `Error` when `expected_parent` is already gone.
void DieWithParent(pid_t expected_parent);

/// Reaps processes that were adopted from others, which only PID 1 and subreapers get. Call while
/// no child of ours runs that may end just then.
void ReapStrays();

}  // namespace coresweep
