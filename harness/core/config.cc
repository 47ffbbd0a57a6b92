#include "harness/core/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/core/config_field.h"
#include "harness/core/config_load.h"
#include "harness/core/duration.h"
#include "harness/core/placement.h"
#include "harness/core/sku_label.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

constexpr int64_t kMostWorkers = 4096;
constexpr int64_t kMostThreads = 1024;
constexpr int64_t kMostCredit = 1024;
constexpr int64_t kMostItems = int64_t{1} << 32;
constexpr int64_t kMostWork = int64_t{1} << 52;

CountAxis ReadCounts(const Field& field, int64_t most) {
  const auto is_auto = [](const Json& value) { return value.is_string() && value == "auto"; };
  const Json& json = field.json();
  if (is_auto(json) || (json.is_array() && json.size() == 1 && is_auto(json[0]))) return {true, {}};
  const auto read = [most](const Field& element) {
    if (!element.json().is_number_integer()) {
      element.Fail("a whole number or \"auto\" alone");
    }
    return static_cast<int>(element.Int(1, most));
  };
  return {false, field.List<int>(read, "a whole number or \"auto\"")};
}

template <typename Names>
std::string OneOf(const Names& names) {
  return fmt::format("one of {}", fmt::join(names, ", "));
}

std::string ReadPlacement(const Field& field) {
  try {
    return CanonicalPolicy(field.Text());
  } catch (const UsageError& error) {
    field.Fail(fmt::format("a placement policy ({})", error.what()));
  }
}

/// A text that `parse` knows; `expected` names them.
template <typename Enum>
Enum ReadName(const Field& field, std::optional<Enum> (*parse)(std::string_view),
              const std::string& expected) {
  const auto value = field.json().is_string() ? parse(field.Text()) : std::nullopt;
  if (!value) field.Fail(expected);
  return *value;
}

Width ReadWidth(const Field& field) {
  return ReadName(field, ParseWidth, "one of pu, core, object");
}

DispatcherPlace ReadDispatcherPlace(const Field& field) {
  return ReadName(field, ParseDispatcherPlace, "one of unpinned, own, beside");
}

Dispatch ReadDispatch(const Field& field) {
  return ReadName(field, ParseDispatch, OneOf(DispatchNames()));
}

Wait ReadWait(const Field& field) {
  return ReadName(field, ParseWait, OneOf(WaitNames()));
}

double ReadDuration(const Field& field) {
  const Json& json = field.json();
  const auto seconds = SecondsOf(json.is_string() ? json.get<std::string>() : json.dump());
  if (!seconds) field.Fail(kDurationWords);
  return *seconds;
}

/// 0 for "auto".
int ReadCredit(const Field& field) {
  const Json& json = field.json();
  if (json.is_string() && json == "auto") return 0;
  if (!json.is_number_integer()) {
    field.Fail(fmt::format("a whole number from 1 to {} or \"auto\"", kMostCredit));
  }
  return static_cast<int>(field.Int(1, kMostCredit));
}

std::string ReadTransport(const Field& field) {
  const auto names = TransportNames();
  std::string text = field.json().is_string() ? field.Text() : "";
  if (std::find(names.begin(), names.end(), text) == names.end()) field.Fail(OneOf(names));
  return text;
}

std::string ReadSku(const Field& field) {
  std::string text = field.json().is_string() ? field.Text() : "";
  if (!IsSkuLabel(text)) field.Fail(kSkuLabelWords);
  return text;
}

Mode ReadMode(const Field& field) {
  return ReadName(field, ParseMode, "one of serial, independent, threads, processes");
}

std::vector<int64_t> ReadShape(const Field& field) {
  if (!field.json().is_array()) field.Fail("the shape of one item, as 3,224,224");
  std::vector<int64_t> shape;
  for (const Json& size : field.json()) {
    shape.push_back(Field(size, field.where()).Int(1, int64_t{1} << 32));
  }
  return shape;
}

/// A shape, or a list of shapes for a model of several inputs.
std::vector<std::vector<int64_t>> ReadShapes(const Field& field) {
  const Json& json = field.json();
  if (!json.is_array() || json.empty() || !json[0].is_array()) return {ReadShape(field)};
  std::vector<std::vector<int64_t>> shapes;
  for (const Json& shape : json)
    shapes.push_back(ReadShape(Field(shape, field.where())));
  return shapes;
}

