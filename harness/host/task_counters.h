// Counters that /proc keeps for each thread, summed so that threads may come and go in between.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "harness/base/unique_fd.h"

namespace coresweep {

/// Whose counters.
enum class TaskScope {
  kProcess,        ///< all threads of this process
  kCallingThread,  ///< that one alone
};

enum class TaskStatistic {
  kRunQueueNs,  ///< time runnable and waiting for a CPU: second number of `schedstat`
  kMigrations,  ///< moves between CPUs: se.nr_migrations of `sched`
};

/// Thread ids, ascending, and a count of each.
using TaskCounts = std::vector<std::pair<pid_t, int64_t>>;

/// Reads one statistic again and again. Keeps the files of the threads open, up to a few hundred,
/// because opening is most of the cost: the first reading takes some microseconds a thread, later
/// ones about one.
class TaskCounter {
 public:
  /// `root` is where /proc is, for tests.
  TaskCounter(TaskStatistic statistic, TaskScope scope, std::filesystem::path root = "/");

  /// nullopt where there are no such files or the kernel was started without these statistics.
  std::optional<TaskCounts> Read();

 private:
  [[nodiscard]] std::vector<pid_t> ThreadIds() const;
  [[nodiscard]] std::filesystem::path PathOf(pid_t thread_id) const;
  size_t ReadText(pid_t thread_id, char* buffer, size_t size);

  TaskStatistic statistic_;
  TaskScope scope_;
  std::filesystem::path root_;
  std::map<pid_t, UniqueFd> files_;
};

/// Sum of what was added between two readings; nullopt when one is missing. A thread that began in
/// between counts whole, one that ended not at all: its last numbers went with it.
std::optional<int64_t> Growth(const std::optional<TaskCounts>& before,
                              const std::optional<TaskCounts>& after);

}  // namespace coresweep
