#include "reports/trial_json.h"

#include <algorithm>

#include "harness/base/clock.h"
#include "harness/core/cell_verdict.h"
#include "reports/cell_json.h"
#include "reports/json_values.h"
#include "reports/load_json.h"

namespace coresweep {
namespace {

constexpr size_t kMostPerTrial = 2'000;
constexpr size_t kLeastPerTrial = 100;
constexpr size_t kMostPerReport = 400'000;

OrderedJson ShareJson(int64_t part, int64_t whole) {
  if (whole <= 0) return nullptr;
  return static_cast<double>(part) / static_cast<double>(whole);
}

OrderedJson DispatcherJson(const std::optional<DispatcherUse>& use) {
  if (!use) return nullptr;
  return {{"cpu_ms", static_cast<double>(use->cpu_ns) / 1e6},
          {"wall_ms", MsOrNull(use->wall_ns)},
          {"cpu_share", ShareJson(use->cpu_ns, use->wall_ns)},
          {"check_ms", static_cast<double>(use->check_ns) / 1e6},
          {"check_share", ShareJson(use->check_ns, use->wall_ns)},
          {"wakeups", use->wakeups},
          {"voluntary_switches", use->voluntary_switches},
          {"involuntary_switches", use->involuntary_switches},
          {"cpus_effective", TextOrNull(use->cpus_effective)}};
}

OrderedJson ThrottleJson(const std::optional<ThrottleDelta>& throttle) {
  if (!throttle) return nullptr;
  return {{"periods", throttle->periods},
          {"throttled_periods", throttle->throttled_periods},
          {"throttled_share", ShareJson(throttle->throttled_periods, throttle->periods)},
          {"throttled_ms", static_cast<double>(throttle->throttled_ns) / 1e6}};
}

OrderedJson SystemJson(const SystemUse& use) {
  if (use.interval_ns <= 0) return nullptr;
  const auto ms = [](const std::optional<int64_t>& ns) {
    return ns ? OrderedJson(static_cast<double>(*ns) / 1e6) : OrderedJson(nullptr);
  };
  const auto share = [&use](const std::optional<int64_t>& ns) {
    return ns ? ShareJson(*ns, use.interval_ns * use.cpus) : OrderedJson(nullptr);
  };
  OrderedJson pressure = nullptr;
  if (use.pressure) {
    pressure = {{"source", use.pressure->source},
                {"cpu_ms", ms(use.pressure->cpu_ns)},
                {"memory_ms", ms(use.pressure->memory_ns)},
                {"io_ms", ms(use.pressure->io_ns)}};
  }
  return {{"interval_ms", ms(use.interval_ns)}, {"cpus", use.cpus},
          {"steal_ms", ms(use.steal_ns)},       {"steal_share", share(use.steal_ns)},
          {"busy_ms", ms(use.busy_ns)},         {"busy_share", share(use.busy_ns)},
          {"pressure", std::move(pressure)}};
}

/// Milliseconds from the gate; null for what did not happen.
OrderedJson SinceGateMs(const TrialMeasurement& measurement, int64_t at_ns) {
  if (measurement.gate_ns <= 0 || at_ns <= 0) return nullptr;
  return static_cast<double>(at_ns - measurement.gate_ns) / static_cast<double>(kNsPerMs);
}

OrderedJson ReplacementsJson(const TrialMeasurement& measurement) {
  OrderedJson json = OrderedJson::array();
  for (const Replacement& replacement : measurement.replacements) {
    json.push_back({{"worker", replacement.worker},
                    {"pid", replacement.pid},
                    {"at_ms", SinceGateMs(measurement, replacement.at_ns)},
                    {"how", replacement.how},
                    {"resent", replacement.resent}});
  }
  return json;
}

OrderedJson SamplesJson(const TrialMeasurement& measurement, size_t most) {
  const auto& all = measurement.samples;
  const size_t step = all.empty() ? 1 : (all.size() + most - 1) / most;
  const auto column = [&](auto value_of) {
    OrderedJson values = OrderedJson::array();
    for (size_t i = 0; i < all.size(); i += step)
      values.push_back(value_of(all[i]));
    return values;
  };
  const auto since_gate_us = [&measurement, &column](int64_t ChunkSample::*time_ns) {
    return column([&measurement, time_ns](const ChunkSample& sample) {
      return static_cast<double>(sample.*time_ns - measurement.gate_ns) /
             static_cast<double>(kNsPerUs);
    });
  };
  return {{"total", measurement.samples_total},
          {"stride", measurement.sample_stride * step},
          {"recorded", all.size()},
          {"kept", (all.size() + step - 1) / step},
          {"sequence", column([](const ChunkSample& sample) { return sample.sequence; })},
          {"worker", column([](const ChunkSample& sample) { return sample.worker; })},
          {"items", column([](const ChunkSample& sample) { return sample.items; })},
          {"issued_us", since_gate_us(&ChunkSample::issued_ns)},
          {"started_us", since_gate_us(&ChunkSample::started_ns)},
          {"computed_us", since_gate_us(&ChunkSample::computed_ns)},
          {"merged_us", since_gate_us(&ChunkSample::merged_ns)},
          {"due_us",
           measurement.open_load ? since_gate_us(&ChunkSample::due_ns) : OrderedJson(nullptr)}};
}

}  // namespace

OrderedJson TrialJson(const SweepResult& sweep, size_t order, size_t most_samples) {
  const TrialResult& result = sweep.trials[order];
  const TrialMeasurement& measurement = result.measurement;
  const Cell& cell = sweep.plan.cells[static_cast<size_t>(result.trial.cell_index)].cell;
  const auto throughput = result.Throughput();
  OrderedJson workers = OrderedJson::array();
  for (const WorkerMeasurement& worker : measurement.workers)
    workers.push_back(WorkerJson(worker));
  return {{"cell", cell.Id()},
          {"repetition", result.trial.repetition},
          {"role", std::string(ToString(result.trial.role))},
          {"order", order},
          {"started", TimestampJson(result.started_unix_ms)},
          {"took_ms", MsOrNull(result.took_ns)},
          {"outcome", std::string(ToString(measurement.outcome))},
          {"message", TextOrNull(measurement.message)},
          {"window_begin_ms", SinceGateMs(measurement, measurement.window.begin_ns)},
          {"window_end_ms", SinceGateMs(measurement, measurement.window.end_ns)},
          {"drained_ms", SinceGateMs(measurement, measurement.drained_ns)},
          {"window_ms", MsOrNull(measurement.window.LengthNs())},
          {"items_in_window", throughput ? OrderedJson(measurement.items_in_window) : nullptr},
          {"throughput", OrNull(throughput)},
          {"window_drift", OrNull(measurement.window_drift)},
          {"log_ratio_to_reference", OrNull(LogRatios(sweep)[order])},
          {"chunks", measurement.chunks},
          {"open_load", OpenLoadUseJson(cell, measurement.open_load)},
          {"workers", std::move(workers)},
          {"dispatcher", DispatcherJson(measurement.dispatcher)},
          {"credit", measurement.credit > 0 ? OrderedJson(measurement.credit) : nullptr},
          {"waiting", TextOrNull(measurement.waiting)},
          {"replacements", ReplacementsJson(measurement)},
          {"throttle", ThrottleJson(measurement.system.throttle)},
          {"system", SystemJson(measurement.system)},
          {"ordering", OrderingJson(measurement.ordering, cell.mode, measurement.chunks,
                                    measurement.ordering.answers > 0 || throughput.has_value())},
          {"output_check", OutputJson(measurement.output, sweep.workload.tolerance)},
          {"warnings", TrialWarnings(sweep, result)},
          {"samples", SamplesJson(measurement, most_samples)}};
}

size_t SamplesPerTrial(int64_t trials) {
  const auto share = kMostPerReport / static_cast<size_t>(std::max<int64_t>(trials, 1));
  return std::clamp(share, kLeastPerTrial, kMostPerTrial);
}

}  // namespace coresweep
