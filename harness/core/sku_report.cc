#include "harness/core/sku_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string_view>
#include <unordered_map>

#include "harness/base/error.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

/// The value of `key`; null where there is none.
const Json& ValueAt(const Json& json, std::string_view key) {
  static const Json null;
  if (!json.is_object()) return null;
  const auto found = json.find(key);
  return found == json.end() ? null : *found;
}

std::string TextAt(const Json& json, std::string_view key) {
  const Json& value = ValueAt(json, key);
  return value.is_string() ? value.get<std::string>() : "";
}

std::optional<double> NumberAt(const Json& json, std::string_view key) {
  const Json& value = ValueAt(json, key);
  if (!value.is_number()) return std::nullopt;
  return value.get<double>();
}

/// "a=1, b=x" of some keys of an object; those it lacks are left out.
std::string KeysAsText(const Json& json, std::initializer_list<std::string_view> keys) {
  std::string text;
  for (const std::string_view key : keys) {
    const Json& value = ValueAt(json, key);
    if (value.is_null()) continue;
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", key,
                        value.is_string() ? value.get<std::string>() : value.dump());
  }
  return text;
}

std::vector<std::pair<std::string, std::string>> SkuIdentityOf(const Json& report) {
  const Json& workload = ValueAt(report, "workload");
  const Json& effective = ValueAt(ValueAt(report, "config"), "effective");
  const std::string seed = KeysAsText(effective, {"seed"});
  const std::vector<std::string> values{
      KeysAsText(workload, {"model", "digest"}),
      KeysAsText(workload, {"name"}) + ", " + KeysAsText(effective, {"options"}),
      KeysAsText(workload, {"items"}) + ", " + seed,
      KeysAsText(ValueAt(report, "tool"), {"version", "compiler", "build_type", "with_torch"}) +
          ", " + KeysAsText(ValueAt(workload, "runtime"), {"library", "blas_kind"}),
      KeysAsText(effective, {"window_s", "warmup_s", "order", "on_worker_death", "worker_start",
                             "work_items", "fault", "fault_cell"})};
  std::vector<std::pair<std::string, std::string>> identity;
  for (size_t i = 0; i < values.size(); ++i)
    identity.emplace_back(SkuIdentityNames()[i], values[i]);
  return identity;
}

SkuLimits LimitsOf(const Json& host) {
  const Json& cpus = ValueAt(host, "cpu_limits");
  return {NumberAt(ValueAt(cpus, "allowed"), "value"), NumberAt(ValueAt(cpus, "quota"), "value"),
          NumberAt(ValueAt(cpus, "measured"), "value"),
          NumberAt(ValueAt(host, "memory_limit_bytes"), "value")};
}

std::vector<SkuCell> CellsOf(const Json& report, std::vector<CostedCell> costed) {
  std::unordered_map<std::string, const Json*> by_id;
  for (const Json& json : report.at("cells"))
    by_id.emplace(json.at("id").get<std::string>(), &json);
  std::vector<SkuCell> cells;
  cells.reserve(costed.size());
  for (CostedCell& one : costed) {
    const Json& json = *by_id.at(one.id);
    const Json& latency = ValueAt(json, "latency");
    cells.push_back({std::move(one), NumberAt(latency, "p50"), NumberAt(latency, "p99"),
                     NumberAt(ValueAt(json, "speedup"), "median")});
  }
  return cells;
}

}  // namespace

std::optional<double> SkuLimits::NominalCpus() const {
  return quota ? quota : allowed;
}

std::optional<double> SkuLimits::UsableCpus() const {
  std::optional<double> least;
  for (const auto& figure : {allowed, quota, measured})
    if (figure) least = std::min(least.value_or(*figure), *figure);
  return least;
}

std::string SkuLimits::Description() const {
  constexpr double kGiB = 1024.0 * 1024 * 1024;
  const auto nominal = NominalCpus();
  return fmt::format(
      "{}, {}", nominal ? fmt::format("{:.3g} CPUs", *nominal) : "CPUs unknown",
      memory_bytes ? fmt::format("{:.3g} GiB", *memory_bytes / kGiB) : "no memory limit");
}

const std::vector<std::string>& SkuIdentityNames() {
  static const std::vector<std::string> names{"model", "workload", "items", "build", "measuring"};
  return names;
}

SkuReport ReadSkuReport(const Json& report, const std::string& origin) {
  CostedRun run = ReadCostedRun(report, origin);
  try {
    SkuReport read;
    read.file = origin;
    read.created = TextAt(report, "created");
    const Json& container = ValueAt(report, "container");
    read.sku = TextAt(container, "sku");
    read.instance = TextAt(container, "instance");
    read.boot = TextAt(container, "boot");
    const Json& host = ValueAt(report, "host");
    read.cpu_model = TextAt(host, "cpu_model");
    read.architecture = run.architecture.empty() ? TextAt(host, "architecture") : run.architecture;
    read.limits = LimitsOf(host);
    read.finished = ValueAt(report, "finished") == true;
    read.identity = SkuIdentityOf(report);
    const Json& search = ValueAt(report, "search");
    read.searched = search.is_object();
    read.choice = TextAt(search, "choice");
    read.cells = CellsOf(report, std::move(run.cells));
    return read;
  } catch (const Json::exception& error) {
    throw UsageError(fmt::format("{}: damaged: {}", origin, error.what()));
  }
}

}  // namespace coresweep