DType ReadDType(const Field& field) {
  const auto dtype = field.json().is_string() ? ParseDType(field.Text()) : std::nullopt;
  if (!dtype) {
    field.Fail(
        "one of float32, float64, float16, bfloat16, int64, int32, int16, int8, uint8, bool");
  }
  return *dtype;
}

std::string ReadOptionValue(const Field& field) {
  const Json& json = field.json();
  if (json.is_string()) return json.get<std::string>();
  if (json.is_number() || json.is_boolean()) return json.dump();
  field.Fail("a text, number or truth value");
}

void ReadOptions(const Field& field, WorkloadSpec& spec) {
  if (!field.json().is_object()) field.Fail("an object of option names and values");
  for (const auto& [key, value] : field.json().items()) {
    spec.options[key] = ReadOptionValue(Field(value, field.where() + "." + key));
  }
}

void ReadSearch(const Field& field, SweepConfig& config) {
  if (field.json().is_string() && field.Text() == "grid") return;
  config.search = ReadName(field, ParseSearchMode, "one of grid, quick, certified, all");
}

struct KeyRule {
  const char* key;
  void (*read)(const Field&, SweepConfig&);
};

/// Every key of a suite; the option of the command line has the same name with dashes.
const std::vector<KeyRule>& Rules() {
  static const std::vector<KeyRule> rules = {
      {"name", [](const Field& f, SweepConfig& c) { c.name = f.Text(); }},
      {"sku", [](const Field& f, SweepConfig& c) { c.sku = ReadSku(f); }},
      {"workload", [](const Field& f, SweepConfig& c) { c.workload.name = f.Text(); }},
      {"model", [](const Field& f, SweepConfig& c) { c.workload.model = f.Text(); }},
      {"inputs", [](const Field& f, SweepConfig& c) { c.workload.inputs = f.Text(); }},
      {"input_shape", [](const Field&, SweepConfig&) {}},  // with input_dtype: ReadInputSpecs
      {"input_dtype", [](const Field&, SweepConfig&) {}},
      {"items", [](const Field& f, SweepConfig& c) { c.workload.items = f.Int(1, kMostItems); }},
      {"options", [](const Field& f, SweepConfig& c) { ReadOptions(f, c.workload); }},
      {"modes", [](const Field& f, SweepConfig& c) { c.modes = f.List<Mode>(ReadMode, "a mode"); }},
      {"workers", [](const Field& f, SweepConfig& c) { c.workers = ReadCounts(f, kMostWorkers); }},
      {"threads", [](const Field& f, SweepConfig& c) { c.threads = ReadCounts(f, kMostThreads); }},
      {"placement",
       [](const Field& f, SweepConfig& c) {
         c.placements = f.List<std::string>(ReadPlacement, "a placement policy");
       }},
      {"width",
       [](const Field& f, SweepConfig& c) { c.widths = f.List<Width>(ReadWidth, "a width"); }},
      {"dispatcher",
       [](const Field& f, SweepConfig& c) {
         c.dispatchers = f.List<DispatcherPlace>(ReadDispatcherPlace, "a place of the dispatcher");
       }},
      {"chunk",
       [](const Field& f, SweepConfig& c) {
         c.chunks =
             f.List<int64_t>([](const Field& e) { return e.Int(1, 1'000'000); }, "a whole number");
       }},
      {"transport",
       [](const Field& f, SweepConfig& c) {
         c.transports = f.List<std::string>(ReadTransport, "a transport");
       }},
      {"dispatch",
       [](const Field& f, SweepConfig& c) {
         c.dispatches = f.List<Dispatch>(ReadDispatch, "a kind of dispatch");
       }},
      {"credit",
       [](const Field& f, SweepConfig& c) {
         c.credits = f.List<int>(ReadCredit, "a whole number or \"auto\"");
       }},
      {"wait",
       [](const Field& f, SweepConfig& c) { c.waits = f.List<Wait>(ReadWait, "a way to wait"); }},
      {"load", ReadLoad},
      {"arrivals", ReadArrivals},
      {"rate", ReadRates},
      {"latency_bound_ms", ReadLatencyBound},
      {"scenario", ReadScenario},
      {"order", [](const Field& f,
                   SweepConfig& c) { c.order = ReadName(f, ParseOrder, OneOf(OrderNames())); }},
      {"on_worker_death",
       [](const Field& f, SweepConfig& c) {
         c.on_worker_death = ReadName(f, ParseOnWorkerDeath, OneOf(OnWorkerDeathNames()));
       }},
      {"worker_start",
       [](const Field& f, SweepConfig& c) {
         c.worker_start = ReadName(f, ParseWorkerStart, OneOf(WorkerStartNames()));
       }},
      {"repetitions",
       [](const Field& f, SweepConfig& c) { c.repetitions = static_cast<int>(f.Int(1, 1000)); }},
      {"search", ReadSearch},
      {"reference_every",
       [](const Field& f, SweepConfig& c) {
         c.reference_every = static_cast<int>(f.Int(0, 1000));
       }},
      {"seed", [](const Field& f, SweepConfig& c) { c.seed = f.Unsigned(); }},
      {"window_s", [](const Field& f, SweepConfig& c) { c.window_s = f.Seconds(0.001, 86400); }},
      {"work_items", [](const Field& f, SweepConfig& c) { c.work_items = f.Int(0, kMostWork); }},
      {"warmup_s", [](const Field& f, SweepConfig& c) { c.warmup_s = f.Seconds(0, 86400); }},
      {"measure_cpus_s",
       [](const Field& f, SweepConfig& c) { c.measure_cpus_s = f.Seconds(0, 60); }},
      {"startup_timeout_s",
       [](const Field& f, SweepConfig& c) { c.startup_timeout_s = f.Seconds(0.1, 86400); }},
      {"chunk_timeout_s",
       [](const Field& f, SweepConfig& c) { c.chunk_timeout_s = f.Seconds(0.01, 86400); }},
      {"budget", [](const Field& f, SweepConfig& c) { c.budget_s = ReadDuration(f); }},
      {"fault", [](const Field& f, SweepConfig& c) { c.fault = f.Text(); }},
      {"fault_cell", [](const Field& f, SweepConfig& c) { c.fault_cell = f.Text(); }},
  };
  return rules;
}

