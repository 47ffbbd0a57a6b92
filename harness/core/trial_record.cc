#include "harness/core/trial_record.h"

#include <array>
#include <nlohmann/json.hpp>

#include "harness/core/json_field.h"
#include "harness/core/json_optional.h"
#include "harness/core/measurement_json.h"
#include "harness/core/system_use_json.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

Outcome OutcomeFromJson(const Json& json) {
  const auto name = FieldOf<std::string>(json, "outcome");
  if (const auto outcome = ParseOutcome(name)) return *outcome;
  throw Error(fmt::format("outcome \"{}\" is unknown", name));
}

template <typename T>
Json Column(const std::vector<ChunkSample>& samples, T ChunkSample::*field) {
  Json column = Json::array();
  for (const ChunkSample& sample : samples)
    column.push_back(sample.*field);
  return column;
}

Json SamplesToJson(const std::vector<ChunkSample>& samples) {
  static_assert(sizeof(ChunkSample) == 56, "a new field needs a column here and below");
  return {{"sequence", Column(samples, &ChunkSample::sequence)},
          {"worker", Column(samples, &ChunkSample::worker)},
          {"items", Column(samples, &ChunkSample::items)},
          {"issued_ns", Column(samples, &ChunkSample::issued_ns)},
          {"started_ns", Column(samples, &ChunkSample::started_ns)},
          {"computed_ns", Column(samples, &ChunkSample::computed_ns)},
          {"merged_ns", Column(samples, &ChunkSample::merged_ns)},
          {"due_ns", Column(samples, &ChunkSample::due_ns)}};
}

template <typename T>
void ReadColumn(const Json& json, const char* name, T ChunkSample::*field,
                std::vector<ChunkSample>& samples) {
  const auto column = FieldOf<std::vector<T>>(json, name);
  if (column.size() != samples.size())
    throw Error(fmt::format("samples: {} has another length than sequence", name));
  for (size_t i = 0; i < column.size(); ++i)
    samples[i].*field = column[i];
}

std::vector<ChunkSample> SamplesFromJson(const Json& json) {
  std::vector<ChunkSample> samples(PartOf(json, "sequence").size());
  ReadColumn(json, "sequence", &ChunkSample::sequence, samples);
  ReadColumn(json, "worker", &ChunkSample::worker, samples);
  ReadColumn(json, "items", &ChunkSample::items, samples);
  ReadColumn(json, "issued_ns", &ChunkSample::issued_ns, samples);
  ReadColumn(json, "started_ns", &ChunkSample::started_ns, samples);
  ReadColumn(json, "computed_ns", &ChunkSample::computed_ns, samples);
  ReadColumn(json, "merged_ns", &ChunkSample::merged_ns, samples);
  ReadColumn(json, "due_ns", &ChunkSample::due_ns, samples);
  return samples;
}

Json DispatcherToJson(const std::optional<DispatcherUse>& use) {
  if (!use) return nullptr;
  const auto& [cpu_ns, wall_ns, check_ns, wakeups, cpus_effective, voluntary_switches,
               involuntary_switches] = *use;
  return {{"cpu_ns", cpu_ns},
          {"wall_ns", wall_ns},
          {"check_ns", check_ns},
          {"wakeups", wakeups},
          {"cpus_effective", cpus_effective},
          {"voluntary_switches", voluntary_switches},
          {"involuntary_switches", involuntary_switches}};
}

std::optional<DispatcherUse> DispatcherFromJson(const Json& json) {
  if (json.is_null()) return std::nullopt;
  DispatcherUse use;
  use.cpu_ns = FieldOf<int64_t>(json, "cpu_ns");
  use.wall_ns = FieldOf<int64_t>(json, "wall_ns");
  use.check_ns = FieldOf<int64_t>(json, "check_ns");
  use.wakeups = FieldOf<int64_t>(json, "wakeups");
  use.cpus_effective = FieldOf<std::string>(json, "cpus_effective");
  use.voluntary_switches = FieldOf<int64_t>(json, "voluntary_switches");
  use.involuntary_switches = FieldOf<int64_t>(json, "involuntary_switches");
  return use;
}

Json OpenLoadToJson(const std::optional<OpenLoadUse>& use) {
  if (!use) return nullptr;
  const auto& [rate_asked_per_s, due, computed, left, queue_mean, queue_most, unhindered,
               issue_late_p50_us, issue_late_p99_us] = *use;
  return {{"rate_asked_per_s", rate_asked_per_s},
          {"due", due},
          {"computed", computed},
          {"left", left},
          {"queue_mean", queue_mean},
          {"queue_most", queue_most},
          {"unhindered", unhindered},
          {"issue_late_p50_us", OrNull(issue_late_p50_us)},
          {"issue_late_p99_us", OrNull(issue_late_p99_us)}};
}

std::optional<OpenLoadUse> OpenLoadFromJson(const Json& json) {
  if (json.is_null()) return std::nullopt;
  OpenLoadUse use;
  use.rate_asked_per_s = FieldOf<double>(json, "rate_asked_per_s");
  use.due = FieldOf<int64_t>(json, "due");
  use.computed = FieldOf<int64_t>(json, "computed");
  use.left = FieldOf<int64_t>(json, "left");
  use.queue_mean = FieldOf<double>(json, "queue_mean");
  use.queue_most = FieldOf<int64_t>(json, "queue_most");
  use.unhindered = FieldOf<int64_t>(json, "unhindered");
  use.issue_late_p50_us = OptionalFieldOf<double>(json, "issue_late_p50_us");
  use.issue_late_p99_us = OptionalFieldOf<double>(json, "issue_late_p99_us");
  return use;
}

