#include "harness/run/worker_setup.h"

#include <nlohmann/json.hpp>

#include "harness/core/json_optional.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

Json TensorsToJson(const std::vector<TensorSpec>& tensors) {
  Json list = Json::array();
  for (const TensorSpec& tensor : tensors) {
    list.push_back({{"dtype", ToString(tensor.dtype)}, {"shape", tensor.shape}});
  }
  return list;
}

std::vector<TensorSpec> TensorsFromJson(const Json& list) {
  std::vector<TensorSpec> tensors;
  for (const Json& json : list) {
    tensors.push_back({ParseDType(json.at("dtype").get<std::string>()).value(),
                       json.at("shape").get<std::vector<int64_t>>()});
  }
  return tensors;
}

Json LayoutToJson(const ItemLayout& layout) {
  return {{"tensors", TensorsToJson(layout.tensors)}, {"sizing", ToString(layout.sizing)}};
}

ItemLayout LayoutFromJson(const Json& json) {
  return ItemLayout(TensorsFromJson(json.at("tensors")),
                    ParseSizing(json.at("sizing").get<std::string>()).value());
}

Json SpecToJson(const WorkloadSpec& spec) {
  return {{"name", spec.name},
          {"model", spec.model},
          {"inputs", spec.inputs},
          {"input_specs", TensorsToJson(spec.input_specs)},
          {"options", spec.options},
          {"items", OrNull(spec.items)},
          {"least_items", spec.least_items},
          {"seed", spec.seed}};
}

WorkloadSpec SpecFromJson(const Json& json) {
  WorkloadSpec spec;
  spec.name = json.at("name");
  spec.model = json.at("model");
  spec.inputs = json.at("inputs");
  spec.input_specs = TensorsFromJson(json.at("input_specs"));
  spec.options = json.at("options").get<std::map<std::string, std::string>>();
  spec.items = Optional<int64_t>(json.at("items"));
  spec.least_items = json.at("least_items");
  spec.seed = json.at("seed");
  return spec;
}

Json ToleranceToJson(Tolerance tolerance) {
  return {{"absolute", tolerance.absolute}, {"relative", tolerance.relative}};
}

Tolerance ToleranceFromJson(const Json& json) {
  return {json.at("absolute"), json.at("relative")};
}

Json PlacesToJson(const std::vector<InstancePlace>& places) {
  Json list = Json::array();
  for (const InstancePlace& place : places) {
    list.push_back(
        {{"cpus", place.cpus}, {"threads", place.threads}, {"numa_nodes", place.numa_nodes}});
  }
  return list;
}

std::vector<InstancePlace> PlacesFromJson(const Json& list) {
  std::vector<InstancePlace> places;
  for (const Json& json : list) {
    places.push_back({json.at("cpus"), json.at("threads").get<std::vector<std::string>>(),
                      json.at("numa_nodes").get<std::vector<int>>()});
  }
  return places;
}

Json SourcesToJson(const std::optional<SystemSources>& sources) {
  if (!sources) return nullptr;
  return {{"cpu_stat", sources->cpu_stat_path},
          {"cpu_pressure", sources->cpu_pressure_path},
          {"memory_pressure", sources->memory_pressure_path},
          {"io_pressure", sources->io_pressure_path},
          {"proc_stat", sources->proc_stat_path},
          {"cpus", sources->cpus.ToList()}};
}

std::optional<SystemSources> SourcesFromJson(const Json& json) {
  if (json.is_null()) return std::nullopt;
  SystemSources sources;
  sources.cpu_stat_path = json.at("cpu_stat");
  sources.cpu_pressure_path = json.at("cpu_pressure");
  sources.memory_pressure_path = json.at("memory_pressure");
  sources.io_pressure_path = json.at("io_pressure");
  sources.proc_stat_path = json.at("proc_stat");
  sources.cpus = CpuSet::Parse(json.at("cpus").get<std::string>()).value();
  return sources;
}

}  // namespace

