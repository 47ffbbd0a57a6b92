#include "harness/core/gate_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/core/json_field.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

template <typename Enum, size_t count>
Enum OneOf(const std::array<Enum, count>& values, const std::string& name) {
  const auto* const found =
      std::find_if(values.begin(), values.end(), [&](Enum value) { return NameOf(value) == name; });
  if (found == values.end()) throw Error(fmt::format("gate: \"{}\" is unknown", name));
  return *found;
}

/// Never empty: an empty text of a fault says that there is none.
std::string FaultOf(const Launch& launch) {
  return launch.message.empty() ? std::string(ToString(launch.outcome)) : launch.message;
}

GateLaunch ResultOf(const Launch& launch, GateArm arm, const GateSetup& setup) {
  GateLaunch result;
  result.arm = arm;
  for (const GateMetric& metric : setup.metrics)
    result.values.push_back(launch.Metric(metric.name).value);
  switch (launch.outcome) {
    case Outcome::kIncorrect:
    case Outcome::kDisordered:
      result.integrity_fault = FaultOf(launch);
      break;
    case Outcome::kOk:
      if (launch.items <= 0) result.workload_fault = "not one item was answered";
      break;
    default:
      result.workload_fault = FaultOf(launch);
  }
  return result;
}

OrderedJson BuildsToJson(const std::array<int64_t, 2>& builds) {
  return {{"A", builds[0]}, {"B", builds[1]}};
}

std::array<int64_t, 2> BuildsFromJson(const Json& json) {
  const std::array<int64_t, 2> builds{FieldOf<int64_t>(json, "A"), FieldOf<int64_t>(json, "B")};
  if (builds[0] < 0 || builds[1] < 0) throw Error("gate: builds are below 0");
  return builds;
}

OrderedJson RuleToJson(const GateRule& rule) {
  return {{"tolerated", rule.tolerated},   {"must_catch", rule.must_catch},
          {"alpha", rule.alpha},           {"first_look", rule.first_look},
          {"look_every", rule.look_every}, {"most_blocks", rule.most_blocks}};
}

GateRule RuleFromJson(const Json& json) {
  return {FieldOf<double>(json, "tolerated"),   FieldOf<double>(json, "must_catch"),
          FieldOf<double>(json, "alpha"),       FieldOf<int64_t>(json, "first_look"),
          FieldOf<int64_t>(json, "look_every"), FieldOf<int64_t>(json, "most_blocks")};
}

}  // namespace

BlockResult ResultOf(const GateRecord& record, const GateSetup& setup) {
  BlockResult result;
  const auto arms = ArmsOf(record.block.order);
  for (size_t slot = 0; slot < record.launches.size() && slot < arms.size(); ++slot)
    result.launches.push_back(ResultOf(record.launches[slot], arms.at(slot), setup));
  result.invalid = record.invalid;
  return result;
}

std::string WhyInvalid(const std::vector<Launch>& launches) {
  for (const Launch& launch : launches) {
    const int cpus = launch.system.cpus;
    if (cpus > 0 && launches.front().system.cpus > 0 && cpus != launches.front().system.cpus) {
      return fmt::format("the CPUs that this container may use changed from {} to {}",
                         launches.front().system.cpus, cpus);
    }
  }
  return "";
}

void JudgeBurnIn(const BurnIn& burn_in, GateSession& session) {
  if (const std::string why = WhyUnfit(burn_in, session.Setup()); !why.empty()) session.Refuse(why);
}

GateSession Replay(const GateLog& log, const GateRecordAdded& added) {
  GateSession session(log.setup);
  if (log.burn_in) JudgeBurnIn(*log.burn_in, session);
  for (size_t i = 0; i < log.records.size(); ++i) {
    const GateRecord& record = log.records[i];
    const auto due = session.Next();
    if (!due || due->phase != record.block.phase || due->attempt != record.block.attempt ||
        due->order != record.block.order || due->builds != record.block.builds) {
      throw Error(fmt::format("block {} is not the one that this rule and seed ask for", i));
    }
    session.Add(ResultOf(record, log.setup));
    if (added) added(record, session);
  }
  if (!log.stopped.empty()) session.Stop(log.stopped);
  return session;
}

