#include "reports/cell_json.h"

#include <cmath>

#include "harness/core/cell_verdict.h"
#include "reports/json_values.h"

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
                      const std::optional<Spread>& ratio, Mode control) {
  OrderedJson json = SpreadJson(ratio);
  const int index = ControlIndex(sweep.plan, result.cell_index, control);
  json["over"] = index < 0 ? OrderedJson(nullptr) : OrderedJson(CellAt(sweep, index).Id());
  return json;
}

OrderedJson LatencyJson(const LatencySummary& latency) {
  return {{"p50", OrNull(latency.p50_us)},
          {"p90", OrNull(latency.p90_us)},
          {"p99", OrNull(latency.p99_us)},
          {"max", OrNull(latency.max_us)},
          {"unit", "us"},
          {"samples", latency.samples},
          {"why_null", TextOrNull(latency.why_null)}};
}

OrderedJson ChunkTimesJson(const ChunkTimes& times) {
  return {{"queue", OrNull(times.queue_us)},
          {"compute", OrNull(times.compute_us)},
          {"merge", OrNull(times.merge_us)},
          {"unit", "us"}};
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

}  // namespace

OrderedJson AxesJson(const Cell& cell) {
  return {{"id", cell.Id()},
          {"mode", std::string(ToString(cell.mode))},
          {"workers", cell.workers},
          {"threads", cell.threads},
          {"placement", cell.placement},
          {"chunk", cell.chunk},
          {"transport", cell.transport}};
}

OrderedJson CellJson(const SweepResult& sweep, const CellResult& result) {
  const Cell& cell = CellAt(sweep, result.cell_index);
  OrderedJson json = AxesJson(cell);
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
  json["latency"] = LatencyJson(result.latency);
  json["chunk_times"] = ChunkTimesJson(result.chunk_times);
  json["ordering"] = OrderingJson(result.ordering, cell.mode, result.repetitions > 0);
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
          {"threads_requested", worker.threads_requested},
          {"threads_effective", OrNull(runtime.intra_op_threads)},
          {"inter_op_threads", OrNull(runtime.inter_op_threads)},
          {"blas_threads", OrNull(runtime.blas_threads)},
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
          {"cpu_ms", MsOrNull(worker.cpu_ns)},
          {"voluntary_switches", worker.voluntary_switches},
          {"involuntary_switches", worker.involuntary_switches},
          {"max_rss_bytes", CountOrNull(worker.max_rss_bytes)}};
}

OrderedJson OrderingJson(const OrderingCounts& counts, Mode mode, bool measured) {
  const auto count = [measured](int64_t value) {
    return measured ? OrderedJson(value) : OrderedJson(nullptr);
  };
  const bool merged = measured && mode == Mode::kProcesses;
  const auto merge_count = [merged](const auto& value) {
    return merged ? OrderedJson(value) : OrderedJson(nullptr);
  };
  return {{"verdict", measured ? OrderedJson(counts.Clean() ? "ok" : "disordered") : nullptr},
          {"answers", count(counts.answers)},
          {"missing", count(counts.missing)},
          {"duplicated", count(counts.duplicated)},
          {"misplaced", count(counts.misplaced)},
          {"corrupted", count(counts.corrupted)},
          {"completion_inversions", merge_count(counts.completion_inversions)},
          {"max_reorder_depth", merge_count(counts.max_reorder_depth)},
          {"head_of_line_ms", merge_count(static_cast<double>(counts.head_of_line_ns) / 1e6)}};
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
