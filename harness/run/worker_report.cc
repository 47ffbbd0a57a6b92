#include "harness/run/worker_report.h"

#include <nlohmann/json.hpp>

#include "harness/core/json_optional.h"
#include "harness/core/system_use_json.h"
#include "harness/run/worker_setup.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

Json StartupToJson(const StartupTimes& startup) {
  return {{"main_ns", startup.main_ns},
          {"library_ns", startup.library_ns},
          {"model_ns", startup.model_ns},
          {"first_inference_ns", startup.first_inference_ns},
          {"ready_ns", startup.ready_ns}};
}

StartupTimes StartupFromJson(const Json& json) {
  StartupTimes startup;
  startup.main_ns = json.at("main_ns");
  startup.library_ns = json.at("library_ns");
  startup.model_ns = json.at("model_ns");
  startup.first_inference_ns = json.at("first_inference_ns");
  startup.ready_ns = json.at("ready_ns");
  return startup;
}

Json ReadbackToJson(const Readback& readback) {
  Json masks = Json::array();
  for (const MaskGroup& group : readback.masks) {
    masks.push_back({{"cpus", group.cpus}, {"threads", group.threads}, {"names", group.names}});
  }
  return {{"masks", masks},
          {"thread_cpus", readback.thread_cpus},
          {"memory_policy", readback.memory_policy}};
}

Readback ReadbackFromJson(const Json& json) {
  Readback readback;
  for (const Json& group : json.at("masks")) {
    readback.masks.push_back(
        {group.at("cpus"), group.at("threads"), group.at("names").get<std::vector<std::string>>()});
  }
  readback.thread_cpus = json.at("thread_cpus").get<std::vector<std::string>>();
  readback.memory_policy = json.at("memory_policy");
  return readback;
}

Json UseToJson(const WorkerUse& use) {
  return {{"interval_ns", use.interval_ns},
          {"cpu_ns", use.cpu_ns},
          {"voluntary_switches", use.voluntary_switches},
          {"involuntary_switches", use.involuntary_switches},
          {"minor_faults", use.minor_faults},
          {"major_faults", use.major_faults},
          {"run_queue_ns", OrNull(use.run_queue_ns)},
          {"migrations", OrNull(use.migrations)},
          {"cycles", OrNull(use.cycles)},
          {"instructions", OrNull(use.instructions)},
          {"cache_misses", OrNull(use.cache_misses)},
          {"counters", use.counters}};
}

WorkerUse UseFromJson(const Json& json) {
  WorkerUse use;
  use.interval_ns = json.at("interval_ns");
  use.cpu_ns = json.at("cpu_ns");
  use.voluntary_switches = json.at("voluntary_switches");
  use.involuntary_switches = json.at("involuntary_switches");
  use.minor_faults = json.at("minor_faults");
  use.major_faults = json.at("major_faults");
  use.run_queue_ns = Optional<int64_t>(json.at("run_queue_ns"));
  use.migrations = Optional<int64_t>(json.at("migrations"));
  use.cycles = Optional<int64_t>(json.at("cycles"));
  use.instructions = Optional<int64_t>(json.at("instructions"));
  use.cache_misses = Optional<int64_t>(json.at("cache_misses"));
  use.counters = json.at("counters");
  return use;
}

}  // namespace

Json ToJson(const WorkerMeasurement& worker) {
  return {{"index", worker.index},
          {"pid", worker.pid},
          {"cpus_requested", worker.cpus_requested},
          {"cpus_effective", worker.cpus_effective},
          {"cpus_after_warmup", worker.cpus_after_warmup},
          {"threads_requested", worker.threads_requested},
          {"runtime", ToJson(worker.runtime)},
          {"runtime_at_end", ToJson(worker.runtime_at_end)},
          {"threads_requested_cpus", worker.threads_requested_cpus},
          {"memory_requested", worker.memory_requested},
          {"after_binding", ReadbackToJson(worker.after_binding)},
          {"after_warmup", ReadbackToJson(worker.after_warmup)},
          {"at_end", ReadbackToJson(worker.at_end)},
          {"os_threads", worker.os_threads},
          {"startup", StartupToJson(worker.startup)},
          {"chunks", worker.chunks},
          {"items", worker.items},
          {"items_in_window", worker.items_in_window},
          {"use", UseToJson(worker.use)},
          {"max_rss_bytes", worker.max_rss_bytes},
          {"pss_bytes", OrNull(worker.pss_bytes)}};
}

WorkerMeasurement WorkerMeasurementFromJson(const Json& json) {
  WorkerMeasurement worker;
  worker.index = json.at("index");
  worker.pid = json.at("pid");
  worker.cpus_requested = json.at("cpus_requested");
  worker.cpus_effective = json.at("cpus_effective");
  worker.cpus_after_warmup = json.at("cpus_after_warmup");
  worker.threads_requested = json.at("threads_requested");
  worker.runtime = RuntimeFactsFromJson(json.at("runtime"));
  worker.runtime_at_end = RuntimeFactsFromJson(json.at("runtime_at_end"));
  worker.threads_requested_cpus = json.at("threads_requested_cpus").get<std::vector<std::string>>();
  worker.memory_requested = json.at("memory_requested");
  worker.after_binding = ReadbackFromJson(json.at("after_binding"));
  worker.after_warmup = ReadbackFromJson(json.at("after_warmup"));
  worker.at_end = ReadbackFromJson(json.at("at_end"));
  worker.os_threads = json.at("os_threads");
  worker.startup = StartupFromJson(json.at("startup"));
  worker.chunks = json.at("chunks");
  worker.items = json.at("items");
  worker.items_in_window = json.at("items_in_window");
  worker.use = UseFromJson(json.at("use"));
  worker.max_rss_bytes = json.at("max_rss_bytes");
  worker.pss_bytes = Optional<int64_t>(json.at("pss_bytes"));
  return worker;
}

void AddReport(const Json& report, std::optional<double> items_in_window,
               TrialMeasurement& measurement) {
  if (report.contains("system")) measurement.system = SystemUseFromJson(report.at("system"));
  for (const Json& worker : report.at("workers")) {
    measurement.workers.push_back(WorkerMeasurementFromJson(worker));
    if (items_in_window) measurement.workers.back().items_in_window = *items_in_window;
  }
}

}  // namespace coresweep
