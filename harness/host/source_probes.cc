#include "harness/host/source_probes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <exception>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>

#include "harness/base/cpu_set.h"
#include "harness/base/unique_fd.h"
#include "harness/host/memory_binding.h"
#include "harness/host/perf_counter.h"
#include "harness/host/pss.h"
#include "harness/host/small_file.h"
#include "harness/host/system_meter.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

Probe Found(std::string name, std::string detail) {
  return {std::move(name), true, std::move(detail)};
}

Probe Missing(std::string name, std::string detail) {
  return {std::move(name), false, std::move(detail)};
}

/// "open /proc/x: ENOENT", named as inside the root.
std::string CannotRead(const char* path, int error_number) {
  return fmt::format("{}: {}", path, ErrnoName(error_number));
}

Probe TryHardwareCounters(const fs::path& root) {
  const std::string name = "hardware counters";
  constexpr std::pair<PerfEvent, const char*> kEvents[] = {
      {PerfEvent::kInstructions, "instructions"},
      {PerfEvent::kCycles, "cycles"},
      {PerfEvent::kCacheMisses, "cache misses"}};
  std::vector<std::string> counting;
  std::vector<std::string> refused;
  for (const auto& [event, label] : kEvents) {
    int error = 0;
    const auto counter = PerfCounter::Open(event, &error);
    if (!counter) {
      refused.push_back(
          fmt::format("{}: perf_event_open: {}", label, ExplainPerfRefusal(event, error, root)));
    } else if (!CountsPlausibly(*counter)) {
      refused.push_back(fmt::format("{}: hardly counts in a known loop", label));
    } else {
      counting.emplace_back(label);
    }
  }
  // The same reason for all, most often: once is enough.
  if (counting.empty()) return Missing(name, refused.front());
  const std::string found = fmt::format("{}", fmt::join(counting, ", "));
  // Misses alone cannot be checked, so nothing vouches for them.
  if (counting.front() == "cache misses") return Missing(name, refused.front());
  return Found(name, refused.empty() ? found : found + "; " + refused.front());
}

Probe TrySoftwareEvents(const fs::path& root) {
  const std::string name = "software events";
  int error = 0;
  if (!PerfCounter::Open(PerfEvent::kTaskClock, &error)) {
    return Missing(name,
                   "perf_event_open: " + ExplainPerfRefusal(PerfEvent::kTaskClock, error, root));
  }
  if (PerfCounter::Open(PerfEvent::kMigrations, &error)) {
    return Found(name, "task clock, migrations");
  }
  return Found(name, "task clock; migrations: perf_event_open: " +
                         ExplainPerfRefusal(PerfEvent::kMigrations, error, root));
}

Probe TryRunQueueDelay(const fs::path& root) {
  const std::string name = "run-queue delay";
  constexpr const char* kPath = "/proc/self/schedstat";
  int error = 0;
  const auto text = ReadSmallFile(root / fs::path(kPath).relative_path(), &error);
  if (!text) return Missing(name, CannotRead(kPath, error));
  std::istringstream numbers(*text);
  int64_t on_cpu_ns = 0;
  int64_t waited_ns = 0;
  int64_t slices = 0;
  if (!(numbers >> on_cpu_ns >> waited_ns >> slices)) {
    return Missing(name, fmt::format("{}: not three numbers", kPath));
  }
  if (on_cpu_ns + waited_ns + slices == 0) {
    return Missing(name, fmt::format("{}: zeros only (kernel statistics are off)", kPath));
  }
  return Found(name, kPath);
}

Probe TryPressure(const fs::path& root) {
  const std::string name = "pressure";
  constexpr const char* kMachine = "/proc/pressure/cpu";
  const SystemSources sources = FindSystemSources("", {}, root);
  if (!sources.cpu_pressure_path.empty()) {
    const fs::path found = fs::path(sources.cpu_pressure_path).lexically_relative(root);
    return Found(name, "/" + found.string());
  }
  int error = 0;
  return ReadSmallFile(root / fs::path(kMachine).relative_path(), &error)
             ? Missing(name, fmt::format("{}: no \"some\" line", kMachine))
             : Missing(name, CannotRead(kMachine, error));
}