Json ToJson(const ChannelShape& shape) {
  return {{"request_bytes", shape.request_bytes},
          {"answer_bytes", shape.answer_bytes},
          {"credit", shape.credit},
          {"requests", shape.requests},
          {"held_answers", shape.held_answers},
          {"lent_bytes", shape.lent.bytes},
          {"generation", shape.generation},
          {"spin_ns", shape.spin_ns}};
}

ChannelShape ChannelShapeFromJson(const Json& json) {
  ChannelShape shape;
  shape.request_bytes = json.at("request_bytes");
  shape.answer_bytes = json.at("answer_bytes");
  shape.credit = json.at("credit");
  shape.requests = json.at("requests");
  shape.held_answers = json.at("held_answers");
  shape.lent.bytes = json.at("lent_bytes");
  shape.generation = json.at("generation");
  shape.spin_ns = json.at("spin_ns");
  return shape;
}

Json ToJson(const WorkerSetup& setup) {
  return {
      {"role", static_cast<int>(setup.role)},
      {"parent_pid", setup.parent_pid},
      {"spawned_ns", setup.spawned_ns},
      {"startup_timeout_s", setup.startup_timeout_s},
      {"workload", SpecToJson(setup.workload)},
      {"index", setup.index},
      {"stride", setup.stride},
      {"threads", setup.threads},
      {"places", PlacesToJson(setup.places)},
      {"system_sources", SourcesToJson(setup.system_sources)},
      {"chunks", setup.chunks},
      {"transport", setup.transport},
      {"shape", ToJson(setup.shape)},
      {"board", {{"capacity", setup.board.capacity}, {"answer_bytes", setup.board.answer_bytes}}},
      {"digests_offset", setup.reference.digests_offset},
      {"answers_offset", setup.reference.answers_offset},
      {"info", ToJson(setup.info)},
      {"scribbles", setup.scribbles},
      {"fault", setup.fault},
      {"memory_limit_bytes", setup.memory_limit_bytes}};
}

WorkerSetup WorkerSetupFromJson(const Json& json) {
  WorkerSetup setup;
  setup.role = static_cast<WorkerRole>(json.at("role").get<int>());
  setup.parent_pid = json.at("parent_pid");
  setup.spawned_ns = json.at("spawned_ns");
  setup.startup_timeout_s = json.at("startup_timeout_s");
  setup.workload = SpecFromJson(json.at("workload"));
  setup.index = json.at("index");
  setup.stride = json.at("stride");
  setup.threads = json.at("threads");
  setup.places = PlacesFromJson(json.at("places"));
  setup.system_sources = SourcesFromJson(json.at("system_sources"));
  setup.chunks = json.at("chunks").get<std::vector<int64_t>>();
  setup.transport = json.at("transport");
  setup.shape = ChannelShapeFromJson(json.at("shape"));
  setup.board = {json.at("board").at("capacity"), json.at("board").at("answer_bytes")};
  setup.reference = {json.at("digests_offset"), json.at("answers_offset")};
  setup.info = WorkloadInfoFromJson(json.at("info"));
  setup.scribbles = json.at("scribbles");
  setup.fault = json.at("fault");
  setup.memory_limit_bytes = json.at("memory_limit_bytes");
  return setup;
}

Json ToJson(const WorkloadInfo& info) {
  return {{"item", LayoutToJson(info.item)},
          {"answer", LayoutToJson(info.answer)},
          {"items", info.items},
          {"tolerance", ToleranceToJson(info.tolerance)},
          {"digest", info.digest},
          {"facts", info.facts}};
}

WorkloadInfo WorkloadInfoFromJson(const Json& json) {
  WorkloadInfo info;
  info.item = LayoutFromJson(json.at("item"));
  info.answer = LayoutFromJson(json.at("answer"));
  info.items = json.at("items");
  info.tolerance = ToleranceFromJson(json.at("tolerance"));
  info.digest = json.at("digest");
  info.facts = json.at("facts").get<std::map<std::string, std::string>>();
  return info;
}

}  // namespace coresweep