std::string Where(const ConfigOrigins& origins, const std::string& key) {
  const auto it = origins.find(key);
  return it == origins.end() ? key : it->second;
}

void ReadInputSpecs(const Json& merged, const ConfigOrigins& origins, WorkloadSpec& spec) {
  if (!merged.contains("input_shape")) {
    if (merged.contains("input_dtype")) {
      throw UsageError(Where(origins, "input_dtype") + ": give the shape too (--input-shape)");
    }
    return;
  }
  const Field shape_field(merged["input_shape"], Where(origins, "input_shape"));
  const auto shapes = ReadShapes(shape_field);
  std::vector<DType> dtypes{DType::kFloat32};
  if (merged.contains("input_dtype")) {
    const Field field(merged["input_dtype"], Where(origins, "input_dtype"));
    dtypes.clear();
    if (!field.json().is_array()) dtypes.push_back(ReadDType(field));
    for (const Json& name : field.json().is_array() ? field.json() : Json::array()) {
      dtypes.push_back(ReadDType(Field(name, field.where())));
    }
    if (dtypes.size() != 1 && dtypes.size() != shapes.size()) {
      field.Fail(fmt::format("one type, or one for each of the {} shapes", shapes.size()));
    }
  }
  for (size_t i = 0; i < shapes.size(); ++i) {
    spec.input_specs.push_back({dtypes[dtypes.size() == 1 ? 0 : i], shapes[i]});
  }
}

nlohmann::ordered_json CreditsToJson(const std::vector<int>& credits) {
  auto json = nlohmann::ordered_json::array();
  for (const int credit : credits) {
    if (credit == 0) {
      json.push_back("auto");
    } else {
      json.push_back(credit);
    }
  }
  return json;
}

nlohmann::ordered_json AxisToJson(const CountAxis& axis) {
  if (axis.automatic) return "auto";
  return axis.values;
}

template <typename Enum>
nlohmann::ordered_json NamesToJson(const std::vector<Enum>& values) {
  auto names = nlohmann::ordered_json::array();
  for (const Enum value : values)
    names.push_back(ToString(value));
  return names;
}

void InputSpecsToJson(const WorkloadSpec& spec, nlohmann::ordered_json& json) {
  if (spec.input_specs.empty()) return;
  auto shapes = nlohmann::ordered_json::array();
  auto dtypes = nlohmann::ordered_json::array();
  for (const TensorSpec& tensor : spec.input_specs) {
    shapes.push_back(tensor.shape);
    dtypes.push_back(ToString(tensor.dtype));
  }
  json["input_shape"] = shapes;
  json["input_dtype"] = dtypes;
}

