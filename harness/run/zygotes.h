// The zygotes of one sweep, as the parent sees them.
#pragma once

#include <list>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/child_process.h"
#include "harness/ipc/control.h"
#include "harness/run/worker_pool.h"

namespace coresweep {

/// One process for every pair of an environment and a set of CPUs, because libraries read both as
/// they are loaded (the threads of OpenMP and BLAS, the CPUs that there are). At most `kMost` live,
/// each as long as this object; workers that would need one more are spawned. So are, from then on,
/// all for which a zygote refused or died.
class Zygotes {
 public:
  static constexpr size_t kMost = 32;

  /// Makes this process the one that adopts its workers. Throws `Error` when the kernel refuses.
  Zygotes();
  Zygotes(const Zygotes&) = delete;
  Zygotes& operator=(const Zygotes&) = delete;
  /// Kills and reaps the zygotes; workers are left to their `WorkerPool`.
  ~Zygotes();

  /// Starts the zygote for workers like `setup`, unless there is one, without waiting for it: those
  /// of a trial load side by side.
  void Start(const ProcessContext& context, const WorkerSetup& setup);

  /// Starts it and waits until it has loaded everything; false: spawn this worker. Also false, so
  /// that the caller looks, when a stop signal comes.
  bool AwaitReady(const ProcessContext& context, const WorkerSetup& setup);

  /// A child with `fds` and nothing read or sent yet; only after `AwaitReady`. nullopt: the zygote
  /// is lost; perhaps it has forked a worker before, which ends when it finds `kControlFd` closed.
  std::optional<ChildProcess> Fork(const ProcessContext& context, const WorkerSetup& setup,
                                   const std::vector<InheritedFd>& fds);

  /// Why workers were spawned after all, since the last call; looks for zygotes that have died.
  std::vector<std::string> TakeWarnings();

  /// Process numbers of those that live.
  [[nodiscard]] std::vector<pid_t> pids() const;

 private:
  struct Zygote {
    std::vector<std::string> environment;
    std::string cpus;
    int threads;
    ChildProcess child;
    std::optional<ControlEnd> control;  ///< nullopt: lost
    bool ready = false;
  };

  Zygote* Find(const ProcessContext& context, const WorkerSetup& setup);
  /// What the zygote says by `deadline`; nullopt: it is lost, or a stop signal came.
  std::optional<std::string> Await(Zygote& zygote, Deadline deadline, StopSignal* stop);
  void Lose(Zygote& zygote, const std::string& why);

  std::list<Zygote> zygotes_;
  std::vector<std::string> warnings_;
  bool told_of_most_ = false;
};

}  // namespace coresweep
