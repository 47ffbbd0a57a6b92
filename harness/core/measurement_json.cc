#include "harness/core/measurement_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/core/json_field.h"
#include "harness/core/json_optional.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;
using Texts = std::vector<std::string>;

Json StartupToJson(const StartupTimes& startup) {
  const auto& [main_ns, library_ns, model_ns, first_inference_ns, ready_ns] = startup;
  return {{"main_ns", main_ns},
          {"library_ns", library_ns},
          {"model_ns", model_ns},
          {"first_inference_ns", first_inference_ns},
          {"ready_ns", ready_ns}};
}

StartupTimes StartupFromJson(const Json& json) {
  StartupTimes startup;
  startup.main_ns = FieldOf<int64_t>(json, "main_ns");
  startup.library_ns = FieldOf<int64_t>(json, "library_ns");
  startup.model_ns = FieldOf<int64_t>(json, "model_ns");
  startup.first_inference_ns = FieldOf<int64_t>(json, "first_inference_ns");
  startup.ready_ns = FieldOf<int64_t>(json, "ready_ns");
  return startup;
}

Json MaskToJson(const MaskGroup& group) {
  const auto& [cpus, threads, names] = group;
  return {{"cpus", cpus}, {"threads", threads}, {"names", names}};
}

MaskGroup MaskFromJson(const Json& json) {
  return {FieldOf<std::string>(json, "cpus"), FieldOf<int>(json, "threads"),
          FieldOf<Texts>(json, "names")};
}

Json ReadbackToJson(const Readback& readback) {
  const auto& [masks, thread_cpus, memory_policy] = readback;
  Json groups = Json::array();
  for (const MaskGroup& group : masks)
    groups.push_back(MaskToJson(group));
  return {{"masks", groups}, {"thread_cpus", thread_cpus}, {"memory_policy", memory_policy}};
}

Readback ReadbackFromJson(const Json& json) {
  return {ListOf(json, "masks", MaskFromJson), FieldOf<Texts>(json, "thread_cpus"),
          FieldOf<std::string>(json, "memory_policy")};
}

Json UseToJson(const WorkerUse& use) {
  const auto& [interval_ns, cpu_ns, voluntary_switches, involuntary_switches, minor_faults,
               major_faults, run_queue_ns, migrations, cycles, instructions, cache_misses,
               counters] = use;
  return {{"interval_ns", interval_ns},
          {"cpu_ns", cpu_ns},
          {"voluntary_switches", voluntary_switches},
          {"involuntary_switches", involuntary_switches},
          {"minor_faults", minor_faults},
          {"major_faults", major_faults},
          {"run_queue_ns", OrNull(run_queue_ns)},
          {"migrations", OrNull(migrations)},
          {"cycles", OrNull(cycles)},
          {"instructions", OrNull(instructions)},
          {"cache_misses", OrNull(cache_misses)},
          {"counters", counters}};
}

WorkerUse UseFromJson(const Json& json) {
  WorkerUse use;
  use.interval_ns = FieldOf<int64_t>(json, "interval_ns");
  use.cpu_ns = FieldOf<int64_t>(json, "cpu_ns");
  use.voluntary_switches = FieldOf<int64_t>(json, "voluntary_switches");
  use.involuntary_switches = FieldOf<int64_t>(json, "involuntary_switches");
  use.minor_faults = FieldOf<int64_t>(json, "minor_faults");
  use.major_faults = FieldOf<int64_t>(json, "major_faults");
  use.run_queue_ns = OptionalFieldOf<int64_t>(json, "run_queue_ns");
  use.migrations = OptionalFieldOf<int64_t>(json, "migrations");
  use.cycles = OptionalFieldOf<int64_t>(json, "cycles");
  use.instructions = OptionalFieldOf<int64_t>(json, "instructions");
  use.cache_misses = OptionalFieldOf<int64_t>(json, "cache_misses");
  use.counters = FieldOf<std::string>(json, "counters");
  return use;
}

}  // namespace

Json ToJson(const RuntimeFacts& facts) {
  const auto& [intra_op_threads, inter_op_threads, blas_threads, library, blas_library, blas_kind,
               openmp_library] = facts;
  return {{"intra_op_threads", OrNull(intra_op_threads)},
          {"inter_op_threads", OrNull(inter_op_threads)},
          {"blas_threads", OrNull(blas_threads)},
          {"library", library},
          {"blas_library", blas_library},
          {"blas_kind", blas_kind},
          {"openmp_library", openmp_library}};
}

RuntimeFacts RuntimeFactsFromJson(const Json& json) {
  RuntimeFacts facts;
  facts.intra_op_threads = OptionalFieldOf<int>(json, "intra_op_threads");
  facts.inter_op_threads = OptionalFieldOf<int>(json, "inter_op_threads");
  facts.blas_threads = OptionalFieldOf<int>(json, "blas_threads");
  facts.library = FieldOf<std::string>(json, "library");
  facts.blas_library = FieldOf<std::string>(json, "blas_library");
  facts.blas_kind = FieldOf<std::string>(json, "blas_kind");
  facts.openmp_library = FieldOf<std::string>(json, "openmp_library");
  return facts;
}