Probe TrySteal(const fs::path& root) {
  const std::string name = "steal";
  constexpr const char* kPath = "/proc/stat";
  int error = 0;
  const auto text = ReadSmallFile(root / fs::path(kPath).relative_path(), &error);
  if (!text) return Missing(name, CannotRead(kPath, error));
  std::istringstream words(*text);
  std::string key;
  words >> key;
  int64_t all = 0;
  int64_t steal = 0;
  for (int column = 1; column <= 8; ++column) {
    if (!(words >> steal)) return Missing(name, fmt::format("{}: no 8th value", kPath));
    all += steal;
  }
  if (all == 0) return Missing(name, fmt::format("{}: zeros only", kPath));
  if (steal == 0) return Found(name, fmt::format("{}: none since boot", kPath));
  return Found(name, fmt::format("{}: {:.2f} % of CPU time since boot", kPath,
                                 100 * static_cast<double>(steal) / static_cast<double>(all)));
}

Probe TrySharedMemoryAccounting(const fs::path& root) {
  const std::string name = "shared memory accounting";
  constexpr const char* kPath = "/proc/self/smaps_rollup";
  int error = 0;
  if (ReadPssBytes(root, &error)) return Found(name, kPath);
  return Missing(name, error != 0 ? CannotRead(kPath, error) : fmt::format("{}: no Pss", kPath));
}

Probe TryBindingOfMemory() {
  const std::string refusal = TryMemoryBinding();
  return refusal.empty() ? Found("memory binding", "set_mempolicy")
                         : Missing("memory binding", refusal);
}

/// Binds a thread of its own to one CPU, so that no mask of this process changes.
Probe TryPinning() {
  const std::string name = "pinning";
  int error = 0;
  CpuSet got;
  try {
    const CpuSet one{GetAffinity().ToVector().back()};
    std::thread([&] {
      error = SetAffinity(one);
      if (error == 0) got = GetAffinity();
    }).join();
    if (error != 0) return Missing(name, "sched_setaffinity: " + ErrnoName(error));
    return got == one ? Found(name, "sched_setaffinity")
                      : Missing(name, "sched_setaffinity: accepted without effect");
  } catch (const std::exception& failure) {  // no thread to be had, sched_getaffinity refused
    return Missing(name, failure.what());
  }
}

/// `fd`: what `call` returned, just now.
Probe OfDescriptor(const char* name, const char* call, long fd) {
  const int error = errno;
  const UniqueFd closes(static_cast<int>(fd));
  return closes ? Found(name, call) : Missing(name, fmt::format("{}: {}", call, ErrnoName(error)));
}

/// 0, or the errno of madvise(MADV_HUGEPAGE) on a fresh mapping.
int AdviseHugePages() {
  constexpr size_t kBytes = size_t{4} << 20;
  void* const memory =
      mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return errno;
  const int error = madvise(memory, kBytes, MADV_HUGEPAGE) == 0 ? 0 : errno;
  munmap(memory, kBytes);
  return error;
}

Probe TryHugePages(const fs::path& root) {
  const std::string name = "huge pages by madvise";
  constexpr const char* kPath = "/sys/kernel/mm/transparent_hugepage/enabled";
  int error = 0;
  const auto text = ReadSmallFile(root / fs::path(kPath).relative_path(), &error);
  if (!text) return Missing(name, CannotRead(kPath, error));
  const size_t open = text->find('[');
  const size_t close = text->find(']');
  if (open == std::string::npos || close == std::string::npos || close < open) {
    return Missing(name, fmt::format("{}: not understood", kPath));
  }
  const std::string setting = text->substr(open + 1, close - open - 1);
  if (setting == "never") return Missing(name, fmt::format("{}: never", kPath));
  error = AdviseHugePages();
  if (error != 0) return Missing(name, "madvise: " + ErrnoName(error));
  return Found(name, fmt::format("{}: {}", kPath, setting));
}

}  // namespace

std::vector<Probe> TrySources(const fs::path& root) {
  return {
      TryHardwareCounters(root),
      TrySoftwareEvents(root),
      TryRunQueueDelay(root),
      TryPressure(root),
      TrySteal(root),
      TrySharedMemoryAccounting(root),
      TryBindingOfMemory(),
      TryPinning(),
      OfDescriptor("pidfd", "pidfd_open", syscall(SYS_pidfd_open, getpid(), 0U)),
      OfDescriptor("memfd", "memfd_create",
                   memfd_create("coresweep-probe", MFD_CLOEXEC | MFD_ALLOW_SEALING)),
      TryHugePages(root),
  };
}

}  // namespace coresweep
