#include "reports/stored_trial.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "reports/stored_values.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

/// A report counts from the gate: any moment will do that leaves room before it.
constexpr int64_t kGateAtNs = 1'000'000'000'000'000;

int64_t SinceGate(const Json& json, const char* name) {
  const auto ns = StoredNsOrNull(json, name);
  return ns ? kGateAtNs + *ns : 0;
}

Outcome OutcomeFromReport(const Json& json) {
  const auto name = FieldOf<std::string>(json, "outcome");
  if (const auto outcome = ParseOutcome(name)) return *outcome;
  throw Error(fmt::format("outcome \"{}\" is unknown", name));
}

OrderingCounts OrderingFromReport(const Json& json) {
  OrderingCounts counts;
  counts.answers = StoredCount<int64_t>(json, "answers");
  counts.missing = StoredCount<int64_t>(json, "missing");
  counts.duplicated = StoredCount<int64_t>(json, "duplicated");
  counts.misplaced = StoredCount<int64_t>(json, "misplaced");
  counts.corrupted = StoredCount<int64_t>(json, "corrupted");
  counts.completion_inversions = StoredCount<int64_t>(json, "completion_inversions");
  counts.max_reorder_depth = StoredCount<int64_t>(json, "max_reorder_depth");
  counts.head_of_line_ns = StoredNs(json, "head_of_line_ms");
  return counts;
}

OutputCheck OutputFromReport(const Json& json) {
  OutputCheck check;
  check.compared = FieldOf<int64_t>(json, "compared");
  check.bitwise_equal = StoredCount<int64_t>(json, "bitwise_equal");
  check.outside_tolerance = StoredCount<int64_t>(json, "outside_tolerance");
  check.max_abs_diff = OptionalFieldOf<double>(json, "max_abs_diff").value_or(0);
  if (json.contains("max_abs_diff_note")) check.max_abs_diff = HUGE_VAL;
  return check;
}

std::optional<DispatcherUse> DispatcherUseFromReport(const Json& json) {
  if (json.is_null()) return std::nullopt;
  DispatcherUse use;
  use.cpu_ns = StoredNs(json, "cpu_ms");
  use.wall_ns = StoredNs(json, "wall_ms");
  use.check_ns = StoredNs(json, "check_ms");
  use.wakeups = FieldOf<int64_t>(json, "wakeups");
  use.cpus_effective = StoredText(json, "cpus_effective");
  use.voluntary_switches = FieldOf<int64_t>(json, "voluntary_switches");
  use.involuntary_switches = FieldOf<int64_t>(json, "involuntary_switches");
  return use;
}

std::optional<OpenLoadUse> OpenLoadUseFromReport(const Json& json) {
  if (json.is_null()) return std::nullopt;
  const Json& depth = PartOf(json, "queue_depth");
  const Json& late = PartOf(json, "issue_lateness_us");
  OpenLoadUse use;
  use.rate_asked_per_s = FieldOf<double>(json, "rate_asked");
  use.due = FieldOf<int64_t>(json, "due");
  use.computed = FieldOf<int64_t>(json, "computed");
  use.left = FieldOf<int64_t>(json, "never_issued");
  use.queue_mean = FieldOf<double>(depth, "mean");
  use.queue_most = FieldOf<int64_t>(depth, "max");
  use.unhindered = FieldOf<int64_t>(late, "requests");
  use.issue_late_p50_us = OptionalFieldOf<double>(late, "p50");
  use.issue_late_p99_us = OptionalFieldOf<double>(late, "p99");
  return use;
}

SystemUse SystemUseFromReport(const Json& throttle, const Json& json) {
  SystemUse use;
  if (!throttle.is_null()) {
    use.throttle = ThrottleDelta{FieldOf<int64_t>(throttle, "periods"),
                                 FieldOf<int64_t>(throttle, "throttled_periods"),
                                 StoredNs(throttle, "throttled_ms")};
  }
  if (json.is_null()) return use;
  use.interval_ns = StoredNs(json, "interval_ms");
  use.cpus = FieldOf<int>(json, "cpus");
  use.steal_ns = StoredNsOrNull(json, "steal_ms");
  use.busy_ns = StoredNsOrNull(json, "busy_ms");
  const Json& pressure = PartOf(json, "pressure");
  if (!pressure.is_null()) {
    use.pressure =
        PressureDelta{FieldOf<std::string>(pressure, "source"), StoredNsOrNull(pressure, "cpu_ms"),
                      StoredNsOrNull(pressure, "memory_ms"), StoredNsOrNull(pressure, "io_ms")};
  }
  return use;
}

Replacement ReplacementFromReport(const Json& json) {
  return {FieldOf<int>(json, "worker"), FieldOf<int>(json, "pid"), SinceGate(json, "at_ms"),
          FieldOf<std::string>(json, "how"), FieldOf<std::vector<uint64_t>>(json, "resent")};
}

