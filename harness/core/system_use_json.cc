#include "harness/core/system_use_json.h"

#include <nlohmann/json.hpp>

#include "harness/core/json_optional.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

Json ThrottleToJson(const std::optional<ThrottleDelta>& throttle) {
  if (!throttle) return nullptr;
  return {{"periods", throttle->periods},
          {"throttled_periods", throttle->throttled_periods},
          {"throttled_ns", throttle->throttled_ns}};
}

std::optional<ThrottleDelta> ThrottleFromJson(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return ThrottleDelta{json.at("periods"), json.at("throttled_periods"), json.at("throttled_ns")};
}

Json PressureToJson(const std::optional<PressureDelta>& pressure) {
  if (!pressure) return nullptr;
  return {{"source", pressure->source},
          {"cpu_ns", OrNull(pressure->cpu_ns)},
          {"memory_ns", OrNull(pressure->memory_ns)},
          {"io_ns", OrNull(pressure->io_ns)}};
}

std::optional<PressureDelta> PressureFromJson(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return PressureDelta{json.at("source"), Optional<int64_t>(json.at("cpu_ns")),
                       Optional<int64_t>(json.at("memory_ns")),
                       Optional<int64_t>(json.at("io_ns"))};
}

}  // namespace

Json ToJson(const SystemUse& use) {
  const auto& [interval_ns, throttle, pressure, steal_ns, busy_ns, cpus] = use;
  return {{"interval_ns", interval_ns},           {"throttle", ThrottleToJson(throttle)},
          {"pressure", PressureToJson(pressure)}, {"steal_ns", OrNull(steal_ns)},
          {"busy_ns", OrNull(busy_ns)},           {"cpus", cpus}};
}

SystemUse SystemUseFromJson(const Json& json) {
  SystemUse use;
  use.interval_ns = json.at("interval_ns");
  use.throttle = ThrottleFromJson(json.at("throttle"));
  use.pressure = PressureFromJson(json.at("pressure"));
  use.steal_ns = Optional<int64_t>(json.at("steal_ns"));
  use.busy_ns = Optional<int64_t>(json.at("busy_ns"));
  use.cpus = json.at("cpus");
  return use;
}

}  // namespace coresweep
