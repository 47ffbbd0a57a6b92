// What one trial gave, before any statistics.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/sample_log.h"
#include "harness/core/use.h"
#include "harness/core/window_meter.h"
#include "harness/core/workload.h"

namespace coresweep {

/// How a trial ended.
enum class Outcome {
  kOk,           ///< every answer in its place and right
  kIncorrect,    ///< an answer differs from its reference beyond the tolerance
  kDisordered,   ///< an answer is missing, repeated or in another's place
  kFailed,       ///< a worker died or refused, or a system call failed
  kTimedOut,     ///< nothing came within a time limit
  kInterrupted,  ///< the user stopped the sweep
};

std::string_view ToString(Outcome outcome);
/// nullopt for what `ToString` gives of none.
std::optional<Outcome> ParseOutcome(std::string_view name);

/// Counts are of items; see harness/core/answer_checker.h for how each is found.
struct OrderingCounts {
  int64_t answers = 0;                ///< items answered and merged
  int64_t missing = 0;                ///< asked for and never answered
  int64_t duplicated = 0;             ///< answered again
  int64_t misplaced = 0;              ///< the answer of another item
  int64_t corrupted = 0;              ///< changed on the way, or not an answer of any item
  int64_t completion_inversions = 0;  ///< chunks that came after a chunk with a higher number
  int64_t max_reorder_depth = 0;      ///< most chunks that waited for an earlier one at a time
  int64_t head_of_line_ns = 0;        ///< summed over chunks: time between arrival and merge

  [[nodiscard]] bool Clean() const { return missing + duplicated + misplaced + corrupted == 0; }
  bool operator==(const OrderingCounts&) const = default;
};

/// Comparison with the serial reference.
struct OutputCheck {
  int64_t compared = 0;  ///< answers compared
  int64_t bitwise_equal = 0;
  int64_t outside_tolerance = 0;
  double max_abs_diff = 0;  ///< over all compared answers; 0 when all are bitwise equal
  bool operator==(const OutputCheck&) const = default;
};

/// Start-up of one worker; nanoseconds from the moment its parent asked for it.
struct StartupTimes {
  int64_t main_ns = 0;             ///< exec and dynamic linking of our own binary, until main
  int64_t library_ns = 0;          ///< loading of libtorch; 0 where none is needed
  int64_t model_ns = 0;            ///< making or loading the model
  int64_t first_inference_ns = 0;  ///< the first chunk, cold
  int64_t ready_ns = 0;            ///< all of it: from the request to ready, warmed
  bool operator==(const StartupTimes&) const = default;
};

/// What one worker was asked for, really got and used.
struct WorkerMeasurement {
  int index = 0;
  int pid = 0;
  std::string cpus_requested;     ///< list format
  std::string cpus_effective;     ///< union of the masks of its threads at the end of the window
  std::string cpus_after_warmup;  ///< the same after warm-up
  int threads_requested = 1;
  RuntimeFacts runtime;                             ///< read back after warm-up
  RuntimeFacts runtime_at_end;                      ///< the same at the end of the window
  std::vector<std::string> threads_requested_cpus;  ///< of each computing thread; empty: not pinned
  std::string memory_requested;  ///< "bind:0", or "first touch: …" and why; "" = not asked
  Readback after_binding;        ///< before any library was loaded
  Readback after_warmup;
  Readback at_end;
  int os_threads = 0;  ///< tasks of the process at the end
  StartupTimes startup;
  int64_t chunks = 0;
  int64_t items = 0;
  double items_in_window = 0;
  WorkerUse use;  ///< over the window
  int64_t max_rss_bytes = 0;
  std::optional<int64_t> pss_bytes;  ///< at the end: shared pages count in proportion
  bool operator==(const WorkerMeasurement&) const = default;
};

/// The harness's own cost in the parent, from the gate to the end of the drain.
struct DispatcherUse {
  int64_t cpu_ns = 0;
  int64_t wall_ns = 0;
  int64_t check_ns = 0;        ///< of it: digests and comparisons
  int64_t wakeups = 0;         ///< times it slept and was woken
  std::string cpus_effective;  ///< its mask, read back at the end; list format
  int64_t voluntary_switches = 0, involuntary_switches = 0;  ///< of its thread
  bool operator==(const DispatcherUse&) const = default;
};

/// A worker that died and whose place a new one took.
struct Replacement {
  int worker = 0;                ///< index
  int pid = 0;                   ///< of the new one
  int64_t at_ns = 0;             ///< CLOCK_MONOTONIC: when the death was seen
  std::string how;               ///< "killed by signal 9 (Killed)"
  std::vector<uint64_t> resent;  ///< numbers of the chunks that were sent again
  bool operator==(const Replacement&) const = default;
};

/// Open load: requests asked for, reached, waiting. Counts are of requests, that is, chunks.
struct OpenLoadUse {
  double rate_asked_per_s = 0;
  int64_t due = 0;         ///< came due in the window
  int64_t computed = 0;    ///< their computing ended in the window, whenever they were due
  int64_t left = 0;        ///< came due in the window and were never issued
  double queue_mean = 0;   ///< due and not issued, by time over the window
  int64_t queue_most = 0;  ///< the same at its most
  /// Came due in the window when a worker had room; of these, how late the dispatcher issued them.
  int64_t unhindered = 0;
  std::optional<double> issue_late_p50_us, issue_late_p99_us;  ///< nullopt: too few
  bool operator==(const OpenLoadUse&) const = default;
};

struct TrialMeasurement {
  Outcome outcome = Outcome::kOk;
  std::string message;  ///< for every outcome but kOk: what, where, what to do
  int64_t gate_ns = 0;  ///< when the workers were released
  Window window;
  int64_t drained_ns = 0;  ///< last answer
  double items_in_window = 0;
  std::optional<double> window_drift;  ///< see `WindowDrift`
  int64_t chunks = 0;                  ///< answered, from gate to drain
  std::vector<ChunkSample> samples;
  uint64_t samples_total = 0;
  uint64_t sample_stride = 1;
  OrderingCounts ordering;
  OutputCheck output;
  std::vector<WorkerMeasurement> workers;
  std::optional<DispatcherUse> dispatcher;  ///< mode `processes` only
  std::optional<OpenLoadUse> open_load;     ///< nullopt: closed load
  SystemUse system;                         ///< of the container over the window
  int credit = 0;                           ///< chunks in flight per worker; 0 where none is given
  std::string waiting;  ///< how both ends really waited, for people; "" where nothing waits
  std::vector<Replacement> replacements;  ///< in the order of the deaths
  std::vector<std::string> warnings;
  bool operator==(const TrialMeasurement&) const = default;
};

}  // namespace coresweep
