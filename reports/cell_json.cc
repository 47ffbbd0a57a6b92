#include "reports/cell_json.h"

#include <algorithm>
#include <cmath>

#include "harness/core/cell_verdict.h"
#include "harness/core/placement_check.h"
#include "reports/json_values.h"
#include "reports/load_json.h"

namespace coresweep {
namespace {

const Cell& CellAt(const SweepResult& sweep, int index) {
  return sweep.plan.cells[static_cast<size_t>(index)].cell;
}

OrderedJson ThroughputJson(const CellResult& result) {
  OrderedJson json = SpreadJson(result.throughput_per_s);
  json["unit"] = "items/s";
  json["method"] =
      "items whose computation lies in the window (in proportion where it crosses an edge) / "
      "length "
      "of the window; median, least and greatest over the repetitions";
  return json;
}

OrderedJson RatioJson(const SweepResult& sweep, const CellResult& result,
                      const std::optional<PairedRatio>& ratio, Mode control) {
  OrderedJson json = SpreadJson(
      ratio ? std::optional(Spread{ratio->median, ratio->low, ratio->high}) : std::nullopt);
  const int index = ControlIndex(sweep.plan, result.cell_index, control);
  json["over"] = index < 0 ? OrderedJson(nullptr) : OrderedJson(CellAt(sweep, index).Id());
  json["paired"] = ratio ? (ratio->through_references ? OrderedJson("through references")
                                                      : OrderedJson("same repetition"))
                         : OrderedJson(nullptr);
  json["interval"] = IntervalJson(ratio ? ratio->interval : EstimateMedian({}));
  return json;
}

OrderedJson CausesJson(const std::vector<ScalingCause>& causes) {
  OrderedJson json = OrderedJson::array();
  for (const ScalingCause& cause : causes)
    json.push_back({{"name", cause.name}, {"evidence", cause.evidence}, {"remedy", cause.remedy}});
  return json;
}

OrderedJson ChunkTimesJson(const ChunkTimes& times) {
  return {{"queue", OrNull(times.queue_us)},
          {"compute", OrNull(times.compute_us)},
          {"merge", OrNull(times.merge_us)},
          {"unit", "us"}};
}

OrderedJson CostJson(const ChunkCost& cost, bool of_dispatcher) {
  OrderedJson json = {{"cpu_us_per_chunk", SpreadJson(cost.cpu_us)}};
  if (of_dispatcher) json["wakeups_per_chunk"] = SpreadJson(cost.wakeups);
  json["voluntary_switches_per_chunk"] = SpreadJson(cost.voluntary_switches);
  json["involuntary_switches_per_chunk"] = SpreadJson(cost.involuntary_switches);
  json["why_null"] = TextOrNull(cost.why_null);
  return json;
}

OrderedJson CreditJson(const Cell& cell) {
  if (cell.mode != Mode::kProcesses || cell.dispatch == Dispatch::kPull) return nullptr;
  if (cell.credit == 0) return "auto";
  return cell.credit;
}

/// Workers of the latest trial that gave a throughput, else of the latest that got as far as
/// having workers.
OrderedJson WorkersDetail(const SweepResult& sweep, int index) {
  const std::vector<WorkerMeasurement>* latest = nullptr;
  bool measured = false;
  for (const TrialResult* trial : TrialsOf(sweep, index)) {
    const bool gave_throughput = trial->Throughput().has_value();
    if (trial->measurement.workers.empty() || (measured && !gave_throughput)) continue;
    latest = &trial->measurement.workers;
    measured = gave_throughput;
  }
  OrderedJson json = OrderedJson::array();
  if (latest == nullptr) return json;
  for (const WorkerMeasurement& worker : *latest)
    json.push_back(WorkerJson(worker));
  return json;
}

OrderedJson CountOrNull(int64_t count) {
  return count > 0 ? OrderedJson(count) : OrderedJson(nullptr);
}

OrderedJson ListOrNull(const std::vector<std::string>& list) {
  return list.empty() ? OrderedJson(nullptr) : OrderedJson(list);
}

/// null when nothing was read back.
OrderedJson PlacementHeldJson(const WorkerMeasurement& worker) {
  if (worker.at_end.thread_cpus.empty()) return nullptr;
  return PlacementDifference(worker).empty();
}

OrderedJson ReadbackJson(const Readback& readback) {
  if (readback.masks.empty()) return nullptr;
  OrderedJson masks = OrderedJson::array();
  for (const MaskGroup& group : readback.masks) {
    masks.push_back({{"cpus", group.cpus}, {"threads", group.threads}, {"names", group.names}});
  }
  return {{"masks", std::move(masks)},
          {"thread_cpus", ListOrNull(readback.thread_cpus)},
          {"memory_policy", TextOrNull(readback.memory_policy)}};
}

OrderedJson UseJson(const WorkerUse& use) {
  if (use.interval_ns <= 0) return nullptr;
  const auto ms = [](const std::optional<int64_t>& ns) {
    return ns ? OrderedJson(static_cast<double>(*ns) / 1e6) : OrderedJson(nullptr);
  };
  return {{"interval_ms", ms(use.interval_ns)},
          {"cpu_ms", ms(use.cpu_ns)},
          {"run_queue_ms", ms(use.run_queue_ns)},
          {"voluntary_switches", use.voluntary_switches},
          {"involuntary_switches", use.involuntary_switches},
          {"migrations", OrNull(use.migrations)},
          {"minor_faults", use.minor_faults},
          {"major_faults", use.major_faults},
          {"cycles", OrNull(use.cycles)},
          {"instructions", OrNull(use.instructions)},
          {"cache_misses", OrNull(use.cache_misses)},
          {"counters", TextOrNull(use.counters)}};
}

}  // namespace

OrderedJson AxesJson(const Cell& cell) {
  const bool dispatched = cell.mode == Mode::kProcesses;
  const auto name_or_null = [dispatched](const auto& value) {
    return dispatched ? OrderedJson(std::string(ToString(value))) : OrderedJson(nullptr);
  };
  return {{"id", cell.Id()},
          {"mode", std::string(ToString(cell.mode))},
          {"workers", cell.workers},
          {"threads", cell.threads},
          {"placement", cell.placement},
          {"width", std::string(ToString(cell.width))},
          {"dispatcher", name_or_null(cell.dispatcher)},
          {"chunk", cell.chunk},
          {"transport", cell.transport},
          {"dispatch", name_or_null(cell.dispatch)},
          {"credit", CreditJson(cell)},
          {"wait", name_or_null(cell.wait)},
          {"load", dispatched ? OrderedJson(LoadKind(cell.load.open)) : OrderedJson(nullptr)},
          {"arrivals",
           cell.load.open ? OrderedJson(ToString(cell.load.arrivals)) : OrderedJson(nullptr)},
          {"rate", RateJson(cell.load)}};
}

OrderedJson CellJson(const SweepResult& sweep, const CellResult& result) {
  const Cell& cell = CellAt(sweep, result.cell_index);
  OrderedJson json = AxesJson(cell);
  const Placement& placement = sweep.plan.cells[static_cast<size_t>(result.cell_index)].placement;
  json["oversubscribed"] = placement.oversubscribed;
  json["dispatcher_cpus"] = TextOrNull(placement.dispatcher.ToList());
  json["placement_notes"] = placement.notes;
  json["repetitions"] = result.repetitions;
  json["verdict"] = result.verdict;
  json["reason"] = TextOrNull(result.reason);
  json["warnings"] = result.warnings;
  json["throughput"] = ThroughputJson(result);
  json["speedup"] = RatioJson(sweep, result, result.speedup, Mode::kSerial);
  json["parallel_efficiency"] = RatioJson(sweep, result, result.parallel_efficiency, Mode::kSerial);
  json["dispatch_efficiency"] =
      cell.mode == Mode::kProcesses
          ? RatioJson(sweep, result, result.dispatch_efficiency, Mode::kIndependent)
          : OrderedJson(nullptr);
  json["causes"] = CausesJson(result.causes);
  json["latency"] = LatencyJson(result.latency);
  json["open_load"] = OpenLoadJson(result.open_load);
  json["chunk_times"] = ChunkTimesJson(result.chunk_times);
  json["chunk_cost"] = {
      {"workers", CostJson(result.worker_cost, false)},
      {"dispatcher",
       result.dispatcher_cost ? CostJson(*result.dispatcher_cost, true) : OrderedJson(nullptr)}};
  json["ordering"] =
      OrderingJson(result.ordering, cell.mode, result.chunks, result.repetitions > 0);
  json["output_check"] = OutputJson(result.output, sweep.workload.tolerance);
  json["workers_detail"] = WorkersDetail(sweep, result.cell_index);
  return json;
}

OrderedJson WorkerJson(const WorkerMeasurement& worker) {
  const RuntimeFacts& runtime = worker.runtime;
  return {{"index", worker.index},
          {"pid", CountOrNull(worker.pid)},
          {"cpus_requested", TextOrNull(worker.cpus_requested)},
          {"cpus_effective", TextOrNull(worker.cpus_effective)},
          {"cpus_after_warmup", TextOrNull(worker.cpus_after_warmup)},
          {"placement_held", PlacementHeldJson(worker)},
          {"thread_cpus_requested", ListOrNull(worker.threads_requested_cpus)},
          {"memory_requested", TextOrNull(worker.memory_requested)},
          {"after_binding", ReadbackJson(worker.after_binding)},
          {"after_warmup", ReadbackJson(worker.after_warmup)},
          {"at_end", ReadbackJson(worker.at_end)},
          {"threads_requested", worker.threads_requested},
          {"threads_effective", OrNull(runtime.intra_op_threads)},
          {"threads_at_end", OrNull(worker.runtime_at_end.intra_op_threads)},
          {"inter_op_threads", OrNull(runtime.inter_op_threads)},
          {"blas_threads", OrNull(runtime.blas_threads)},
          {"blas_threads_at_end", OrNull(worker.runtime_at_end.blas_threads)},
          {"os_threads", CountOrNull(worker.os_threads)},
          {"library", TextOrNull(runtime.library)},
          {"blas_library", TextOrNull(runtime.blas_library)},
          {"blas_kind", TextOrNull(runtime.blas_kind)},
          {"openmp_library", TextOrNull(runtime.openmp_library)},
          {"startup_ms",
           {{"main", MsOrNull(worker.startup.main_ns)},
            {"library", MsOrNull(worker.startup.library_ns)},
            {"model", MsOrNull(worker.startup.model_ns)},
            {"first_inference", MsOrNull(worker.startup.first_inference_ns)},
            {"ready", MsOrNull(worker.startup.ready_ns)}}},
          {"chunks", worker.chunks},
          {"items", worker.items},
          {"items_in_window", worker.items_in_window},
          {"use", UseJson(worker.use)},
          {"max_rss_bytes", CountOrNull(worker.max_rss_bytes)},
          {"pss_bytes", OrNull(worker.pss_bytes)}};
}

OrderedJson OrderingJson(const OrderingCounts& counts, Mode mode, int64_t chunks, bool measured) {
  const auto count = [measured](int64_t value) {
    return measured ? OrderedJson(value) : OrderedJson(nullptr);
  };
  const bool merged = measured && mode == Mode::kProcesses;
  const auto merge_count = [merged](const auto& value) {
    return merged ? OrderedJson(value) : OrderedJson(nullptr);
  };
  const double per_chunk_us = static_cast<double>(counts.head_of_line_ns) / 1e3 /
                              static_cast<double>(std::max<int64_t>(chunks, 1));
  return {
      {"verdict", measured ? OrderedJson(counts.Clean() ? "ok" : "disordered") : nullptr},
      {"answers", count(counts.answers)},
      {"missing", count(counts.missing)},
      {"duplicated", count(counts.duplicated)},
      {"misplaced", count(counts.misplaced)},
      {"corrupted", count(counts.corrupted)},
      {"completion_inversions", merge_count(counts.completion_inversions)},
      {"max_reorder_depth", merge_count(counts.max_reorder_depth)},
      {"head_of_line_ms", merge_count(static_cast<double>(counts.head_of_line_ns) / 1e6)},
      {"head_of_line_us_per_chunk", merged && chunks > 0 ? OrderedJson(per_chunk_us) : nullptr}};
}

OrderedJson OutputJson(const OutputCheck& check, Tolerance tolerance) {
  const bool measured = check.compared > 0;
  const auto count = [measured](int64_t value) {
    return measured ? OrderedJson(value) : OrderedJson(nullptr);
  };
  OrderedJson json = {
      {"verdict",
       measured ? OrderedJson(check.outside_tolerance == 0 ? "ok" : "incorrect") : nullptr},
      {"compared", check.compared},
      {"bitwise_equal", count(check.bitwise_equal)},
      {"outside_tolerance", count(check.outside_tolerance)},
      {"max_abs_diff", measured ? OrderedJson(check.max_abs_diff) : nullptr},
      {"tolerance", {{"absolute", tolerance.absolute}, {"relative", tolerance.relative}}}};
  if (measured && !std::isfinite(check.max_abs_diff)) {
    json["max_abs_diff"] = nullptr;
    json["max_abs_diff_note"] = "infinite: a NaN or an infinity stands opposite another value";
  }
  return json;
}

}  // namespace coresweep