/// The column `name` of the samples, as many values as there are samples.
template <typename T>
std::vector<T> StoredColumn(const Json& json, const char* name, size_t size) {
  auto column = FieldOf<std::vector<T>>(json, name);
  if (column.size() == size) return column;
  throw Error(fmt::format("samples: {} has another length than sequence", name));
}

std::vector<ChunkSample> SamplesFromReport(const Json& json) {
  const auto sequence = FieldOf<std::vector<uint64_t>>(json, "sequence");
  std::vector<ChunkSample> samples(sequence.size());
  const auto workers = StoredColumn<int32_t>(json, "worker", samples.size());
  const auto items = StoredColumn<int32_t>(json, "items", samples.size());
  for (size_t i = 0; i < samples.size(); ++i) {
    samples[i].sequence = sequence[i];
    samples[i].worker = workers[i];
    samples[i].items = items[i];
  }
  const auto read_times = [&](const char* name, int64_t ChunkSample::*time_ns) {
    const auto column = StoredColumn<double>(json, name, samples.size());
    for (size_t i = 0; i < samples.size(); ++i)
      samples[i].*time_ns = kGateAtNs + NsFrom(column[i], 1e3);
  };
  read_times("issued_us", &ChunkSample::issued_ns);
  read_times("started_us", &ChunkSample::started_ns);
  read_times("computed_us", &ChunkSample::computed_ns);
  read_times("merged_us", &ChunkSample::merged_ns);
  if (!PartOf(json, "due_us").is_null()) read_times("due_us", &ChunkSample::due_ns);
  return samples;
}

/// Without what was made of this trial alone, which follows the trial's own.
std::vector<std::string> OwnWarnings(const Json& json) {
  constexpr std::array<std::string_view, 5> kMade{
      "displaced: ", "throttled: ", "stolen: ", "migrated: ", "saturated: "};
  auto warnings = FieldOf<std::vector<std::string>>(json, "warnings");
  const auto is_made = [&](const std::string& text) {
    return std::any_of(kMade.begin(), kMade.end(),
                       [&text](std::string_view start) { return text.starts_with(start); });
  };
  while (!warnings.empty() && is_made(warnings.back()))
    warnings.pop_back();
  return warnings;
}

TrialMeasurement MeasurementFromReport(const Json& json) {
  const auto part = [&json](const char* name) -> const Json& { return PartOf(json, name); };
  const Json& samples = part("samples");
  TrialMeasurement measurement;
  measurement.outcome = OutcomeFromReport(json);
  measurement.message = StoredText(json, "message");
  measurement.gate_ns = kGateAtNs;
  measurement.window = {SinceGate(json, "window_begin_ms"), SinceGate(json, "window_end_ms")};
  measurement.drained_ns = SinceGate(json, "drained_ms");
  measurement.items_in_window = OptionalFieldOf<double>(json, "items_in_window").value_or(0);
  if (json.contains("window_drift"))
    measurement.window_drift = OptionalFieldOf<double>(json, "window_drift");
  measurement.chunks = FieldOf<int64_t>(json, "chunks");
  measurement.samples = SamplesFromReport(samples);
  measurement.samples_total = FieldOf<uint64_t>(samples, "total");
  measurement.sample_stride = std::max<uint64_t>(1, FieldOf<uint64_t>(samples, "stride"));
  measurement.ordering = OrderingFromReport(part("ordering"));
  measurement.output = OutputFromReport(part("output_check"));
  measurement.workers = ListOf(json, "workers", WorkerFromReport);
  measurement.dispatcher = DispatcherUseFromReport(part("dispatcher"));
  measurement.open_load = OpenLoadUseFromReport(part("open_load"));
  measurement.system = SystemUseFromReport(part("throttle"), part("system"));
  measurement.credit = StoredCount<int>(json, "credit");
  measurement.waiting = StoredText(json, "waiting");
  measurement.replacements = ListOf(json, "replacements", ReplacementFromReport);
  measurement.warnings = OwnWarnings(json);
  return measurement;
}

}  // namespace

TrialResult TrialFromReport(const Json& json, const std::vector<std::string>& cells) {
  const auto id = FieldOf<std::string>(json, "cell");
  const auto cell = std::find(cells.begin(), cells.end(), id);
  if (cell == cells.end()) throw Error(fmt::format("cell \"{}\" is not among the cells", id));
  const auto name = FieldOf<std::string>(json, "role");
  const auto role = ParseTrialRole(name);
  if (!role) throw Error(fmt::format("role \"{}\" is unknown", name));
  TrialResult result;
  result.trial = {static_cast<int>(cell - cells.begin()), FieldOf<int>(json, "repetition"), *role};
  result.measurement = MeasurementFromReport(json);
  result.took_ns = StoredNs(json, "took_ms");
  return result;
}

bool HasAllSamples(const Json& trial) {
  const Json& samples = PartOf(trial, "samples");
  return FieldOf<int64_t>(samples, "kept") == FieldOf<int64_t>(samples, "recorded");
}

}  // namespace coresweep