OrderedJson ToJson(const GateRecord& record) {
  OrderedJson launches = OrderedJson::array();
  const auto arms = ArmsOf(record.block.order);
  for (size_t slot = 0; slot < record.launches.size(); ++slot) {
    OrderedJson launch = {{"arm", NameOf(arms.at(slot))}};
    launch.update(ToJson(record.launches[slot]));
    launches.push_back(std::move(launch));
  }
  OrderedJson json = {
      {"phase", NameOf(record.block.phase)},
      {"attempt", record.block.attempt},
      {"order", NameOf(record.block.order)},
      {"started_unix_ms", record.started_unix_ms},
      {"invalid", record.invalid.empty() ? OrderedJson(nullptr) : OrderedJson(record.invalid)},
      {"launches", std::move(launches)}};
  if (record.block.builds) json["builds"] = BuildsToJson(*record.block.builds);
  if (record.machine) json["machine"] = ToJson(*record.machine);
  return json;
}

OrderedJson ToJson(const GateSetup& setup) {
  OrderedJson metrics = OrderedJson::array();
  for (const GateMetric& metric : setup.metrics) {
    metrics.push_back({{"name", metric.name},
                       {"unit", metric.unit},
                       {"higher_is_better", metric.higher_is_better}});
  }
  return {{"rule", RuleToJson(setup.rule)},
          {"metrics", std::move(metrics)},
          {"seed", setup.seed},
          {"block_value", NameOf(setup.block_value)},
          {"identical_arms", setup.identical_arms},
          {"same_arms_asked", setup.same_arms_asked},
          {"builds", BuildsToJson(setup.builds)}};
}

GateRecord GateRecordFromJson(const Json& json) {
  GateRecord record;
  record.block.phase =
      OneOf(std::array{GatePhase::kMain, GatePhase::kConfirmation, GatePhase::kNullControl},
            FieldOf<std::string>(json, "phase"));
  record.block.attempt = FieldOf<int64_t>(json, "attempt");
  record.block.order =
      OneOf(std::array{BlockOrder::kAbba, BlockOrder::kBaab}, FieldOf<std::string>(json, "order"));
  record.started_unix_ms = FieldOf<int64_t>(json, "started_unix_ms");
  const Json invalid = FieldOf<Json>(json, "invalid");
  if (invalid.is_string()) record.invalid = invalid.get<std::string>();
  if (json.contains("builds")) record.block.builds = BuildsFromJson(json["builds"]);
  if (json.contains("machine") && !json["machine"].is_null())
    record.machine = BlockMachineFromJson(json["machine"]);
  const auto launches = FieldOf<Json::array_t>(json, "launches");
  const auto arms = ArmsOf(record.block.order);
  if (launches.size() > arms.size())
    throw Error("gate: launches of a block are a list of at most 4");
  for (size_t slot = 0; slot < launches.size(); ++slot) {
    const auto arm = FieldOf<std::string>(launches[slot], "arm");
    if (arm != NameOf(arms.at(slot))) {
      throw Error(fmt::format("gate: launch {} of a block {} is of arm \"{}\"", slot + 1,
                              NameOf(record.block.order), arm));
    }
    record.launches.push_back(LaunchFromJson(launches[slot]));
  }
  return record;
}

GateSetup GateSetupFromJson(const Json& json) {
  GateSetup setup;
  setup.rule = RuleFromJson(FieldOf<Json>(json, "rule"));
  for (const Json& metric : FieldOf<Json::array_t>(json, "metrics")) {
    const auto name = FieldOf<std::string>(metric, "name");
    if (FindLaunchMetric(name) == nullptr)
      throw Error(fmt::format("gate: metric \"{}\" is unknown", name));
    setup.metrics.push_back(
        {name, FieldOf<std::string>(metric, "unit"), FieldOf<bool>(metric, "higher_is_better")});
  }
  setup.seed = FieldOf<uint64_t>(json, "seed");
  const auto value = FieldOf<std::string>(json, "block_value");
  const auto block_value = ParseBlockValue(value);
  if (!block_value) throw Error(fmt::format("gate: block_value \"{}\" is unknown", value));
  setup.block_value = *block_value;
  setup.identical_arms = FieldOf<bool>(json, "identical_arms");
  setup.same_arms_asked = FieldOf<bool>(json, "same_arms_asked");
  if (json.contains("builds")) setup.builds = BuildsFromJson(json["builds"]);
  if ((setup.builds[0] > 0) != (setup.builds[1] > 0))
    throw Error("gate: builds are of one arm alone");
  return setup;
}

}  // namespace coresweep
