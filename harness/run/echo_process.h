// The parent's side of an echo worker: starts it, notices its end, ends it.
#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "harness/base/child_process.h"
#include "harness/ipc/control.h"
#include "harness/run/echo_worker.h"
#include "harness/run/worker_pool.h"

namespace coresweep {

/// A child with the hidden command `echo`, killed and reaped at the latest by the destructor.
class EchoProcess {
 public:
  /// Starts it with `fds` as the descriptors of its connection, which it takes, and waits until it
  /// is ready. Throws `Error` when it does not become ready within 30 s, and as `Fail` does.
  EchoProcess(const ProcessContext& context, EchoSetup setup, std::vector<UniqueFd> fds);
  EchoProcess(const EchoProcess&) = delete;
  EchoProcess& operator=(const EchoProcess&) = delete;
  ~EchoProcess() = default;

  /// Readable when the worker has ended or a stop signal came: for waits that this must end.
  [[nodiscard]] const std::array<int, 3>& ends() const { return ends_; }
  /// Throws `TrialFailure`: kInterrupted when a stop signal came, else saying how the worker ended.
  [[noreturn]] void Fail();
  /// True when it has ended or ends within two seconds: a closed connection shows before the end.
  [[nodiscard]] bool AwaitEnd();
  /// From any thread, as `EchoGuard` does while another waits for the end.
  void Kill();

 private:
  void AwaitReady();
  [[nodiscard]] std::optional<ChildExit> WaitForEnd();

  const ProcessContext& context_;
  ControlEnd control_;
  std::mutex child_mutex_;  ///< held while child_ is waited for or killed
  ChildProcess child_;
  std::array<int, 3> ends_{-1, -1, -1};
};

/// Kills an echo worker from a thread when a stop signal comes, when it ends or when `patience_ns`
/// is over, so that calls which block on its raw connection return.
class EchoGuard {
 public:
  EchoGuard(EchoProcess& worker, std::atomic<bool>& gone, int64_t patience_ns);
  EchoGuard(const EchoGuard&) = delete;
  EchoGuard& operator=(const EchoGuard&) = delete;
  ~EchoGuard();

 private:
  UniqueFd done_;
  std::thread thread_;
};

}  // namespace coresweep
