#include <nlohmann/json.hpp>

#include "reports/stored_trial.h"
#include "reports/stored_values.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

MaskGroup MaskGroupFromReport(const Json& json) {
  return {FieldOf<std::string>(json, "cpus"), FieldOf<int>(json, "threads"),
          FieldOf<std::vector<std::string>>(json, "names")};
}

Readback ReadbackFromReport(const Json& json) {
  if (json.is_null()) return {};
  return {ListOf(json, "masks", MaskGroupFromReport), StoredTexts(json, "thread_cpus"),
          StoredText(json, "memory_policy")};
}

StartupTimes StartupFromReport(const Json& json) {
  return {StoredNs(json, "main"), StoredNs(json, "library"), StoredNs(json, "model"),
          StoredNs(json, "first_inference"), StoredNs(json, "ready")};
}

WorkerUse UseFromReport(const Json& json) {
  if (json.is_null()) return {};
  WorkerUse use;
  use.interval_ns = StoredNs(json, "interval_ms");
  use.cpu_ns = StoredNs(json, "cpu_ms");
  use.run_queue_ns = StoredNsOrNull(json, "run_queue_ms");
  use.voluntary_switches = FieldOf<int64_t>(json, "voluntary_switches");
  use.involuntary_switches = FieldOf<int64_t>(json, "involuntary_switches");
  use.migrations = OptionalFieldOf<int64_t>(json, "migrations");
  use.minor_faults = FieldOf<int64_t>(json, "minor_faults");
  use.major_faults = FieldOf<int64_t>(json, "major_faults");
  use.cycles = OptionalFieldOf<int64_t>(json, "cycles");
  use.instructions = OptionalFieldOf<int64_t>(json, "instructions");
  use.cache_misses = OptionalFieldOf<int64_t>(json, "cache_misses");
  use.counters = StoredText(json, "counters");
  return use;
}

RuntimeFacts RuntimeFromReport(const Json& json) {
  RuntimeFacts runtime;
  runtime.intra_op_threads = OptionalFieldOf<int>(json, "threads_effective");
  runtime.inter_op_threads = OptionalFieldOf<int>(json, "inter_op_threads");
  runtime.blas_threads = OptionalFieldOf<int>(json, "blas_threads");
  runtime.library = StoredText(json, "library");
  runtime.blas_library = StoredText(json, "blas_library");
  runtime.blas_kind = StoredText(json, "blas_kind");
  runtime.openmp_library = StoredText(json, "openmp_library");
  return runtime;
}

}  // namespace

WorkerMeasurement WorkerFromReport(const Json& json) {
  const auto part = [&json](const char* name) -> const Json& { return PartOf(json, name); };
  WorkerMeasurement worker;
  worker.index = FieldOf<int>(json, "index");
  worker.pid = StoredCount<int>(json, "pid");
  worker.cpus_requested = StoredText(json, "cpus_requested");
  worker.cpus_effective = StoredText(json, "cpus_effective");
  worker.cpus_after_warmup = StoredText(json, "cpus_after_warmup");
  worker.threads_requested = FieldOf<int>(json, "threads_requested");
  worker.runtime = RuntimeFromReport(json);
  worker.runtime_at_end.intra_op_threads = OptionalFieldOf<int>(json, "threads_at_end");
  worker.runtime_at_end.blas_threads = OptionalFieldOf<int>(json, "blas_threads_at_end");
  worker.threads_requested_cpus = StoredTexts(json, "thread_cpus_requested");
  worker.memory_requested = StoredText(json, "memory_requested");
  worker.after_binding = ReadbackFromReport(part("after_binding"));
  worker.after_warmup = ReadbackFromReport(part("after_warmup"));
  worker.at_end = ReadbackFromReport(part("at_end"));
  worker.os_threads = StoredCount<int>(json, "os_threads");
  worker.startup = StartupFromReport(part("startup_ms"));
  worker.chunks = FieldOf<int64_t>(json, "chunks");
  worker.items = FieldOf<int64_t>(json, "items");
  worker.items_in_window = FieldOf<double>(json, "items_in_window");
  worker.use = UseFromReport(part("use"));
  worker.max_rss_bytes = StoredCount<int64_t>(json, "max_rss_bytes");
  worker.pss_bytes = OptionalFieldOf<int64_t>(json, "pss_bytes");
  return worker;
}

}  // namespace coresweep
