#include "harness/host/perf_counter.h"

#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cmath>

#include "harness/host/small_file.h"

namespace coresweep {
namespace {

struct EventCode {
  uint32_t type;
  uint64_t config;
};

EventCode CodeOf(PerfEvent event) {
  switch (event) {
    case PerfEvent::kTaskClock:
      return {PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK};
    case PerfEvent::kMigrations:
      return {PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS};
    case PerfEvent::kCycles:
      return {PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES};
    case PerfEvent::kInstructions:
      return {PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS};
    case PerfEvent::kCacheMisses:
      return {PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES};
  }
  return {};
}

std::optional<int> Paranoid(const std::filesystem::path& root) {
  const auto text = ReadSmallFile(root / "proc/sys/kernel/perf_event_paranoid");
  int level = 0;
  if (!text) return std::nullopt;
  const auto parsed = std::from_chars(text->data(), text->data() + text->size(), level);
  return parsed.ec == std::errc() ? std::optional(level) : std::nullopt;
}

/// Of a loop of `turns`, each of two instructions at least; no CPU of today finishes more than a
/// few turns in a cycle. What the others count may not happen in it.
int64_t LeastCount(PerfEvent event, int64_t turns) {
  if (event == PerfEvent::kInstructions) return turns;
  return event == PerfEvent::kCycles ? turns / 4 : 0;
}

}  // namespace

std::optional<PerfCounter> PerfCounter::Open(PerfEvent event, int* error_number) {
  const EventCode code = CodeOf(event);
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = code.type;
  attributes.config = code.config;
  attributes.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  attributes.inherit = 1;
  attributes.exclude_kernel = event == PerfEvent::kMigrations ? 0 : 1;
  attributes.exclude_hv = 1;
  const long fd = syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
  if (fd >= 0) return PerfCounter(event, UniqueFd(static_cast<int>(fd)));
  if (error_number != nullptr) *error_number = errno;
  return std::nullopt;
}

std::optional<PerfCounter::Reading> PerfCounter::Read() const noexcept {
  Reading reading;
  static_assert(sizeof reading == 3 * sizeof(uint64_t), "as read_format lays it out");
  if (::read(fd_.get(), &reading, sizeof reading) != sizeof reading) return std::nullopt;
  return reading;
}

std::optional<int64_t> Growth(const std::optional<PerfCounter::Reading>& before,
                              const std::optional<PerfCounter::Reading>& after) {
  if (!before || !after || after->running_ns <= before->running_ns) return std::nullopt;
  if (after->value < before->value) return std::nullopt;
  const uint64_t value = after->value - before->value;
  const uint64_t enabled_ns = after->enabled_ns - before->enabled_ns;
  const uint64_t running_ns = after->running_ns - before->running_ns;
  if (running_ns >= enabled_ns) return static_cast<int64_t>(value);
  const double scale = static_cast<double>(enabled_ns) / static_cast<double>(running_ns);
  return std::llround(static_cast<double>(value) * scale);
}

bool CountsPlausibly(const PerfCounter& counter) {
  constexpr int64_t kTurns = 200'000;
  const auto before = counter.Read();
  for (int64_t turn = 0; turn < kTurns; ++turn)
    asm volatile("" : "+r"(turn));
  const auto counted = Growth(before, counter.Read());
  return counted && *counted >= LeastCount(counter.event(), kTurns);
}

std::string ExplainPerfRefusal(PerfEvent event, int error_number,
                               const std::filesystem::path& root) {
  std::string name = ErrnoName(error_number);
  switch (error_number) {
    case ENOENT:
    case ENODEV:
    case EOPNOTSUPP:
      return name + " (no PMU, usual in virtual machines)";
    case ENOSYS:
      return name + " (not in this kernel)";
    case EACCES:
    case EPERM:
      break;
    default:
      return name;
  }
  // What an unprivileged process may count: from level 2 on nothing of the kernel, from 3, which
  // only some distributions know, nothing at all.
  const auto paranoid = Paranoid(root);
  if (paranoid && *paranoid >= (event == PerfEvent::kMigrations ? 2 : 3)) {
    return fmt::format("{} (perf_event_paranoid is {})", name, *paranoid);
  }
  return name + " (seccomp profile, or CAP_PERFMON missing)";
}

}  // namespace coresweep
