// The children of one trial, from spawn to reaping, as the parent sees them.
#pragma once

#include <poll.h>

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/base/child_process.h"
#include "harness/base/error.h"
#include "harness/base/stop_signal.h"
#include "harness/core/measurement.h"
#include "harness/ipc/control.h"
#include "harness/run/worker_setup.h"

namespace coresweep {

class Zygotes;

/// How children are made.
struct ProcessContext {
  std::string program = "/proc/self/exe";  ///< the program itself
  std::vector<std::string> environment;    ///< of the parent, "NAME=value"
  StopSignal* stop = nullptr;              ///< watched during every wait; not owned
  Zygotes* zygotes = nullptr;              ///< children come from these, if any; not owned
};

/// Ends a trial with an outcome: data for the sweep, which goes on.
class TrialFailure : public Error {
 public:
  TrialFailure(Outcome outcome, const std::string& what) : Error(what), outcome_(outcome) {}
  [[nodiscard]] Outcome outcome() const { return outcome_; }

 private:
  Outcome outcome_;
};

/// A worker has ended, or closed its connection, before it should.
class WorkerGone : public TrialFailure {
 public:
  explicit WorkerGone(const std::string& what) : TrialFailure(Outcome::kFailed, what) {}
};

/// `base` with the thread counts of the OpenMP and BLAS runtimes set to `threads`, so that they are
/// right from the loading of the libraries on, and without OMP_THREAD_LIMIT and OMP_DYNAMIC, which
/// go against them.
std::vector<std::string> WorkerEnvironment(const std::vector<std::string>& base, int threads);

/// Kills and reaps what still runs when it goes.
class WorkerPool {
 public:
  explicit WorkerPool(const ProcessContext& context) : context_(context) {}

  /// Starts a child with the hidden command `worker`; it inherits `fds` besides its control
  /// connection. Does not wait, so that children start side by side.
  void Spawn(WorkerSetup setup, std::vector<InheritedFd> fds);

  [[nodiscard]] size_t size() const { return members_.size(); }
  [[nodiscard]] int control_fd(size_t i) const { return members_[i].control.fd(); }
  [[nodiscard]] int pid(size_t i) const { return members_[i].child.pid(); }
  [[nodiscard]] int pidfd(size_t i) const { return members_[i].child.pidfd(); }
  /// "worker 1 (pid 4711)".
  [[nodiscard]] std::string Name(size_t i) const;

  /// Reads one message of child `i`. Throws `TrialFailure` when it is an error report or when the
  /// child closed the connection (`when` as in `FailDead`), and `UsageError` when it reports input
  /// that the user can mend; waits until `deadline` at most, nullopt then.
  std::optional<ControlMessage> Read(size_t i, Deadline deadline,
                                     const std::string& when = "before it was done");

  /// Waits for one message of kind `kind` from every child, in any order; `doing` completes "…
  /// during {doing}". Throws `TrialFailure`: an error report, a death, a stop signal, the deadline.
  std::vector<ControlMessage> AwaitAll(const std::string& kind, Deadline deadline,
                                       const std::string& doing);

  /// Child `i` has ended or closed its connection: throws `WorkerGone` saying how; `holding`
  /// completes "… ended {holding}", for example "while it held chunks 3, 4".
  [[noreturn]] void FailDead(size_t i, const std::string& holding);

  /// Whether child `i` has ended; does not wait.
  [[nodiscard]] bool HasEnded(size_t i);
  /// How child `i`, which closed its connection, ended: "was killed by signal 9 (Killed)". Kills it
  /// if it did not end within a grace time.
  [[nodiscard]] std::string HowItEnded(size_t i);
  /// Takes the place of child `i`, which has ended, with a new one; else as `Spawn`.
  void Respawn(size_t i, WorkerSetup setup, std::vector<InheritedFd> fds);

  /// Throws `TrialFailure` kInterrupted when a stop signal came.
  void CheckStop() const;

  /// Reaps children that have finished their work; those that linger are killed.
  void Finish();

 private:
  struct Member {
    int index;
    ChildProcess child;
    ControlEnd control;
  };

  [[nodiscard]] Member Start(WorkerSetup setup, std::vector<InheritedFd> fds) const;
  /// nullopt: the zygote is lost.
  [[nodiscard]] std::optional<Member> StartFromZygote(const WorkerSetup& setup,
                                                      std::vector<InheritedFd> fds) const;
  [[nodiscard]] Member StartAnew(const WorkerSetup& setup, std::vector<InheritedFd> fds) const;
  /// The stop signal, then control connection and pidfd of each child that has not come yet.
  [[nodiscard]] std::vector<pollfd> Watched(const std::vector<bool>& come) const;

  const ProcessContext& context_;
  std::vector<Member> members_;
};

}  // namespace coresweep
