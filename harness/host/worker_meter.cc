#include "harness/host/worker_meter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>

#include <string>
#include <vector>

#include "harness/base/clock.h"
#include "harness/host/perf_counter.h"
#include "harness/host/task_counters.h"

namespace coresweep {
namespace {

using PerfReading = std::optional<PerfCounter::Reading>;

struct Reading {
  int64_t at_ns = 0;
  int64_t cpu_ns = 0;
  rusage usage{};
  std::optional<TaskCounts> run_queue, migrations_by_task;
  PerfReading task_clock, migrations, cycles, instructions, cache_misses;
};

PerfReading ReadIfOpen(const std::optional<PerfCounter>& counter) {
  return counter ? counter->Read() : std::nullopt;
}

std::optional<PerfCounter> OpenPlausible(PerfEvent event) {
  auto counter = PerfCounter::Open(event);
  if (counter && !CountsPlausibly(*counter)) counter.reset();
  return counter;
}

TaskScope ScopeOf(bool alone_in_process) {
  return alone_in_process ? TaskScope::kProcess : TaskScope::kCallingThread;
}

/// Faults of a process are counted in C longs; 64 bits wherever that is 64 bits.
int64_t Grown(long before, long after) {
  return after > before ? int64_t{after} - before : 0;
}

}  // namespace

struct WorkerMeter::Sources {
  explicit Sources(bool alone_in_process)
      : alone(alone_in_process),
        run_queue(TaskStatistic::kRunQueueNs, ScopeOf(alone_in_process)),
        migrations_by_task(TaskStatistic::kMigrations, ScopeOf(alone_in_process)) {
    if (!alone) task_clock = PerfCounter::Open(PerfEvent::kTaskClock);
    migrations = PerfCounter::Open(PerfEvent::kMigrations);
    instructions = OpenPlausible(PerfEvent::kInstructions);
    cycles = OpenPlausible(PerfEvent::kCycles);
    // A counter of misses cannot be checked by itself: it is as good as the others of this machine.
    if (instructions || cycles) cache_misses = OpenPlausible(PerfEvent::kCacheMisses);
  }

  Reading Read() {
    Reading reading;
    reading.at_ns = NowNs();
    reading.cpu_ns = alone ? ProcessCpuNs() : ThreadCpuNs();
    getrusage(alone ? RUSAGE_SELF : RUSAGE_THREAD, &reading.usage);
    reading.task_clock = ReadIfOpen(task_clock);
    reading.instructions = ReadIfOpen(instructions);
    reading.cycles = ReadIfOpen(cycles);
    reading.cache_misses = ReadIfOpen(cache_misses);
    reading.migrations = ReadIfOpen(migrations);
    reading.run_queue = run_queue.Read();
    if (!migrations) reading.migrations_by_task = migrations_by_task.Read();
    return reading;
  }

  bool alone;
  TaskCounter run_queue, migrations_by_task;
  std::optional<PerfCounter> task_clock, migrations, cycles, instructions, cache_misses;
  Reading begin;
};

namespace {

/// Where the counts of `use` came from that have several possible sources.
std::string NameCounters(const WorkerUse& use, bool migrations_by_perf) {
  std::vector<std::string> by_perf;
  if (use.migrations && migrations_by_perf) by_perf.emplace_back("migrations");
  if (use.cycles) by_perf.emplace_back("cycles");
  if (use.instructions) by_perf.emplace_back("instructions");
  if (use.cache_misses) by_perf.emplace_back("cache misses");
  std::vector<std::string> parts;
  if (!by_perf.empty()) {
    parts.push_back(fmt::format("perf_event_open ({})", fmt::join(by_perf, ", ")));
  }
  if (use.migrations && !migrations_by_perf) {
    parts.emplace_back("/proc/self/task/*/sched (migrations)");
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

}  // namespace

WorkerMeter::WorkerMeter(bool alone_in_process)
    : sources_(std::make_unique<Sources>(alone_in_process)) {}

WorkerMeter::~WorkerMeter() = default;

void WorkerMeter::Begin() {
  sources_->begin = sources_->Read();
}

WorkerUse WorkerMeter::End() const {
  const Reading& begin = sources_->begin;
  if (begin.at_ns == 0) return {};
  const Reading end = sources_->Read();
  WorkerUse use;
  use.interval_ns = end.at_ns - begin.at_ns;
  use.cpu_ns = Growth(begin.task_clock, end.task_clock).value_or(end.cpu_ns - begin.cpu_ns);
  use.voluntary_switches = Grown(begin.usage.ru_nvcsw, end.usage.ru_nvcsw);
  use.involuntary_switches = Grown(begin.usage.ru_nivcsw, end.usage.ru_nivcsw);
  use.minor_faults = Grown(begin.usage.ru_minflt, end.usage.ru_minflt);
  use.major_faults = Grown(begin.usage.ru_majflt, end.usage.ru_majflt);
  use.run_queue_ns = Growth(begin.run_queue, end.run_queue);
  use.migrations = sources_->migrations ? Growth(begin.migrations, end.migrations)
                                        : Growth(begin.migrations_by_task, end.migrations_by_task);
  use.cycles = Growth(begin.cycles, end.cycles);
  use.instructions = Growth(begin.instructions, end.instructions);
  use.cache_misses = Growth(begin.cache_misses, end.cache_misses);
  use.counters = NameCounters(use, sources_->migrations.has_value());
  return use;
}

}  // namespace coresweep