Json ReplacementToJson(const Replacement& replacement) {
  const auto& [worker, pid, at_ns, how, resent] = replacement;
  return {{"worker", worker}, {"pid", pid}, {"at_ns", at_ns}, {"how", how}, {"resent", resent}};
}

Replacement ReplacementFromJson(const Json& json) {
  return {FieldOf<int>(json, "worker"), FieldOf<int>(json, "pid"), FieldOf<int64_t>(json, "at_ns"),
          FieldOf<std::string>(json, "how"), FieldOf<std::vector<uint64_t>>(json, "resent")};
}

Json WindowToJson(const Window& window) {
  const auto& [begin_ns, end_ns] = window;
  return {{"begin_ns", begin_ns}, {"end_ns", end_ns}};
}

Window WindowFromJson(const Json& json) {
  return {FieldOf<int64_t>(json, "begin_ns"), FieldOf<int64_t>(json, "end_ns")};
}

template <typename Values, typename Convert>
Json ListToJson(const Values& values, Convert convert) {
  Json list = Json::array();
  for (const auto& value : values)
    list.push_back(convert(value));
  return list;
}

Json MeasurementToJson(const TrialMeasurement& measurement) {
  const auto& [outcome, message, gate_ns, window, drained_ns, items_in_window, window_drift, chunks,
               samples, samples_total, sample_stride, ordering, output, workers, dispatcher,
               open_load, system, credit, waiting, replacements, warnings] = measurement;
  return {{"outcome", ToString(outcome)},
          {"message", message},
          {"gate_ns", gate_ns},
          {"window", WindowToJson(window)},
          {"drained_ns", drained_ns},
          {"items_in_window", items_in_window},
          {"window_drift", OrNull(window_drift)},
          {"chunks", chunks},
          {"samples", SamplesToJson(samples)},
          {"samples_total", samples_total},
          {"sample_stride", sample_stride},
          {"ordering", ToJson(ordering)},
          {"output", ToJson(output)},
          {"workers", ListToJson(workers, [](const auto& worker) { return ToJson(worker); })},
          {"dispatcher", DispatcherToJson(dispatcher)},
          {"open_load", OpenLoadToJson(open_load)},
          {"system", ToJson(system)},
          {"credit", credit},
          {"waiting", waiting},
          {"replacements", ListToJson(replacements, ReplacementToJson)},
          {"warnings", warnings}};
}

SystemUse SystemFromJson(const Json& json) {
  try {
    return SystemUseFromJson(json);
  } catch (const Json::exception&) {
    throw Error("system is not as coresweep writes it");
  }
}

TrialMeasurement MeasurementFromJson(const Json& json) {
  const auto part = [&json](const char* name) -> const Json& { return PartOf(json, name); };
  TrialMeasurement measurement;
  measurement.outcome = OutcomeFromJson(json);
  measurement.message = FieldOf<std::string>(json, "message");
  measurement.gate_ns = FieldOf<int64_t>(json, "gate_ns");
  measurement.window = WindowFromJson(part("window"));
  measurement.drained_ns = FieldOf<int64_t>(json, "drained_ns");
  measurement.items_in_window = FieldOf<double>(json, "items_in_window");
  measurement.window_drift = OptionalFieldOf<double>(json, "window_drift");
  measurement.chunks = FieldOf<int64_t>(json, "chunks");
  measurement.samples = SamplesFromJson(part("samples"));
  measurement.samples_total = FieldOf<uint64_t>(json, "samples_total");
  measurement.sample_stride = FieldOf<uint64_t>(json, "sample_stride");
  measurement.ordering = OrderingCountsFromJson(part("ordering"));
  measurement.output = OutputCheckFromJson(part("output"));
  measurement.workers = ListOf(json, "workers", WorkerMeasurementFromJson);
  measurement.dispatcher = DispatcherFromJson(part("dispatcher"));
  measurement.open_load = OpenLoadFromJson(part("open_load"));
  measurement.system = SystemFromJson(part("system"));
  measurement.credit = FieldOf<int>(json, "credit");
  measurement.waiting = FieldOf<std::string>(json, "waiting");
  measurement.replacements = ListOf(json, "replacements", ReplacementFromJson);
  measurement.warnings = FieldOf<std::vector<std::string>>(json, "warnings");
  return measurement;
}

Json TrialToJson(const Trial& trial) {
  const auto& [cell_index, repetition, role] = trial;
  return {{"cell_index", cell_index}, {"repetition", repetition}, {"role", ToString(role)}};
}

Trial TrialFromJson(const Json& json) {
  const auto name = FieldOf<std::string>(json, "role");
  const auto role = ParseTrialRole(name);
  if (!role) throw Error(fmt::format("role \"{}\" is unknown", name));
  return {FieldOf<int>(json, "cell_index"), FieldOf<int>(json, "repetition"), *role};
}

}  // namespace

Json ToJson(const TrialResult& result) {
  const auto& [trial, started_unix_ms, measurement, took_ns] = result;
  Json json = TrialToJson(trial);
  json["started_unix_ms"] = started_unix_ms;
  json["took_ns"] = took_ns;
  json["measurement"] = MeasurementToJson(measurement);
  return json;
}

TrialResult TrialResultFromJson(const Json& json) {
  TrialResult result;
  result.trial = TrialFromJson(json);
  result.started_unix_ms = FieldOf<int64_t>(json, "started_unix_ms");
  result.took_ns = FieldOf<int64_t>(json, "took_ns");
  result.measurement = MeasurementFromJson(PartOf(json, "measurement"));
  return result;
}

}  // namespace coresweep
