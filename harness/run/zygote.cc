#include "harness/run/zygote.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>

#include "harness/base/child_process.h"
#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/memory.h"
#include "harness/host/thread_readback.h"
#include "harness/ipc/control.h"
#include "harness/run/worker.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

constexpr useconds_t kLookAgainUs = 20;

void LoadOnly(const WorkloadRuntime& runtime, const WorkerSetup& setup) {
  DieWithParent(setup.parent_pid);
  BindThread(UnionOfCpus(setup));
  runtime.load_library(setup.workload);
  const int threads = CountThreads();
  if (threads == 1) return;
  throw Error(fmt::format("loading the libraries started threads ({}), which a fork would lose",
                          threads - 1));
}

/// nullopt: the parent has gone.
std::optional<ControlMessage> NextRequest(const ControlEnd& parent) {
  while (true) {
    try {
      if (auto message = parent.Receive(Deadline::After(3600 * kNsPerS))) return message;
    } catch (const Error&) {
      return std::nullopt;
    }
  }
}

/// The process between a zygote and its worker: it forks the worker, says which, and ends at once,
/// so that the worker becomes the subreaper's child. Returns in the worker, once that is so.
void ForkAndLeave(int id_fd) {
  const pid_t between = getpid();
  const pid_t worker = fork();
  if (worker == 0) {
    while (getppid() == between)
      usleep(kLookAgainUs);
    return;
  }
  if (worker > 0) (void)!write(id_fd, &worker, sizeof worker);
  _exit(worker > 0 ? 0 : 1);
}

/// 0 in the new process, its id in this one. Throws `Error` when there are too many processes.
pid_t ForkForSubreaper() {
  std::array<int, 2> ends{};
  Check(pipe2(ends.data(), O_CLOEXEC), "pipe2");
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  const pid_t between = Check(fork(), "fork");
  if (between == 0) {
    ForkAndLeave(write_end.get());
    return 0;
  }
  write_end.Reset();
  while (waitpid(between, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_t worker = 0;
  if (read(read_end.get(), &worker, sizeof worker) != sizeof worker)
    throw Error("a second fork failed: too many processes?");
  return worker;
}

/// Puts the descriptors of a request where a spawned worker has them, and closes its own.
void PlaceDescriptors(ControlMessage request) {
  const auto numbers = Json::parse(request.text).at("fds").get<std::vector<int>>();
  int lowest_free = 3;
  for (const int number : numbers)
    lowest_free = std::max(lowest_free, number + 1);
  std::vector<UniqueFd> moved;  // out of the way first, or one dup2 could overwrite the next source
  for (const UniqueFd& fd : request.fds) {
    moved.emplace_back(
        Check(fcntl(fd.get(), F_DUPFD_CLOEXEC, lowest_free), "fcntl F_DUPFD_CLOEXEC"));
  }
  request.fds.clear();
  for (size_t i = 0; i < numbers.size(); ++i)
    Check(dup2(moved.at(i).get(), numbers[i]), "dup2");
}

/// In a new process: all that tells it from one that was spawned.
void BecomeWorker(ControlMessage request, char* command) {
  std::memcpy(command, kWorkerCommand, sizeof kWorkerCommand);
  Check(setpgid(0, 0), "setpgid");
  PlaceDescriptors(std::move(request));
}

void Refuse(const ControlEnd& parent, const char* why) {
  try {
    const Json message{{"kind", "refused"}, {"message", why}};
    parent.Send(message.dump(-1, ' ', false, Json::error_handler_t::replace));
  } catch (const std::exception&) {
    // The parent has gone; there is nobody left to tell.
  }
}

}  // namespace

int ZygoteMain(const WorkloadRuntime& runtime, char* command) {
  KeepFreedMemory();
  fcntl(kControlFd, F_SETFD, FD_CLOEXEC);
  std::optional<ControlEnd> parent(UniqueFd{kControlFd});
  try {
    LoadOnly(runtime, ReceiveSetup(*parent));
    parent->Send(Json{{"kind", "ready"}}.dump());
    while (auto request = NextRequest(*parent)) {
      const pid_t worker = ForkForSubreaper();
      if (worker == 0) {
        const int64_t main_ns = NowNs();
        parent.reset();
        BecomeWorker(std::move(*request), command);
        return WorkerMain(runtime, main_ns);
      }
      parent->Send(Json{{"kind", "forked"}, {"pid", worker}}.dump());
    }
    return 0;
  } catch (const std::exception& error) {
    if (parent) Refuse(*parent, error.what());
    return 1;
  }
}

}  // namespace coresweep