/// A search has a number of passes of its own and needs references.
void ApplySearch(const Json& merged, const ConfigOrigins& origins, SweepConfig& config) {
  if (!config.search) return;
  if (config.open_load) {
    throw UsageError(fmt::format(
        "{}: {} compares throughputs, which under open load are what was asked for; use "
        "load closed, or --search grid",
        Where(origins, "search"), ToString(*config.search)));
  }
  SearchPlan plan;
  plan.mode = *config.search;
  if (!merged.contains("repetitions")) config.repetitions = PassesOf(plan);
  if (config.reference_every == 0) {
    throw UsageError(
        fmt::format("{}: 0, but --search {} sets every launch against launches of the reference; "
                    "use 1 or more, or --search grid",
                    Where(origins, "reference_every"), ToString(*config.search)));
  }
}

}  // namespace

SweepConfig ParseConfig(const Json& merged, const ConfigOrigins& origins) {
  if (!merged.is_object()) throw UsageError("the suite must be a JSON object of keys and values");
  SweepConfig config;
  for (const auto& [key, value] : merged.items()) {
    const auto rule = std::find_if(Rules().begin(), Rules().end(),
                                   [&key = key](const KeyRule& r) { return key == r.key; });
    if (rule == Rules().end()) {
      throw UsageError(fmt::format("{}: unknown key; known are {}", Where(origins, key),
                                   fmt::join(ConfigKeys(), ", ")));
    }
    rule->read(Field(value, Where(origins, key)), config);
  }
  if (config.workload.name.empty()) {
    throw UsageError("no workload: name one with --workload or the key \"workload\"");
  }
  ReadInputSpecs(merged, origins, config.workload);
  ResolveLoad(merged, origins, config);
  ApplySearch(merged, origins, config);
  config.workload.seed = config.seed;
  config.workload.least_items = *std::max_element(config.chunks.begin(), config.chunks.end());
  return config;
}

nlohmann::ordered_json ToJson(const SweepConfig& config) {
  nlohmann::ordered_json json;
  json["name"] = config.name;
  if (!config.sku.empty()) json["sku"] = config.sku;
  json["workload"] = config.workload.name;
  if (!config.workload.model.empty()) json["model"] = config.workload.model;
  if (!config.workload.inputs.empty()) json["inputs"] = config.workload.inputs;
  InputSpecsToJson(config.workload, json);
  if (config.workload.items) json["items"] = *config.workload.items;
  json["options"] = nlohmann::ordered_json::object();
  for (const auto& [key, value] : config.workload.options)
    json["options"][key] = value;
  json["modes"] = NamesToJson(config.modes);
  json["workers"] = AxisToJson(config.workers);
  json["threads"] = AxisToJson(config.threads);
  json["placement"] = config.placements;
  json["width"] = NamesToJson(config.widths);
  json["dispatcher"] = NamesToJson(config.dispatchers);
  json["chunk"] = config.chunks;
  json["transport"] = config.transports;
  json["dispatch"] = NamesToJson(config.dispatches);
  json["credit"] = CreditsToJson(config.credits);
  json["wait"] = NamesToJson(config.waits);
  LoadToJson(config, json);
  json["order"] = ToString(config.order);
  json["on_worker_death"] = ToString(config.on_worker_death);
  json["worker_start"] = ToString(config.worker_start);
  json["repetitions"] = config.repetitions;
  json["search"] = config.search ? ToString(*config.search) : "grid";
  json["reference_every"] = config.reference_every;
  json["seed"] = config.seed;
  json["window_s"] = config.window_s;
  if (config.work_items > 0) json["work_items"] = config.work_items;
  json["warmup_s"] = config.warmup_s;
  json["measure_cpus_s"] = config.measure_cpus_s;
  json["startup_timeout_s"] = config.startup_timeout_s;
  if (config.chunk_timeout_s) json["chunk_timeout_s"] = *config.chunk_timeout_s;
  if (config.budget_s) json["budget"] = *config.budget_s;
  if (!config.fault.empty()) json["fault"] = config.fault;
  if (!config.fault_cell.empty()) json["fault_cell"] = config.fault_cell;
  return json;
}

const std::vector<std::string>& ConfigKeys() {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> names;
    for (const KeyRule& rule : Rules())
      names.emplace_back(rule.key);
    return names;
  }();
  return keys;
}

}  // namespace coresweep
