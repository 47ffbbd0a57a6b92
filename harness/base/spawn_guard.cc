#include "harness/base/spawn_guard.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include "harness/base/clock.h"
#include "harness/base/error.h"

namespace coresweep {
namespace {

constexpr int kPollMs = 10;

std::string TextOf(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The fourth field of /proc/PID/stat, behind the name, which may hold anything; 0 when it has
/// gone.
pid_t ParentOf(const std::string& folder) {
  const std::string stat = TextOf(folder + "/stat");
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos || name_end + 4 >= stat.size()) return 0;
  pid_t parent = 0;
  std::from_chars(stat.data() + name_end + 4, stat.data() + stat.size(), parent);
  return parent;
}

/// A child of ours that still runs on our memory, and so under our command line; 0: none.
pid_t FindUnborn() {
  const std::string ours = TextOf("/proc/self/cmdline");
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    pid_t pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc()) continue;
    if (ParentOf(entry.path()) == getpid() && TextOf(entry.path() / "cmdline") == ours) return pid;
  }
  return 0;
}

/// False when nothing came in time.
bool IsOver(int fd, int timeout_ms) {
  pollfd watch{fd, POLLIN, 0};
  return ::poll(&watch, 1, timeout_ms) > 0;
}

}  // namespace

SpawnGuard::SpawnGuard(int64_t patience_ns)
    : over_(Check(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {
  const Deadline deadline = Deadline::After(patience_ns);
  try {
    thread_ = std::thread([this, deadline] {
      while (!IsOver(over_.get(), deadline.RemainingMs())) {
        if (!deadline.Passed()) continue;  // a signal
        if (const pid_t unborn = FindUnborn(); unborn != 0) {
          killed_ = unborn;
          ::kill(unborn, SIGKILL);
        }
        if (IsOver(over_.get(), kPollMs)) return;
      }
    });
  } catch (const std::system_error& error) {
    throw Error(std::string("no thread to guard the start of a process: ") + error.what());
  }
}

SpawnGuard::~SpawnGuard() {
  eventfd_write(over_.get(), 1);
  thread_.join();
}

}  // namespace coresweep
