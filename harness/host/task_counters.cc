#include "harness/host/task_counters.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

namespace coresweep {
namespace {

namespace fs = std::filesystem;

// Of the usual limit of 1,024 descriptors; files of further threads are opened each time.
constexpr size_t kMostFiles = 256;

std::string_view TakeWord(std::string_view& text) {
  const size_t first = text.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return {};
  text.remove_prefix(first);
  const std::string_view word = text.substr(0, text.find_first_of(" \t\n"));
  text.remove_prefix(word.size());
  return word;
}

std::optional<int64_t> TakeNumber(std::string_view& text) {
  const std::string_view word = TakeWord(text);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

/// Time on the run queue and whether the thread has ever run, of "on-cpu-ns waited-ns slices".
std::optional<int64_t> ParseSchedstat(std::string_view text, bool& has_run) {
  const auto on_cpu_ns = TakeNumber(text);
  const auto waited_ns = TakeNumber(text);
  const auto slices = TakeNumber(text);
  if (!on_cpu_ns || !waited_ns || !slices) return std::nullopt;
  has_run |= *on_cpu_ns + *waited_ns + *slices > 0;
  return waited_ns;
}

std::optional<int64_t> ParseSched(std::string_view text) {
  constexpr std::string_view kKey = "\nse.nr_migrations";
  const size_t at = text.find(kKey);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + kKey.size());
  TakeWord(text);  // the colon
  return TakeNumber(text);
}

/// Reads from the beginning; 0 when refused, as by the file of a thread that ended.
size_t ReadFromStart(const UniqueFd& file, char* buffer, size_t size) {
  const ssize_t got = file ? ::pread(file.get(), buffer, size, 0) : -1;
  return got > 0 ? static_cast<size_t>(got) : 0;
}

}  // namespace

TaskCounter::TaskCounter(TaskStatistic statistic, TaskScope scope, fs::path root)
    : statistic_(statistic), scope_(scope), root_(std::move(root)) {}

std::vector<pid_t> TaskCounter::ThreadIds() const {
  if (scope_ == TaskScope::kCallingThread) return {::gettid()};
  std::vector<pid_t> ids;
  std::error_code error;
  for (fs::directory_iterator entry(root_ / "proc/self/task", error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string& name = entry->path().native();
    std::string_view digits = std::string_view(name).substr(name.rfind('/') + 1);
    if (const auto id = TakeNumber(digits)) ids.push_back(static_cast<pid_t>(*id));
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

fs::path TaskCounter::PathOf(pid_t thread_id) const {
  const char* const file = statistic_ == TaskStatistic::kRunQueueNs ? "schedstat" : "sched";
  const fs::path folder = scope_ == TaskScope::kCallingThread
                              ? root_ / "proc/thread-self"
                              : root_ / "proc/self/task" / std::to_string(thread_id);
  return folder / file;
}

size_t TaskCounter::ReadText(pid_t thread_id, char* buffer, size_t size) {
  const auto kept = files_.find(thread_id);
  if (kept != files_.end()) {
    const size_t got = ReadFromStart(kept->second, buffer, size);
    if (got > 0) return got;
    files_.erase(kept);  // of a thread that ended; its number may be another's now
  }
  UniqueFd file(::open(PathOf(thread_id).c_str(), O_RDONLY | O_CLOEXEC));
  const size_t got = ReadFromStart(file, buffer, size);
  if (got > 0 && files_.size() < kMostFiles) files_.emplace(thread_id, std::move(file));
  return got;
}

std::optional<TaskCounts> TaskCounter::Read() {
  const std::vector<pid_t> ids = ThreadIds();
  std::erase_if(files_, [&](const auto& file) {
    return !std::binary_search(ids.begin(), ids.end(), file.first);
  });
  TaskCounts counts;
  counts.reserve(ids.size());
  // Without the statistics all numbers of schedstat are 0; with them a thread that runs has waited
  // for a CPU once at least.
  bool has_run = statistic_ == TaskStatistic::kMigrations;
  char buffer[4096];
  for (const pid_t id : ids) {
    const std::string_view text(buffer, ReadText(id, buffer, sizeof buffer));
    const auto count =
        statistic_ == TaskStatistic::kRunQueueNs ? ParseSchedstat(text, has_run) : ParseSched(text);
    if (count) counts.emplace_back(id, *count);
  }
  if (counts.empty() || !has_run) return std::nullopt;
  return counts;
}

std::optional<int64_t> Growth(const std::optional<TaskCounts>& before,
                              const std::optional<TaskCounts>& after) {
  if (!before || !after) return std::nullopt;
  int64_t sum = 0;
  auto old = before->begin();
  for (const auto& [id, count] : *after) {
    while (old != before->end() && old->first < id)
      ++old;
    const bool same_thread = old != before->end() && old->first == id && old->second <= count;
    sum += same_thread ? count - old->second : count;  // else new, perhaps under an old number
  }
  return sum;
}

}  // namespace coresweep