Json ToJson(const OrderingCounts& counts) {
  const auto& [answers, missing, duplicated, misplaced, corrupted, completion_inversions,
               max_reorder_depth, head_of_line_ns] = counts;
  return {{"answers", answers},
          {"missing", missing},
          {"duplicated", duplicated},
          {"misplaced", misplaced},
          {"corrupted", corrupted},
          {"completion_inversions", completion_inversions},
          {"max_reorder_depth", max_reorder_depth},
          {"head_of_line_ns", head_of_line_ns}};
}

OrderingCounts OrderingCountsFromJson(const Json& json) {
  OrderingCounts counts;
  counts.answers = FieldOf<int64_t>(json, "answers");
  counts.missing = FieldOf<int64_t>(json, "missing");
  counts.duplicated = FieldOf<int64_t>(json, "duplicated");
  counts.misplaced = FieldOf<int64_t>(json, "misplaced");
  counts.corrupted = FieldOf<int64_t>(json, "corrupted");
  counts.completion_inversions = FieldOf<int64_t>(json, "completion_inversions");
  counts.max_reorder_depth = FieldOf<int64_t>(json, "max_reorder_depth");
  counts.head_of_line_ns = FieldOf<int64_t>(json, "head_of_line_ns");
  return counts;
}

Json ToJson(const OutputCheck& check) {
  const auto& [compared, bitwise_equal, outside_tolerance, max_abs_diff] = check;
  // JSON has no infinity, which stands for "NaN or infinity opposite a number".
  return {{"compared", compared},
          {"bitwise_equal", bitwise_equal},
          {"outside_tolerance", outside_tolerance},
          {"max_abs_diff", std::isfinite(max_abs_diff) ? Json(max_abs_diff) : Json(nullptr)}};
}

OutputCheck OutputCheckFromJson(const Json& json) {
  OutputCheck check;
  check.compared = FieldOf<int64_t>(json, "compared");
  check.bitwise_equal = FieldOf<int64_t>(json, "bitwise_equal");
  check.outside_tolerance = FieldOf<int64_t>(json, "outside_tolerance");
  check.max_abs_diff = OptionalFieldOf<double>(json, "max_abs_diff").value_or(HUGE_VAL);
  return check;
}

Json ToJson(const WorkerMeasurement& worker) {
  const auto& [index, pid, cpus_requested, cpus_effective, cpus_after_warmup, threads_requested,
               runtime, runtime_at_end, threads_requested_cpus, memory_requested, after_binding,
               after_warmup, at_end, os_threads, startup, chunks, items, items_in_window, use,
               max_rss_bytes, pss_bytes] = worker;
  return {{"index", index},
          {"pid", pid},
          {"cpus_requested", cpus_requested},
          {"cpus_effective", cpus_effective},
          {"cpus_after_warmup", cpus_after_warmup},
          {"threads_requested", threads_requested},
          {"runtime", ToJson(runtime)},
          {"runtime_at_end", ToJson(runtime_at_end)},
          {"threads_requested_cpus", threads_requested_cpus},
          {"memory_requested", memory_requested},
          {"after_binding", ReadbackToJson(after_binding)},
          {"after_warmup", ReadbackToJson(after_warmup)},
          {"at_end", ReadbackToJson(at_end)},
          {"os_threads", os_threads},
          {"startup", StartupToJson(startup)},
          {"chunks", chunks},
          {"items", items},
          {"items_in_window", items_in_window},
          {"use", UseToJson(use)},
          {"max_rss_bytes", max_rss_bytes},
          {"pss_bytes", OrNull(pss_bytes)}};
}

WorkerMeasurement WorkerMeasurementFromJson(const Json& json) {
  const auto part = [&json](const char* name) -> const Json& { return PartOf(json, name); };
  WorkerMeasurement worker;
  worker.index = FieldOf<int>(json, "index");
  worker.pid = FieldOf<int>(json, "pid");
  worker.cpus_requested = FieldOf<std::string>(json, "cpus_requested");
  worker.cpus_effective = FieldOf<std::string>(json, "cpus_effective");
  worker.cpus_after_warmup = FieldOf<std::string>(json, "cpus_after_warmup");
  worker.threads_requested = FieldOf<int>(json, "threads_requested");
  worker.runtime = RuntimeFactsFromJson(part("runtime"));
  worker.runtime_at_end = RuntimeFactsFromJson(part("runtime_at_end"));
  worker.threads_requested_cpus = FieldOf<Texts>(json, "threads_requested_cpus");
  worker.memory_requested = FieldOf<std::string>(json, "memory_requested");
  worker.after_binding = ReadbackFromJson(part("after_binding"));
  worker.after_warmup = ReadbackFromJson(part("after_warmup"));
  worker.at_end = ReadbackFromJson(part("at_end"));
  worker.os_threads = FieldOf<int>(json, "os_threads");
  worker.startup = StartupFromJson(part("startup"));
  worker.chunks = FieldOf<int64_t>(json, "chunks");
  worker.items = FieldOf<int64_t>(json, "items");
  worker.items_in_window = FieldOf<double>(json, "items_in_window");
  worker.use = UseFromJson(part("use"));
  worker.max_rss_bytes = FieldOf<int64_t>(json, "max_rss_bytes");
  worker.pss_bytes = OptionalFieldOf<int64_t>(json, "pss_bytes");
  return worker;
}

}  // namespace coresweep
