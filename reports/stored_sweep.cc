#include "reports/stored_sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/core/config.h"
#include "harness/core/duration.h"
#include "harness/core/search_schedule.h"
#include "harness/core/trial_replay.h"
#include "reports/load_json.h"
#include "reports/report_schema.h"
#include "reports/stored_trial.h"
#include "reports/stored_values.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

constexpr int kLeastMinor = 3;  ///< the first that holds what figures are made from

/// The value that the text json[name] stands for.
template <typename Parse>
auto NamedValue(const Json& json, const char* name, Parse parse) {
  const auto text = FieldOf<std::string>(json, name);
  const auto value = parse(text);
  if (!value) throw Error(fmt::format("{} \"{}\" is unknown", name, text));
  return *value;
}

/// One of the rates of the configuration, which are exact.
Load LoadFromReport(const Json& json, const SweepConfig& config) {
  if (FieldOf<std::string>(json, "load") != LoadKind(true)) return {};
  const Json& wanted = PartOf(json, "rate");
  const Arrivals arrivals = NamedValue(json, "arrivals", ParseArrivals);
  for (const Rate& rate : config.rates) {
    const Load load{true, arrivals, rate.per_s, rate.share};
    if (Json(RateJson(load)) == wanted) return load;
  }
  throw Error("rate is none of the configuration's");
}

Cell CellFromReport(const Json& json, const SweepConfig& config) {
  Cell cell;
  cell.mode = NamedValue(json, "mode", ParseMode);
  cell.workers = FieldOf<int>(json, "workers");
  cell.threads = FieldOf<int>(json, "threads");
  cell.placement = FieldOf<std::string>(json, "placement");
  cell.chunk = FieldOf<int64_t>(json, "chunk");
  cell.transport = FieldOf<std::string>(json, "transport");
  cell.width = NamedValue(json, "width", ParseWidth);
  if (cell.mode != Mode::kProcesses) return cell;
  cell.dispatcher = NamedValue(json, "dispatcher", ParseDispatcherPlace);
  cell.dispatch = NamedValue(json, "dispatch", ParseDispatch);
  if (PartOf(json, "credit").is_number()) cell.credit = FieldOf<int>(json, "credit");
  cell.wait = NamedValue(json, "wait", ParseWait);
  cell.load = LoadFromReport(json, config);
  return cell;
}

CpuSet CpusFromReport(const Json& json, const char* name) {
  const std::string list = StoredText(json, name);
  const auto cpus = CpuSet::Parse(list);
  if (!cpus && !list.empty()) throw Error(fmt::format("{} is no list of CPUs", name));
  return cpus.value_or(CpuSet());
}

PlannedCell PlannedFromReport(const Json& json, const SweepConfig& config) {
  PlannedCell planned{CellFromReport(json, config), {}};
  planned.placement.oversubscribed = FieldOf<bool>(json, "oversubscribed");
  planned.placement.dispatcher = CpusFromReport(json, "dispatcher_cpus");
  planned.placement.notes = FieldOf<std::vector<std::string>>(json, "placement_notes");
  if (planned.cell.Id() != FieldOf<std::string>(json, "id"))
    throw Error(fmt::format("id is not that of its axes, {}", planned.cell.Id()));
  return planned;
}

std::optional<MeasuredCpus> MeasuredFromReport(const Json& limits) {
  const Json& json = PartOf(limits, "measured");
  if (json.is_null()) return std::nullopt;
  return MeasuredCpus{FieldOf<double>(json, "value"), FieldOf<double>(json, "seconds"),
                      FieldOf<int>(json, "threads")};
}

/// What verdicts, warnings and causes look at.
HostFacts FactsFromReport(const Json& json) {
  HostFacts facts;
  facts.allowed = CpusFromReport(json, "allowed");
  const Json& quota = PartOf(json, "cpu_quota_cpus");
  if (!quota.is_null())
    facts.cpu_quota =
        Limit<double>{FieldOf<double>(quota, "value"), FieldOf<std::string>(quota, "source")};
  facts.measured = MeasuredFromReport(PartOf(json, "cpu_limits"));
  facts.warnings = FieldOf<std::vector<std::string>>(json, "warnings");
  facts.topology.numa_nodes.resize(PartOf(PartOf(json, "topology"), "numa_nodes").size());
  for (const auto& [name, value] : PartOf(PartOf(json, "system"), "environment").items())
    facts.system.environment[name] = value.is_string() ? value.get<std::string>() : "";
  return facts;
}

SweepCall CallFromReport(const Json& json) {
  return {0, StoredText(json, "argv"), FieldOf<int64_t>(json, "trials_before"),
          NsFrom(FieldOf<double>(json, "total_s"), 1e9)};
}

std::string EndedBy(const Json& budget) {
  if (budget.is_null() || !FieldOf<bool>(budget, "ended_sweep")) return "";
  return "the time budget of " + DurationText(FieldOf<double>(budget, "asked_s"));
}

/// Reads `read(part of report)`; errors are preceded by the part's name.
template <typename Read>
auto ReadPart(const Json& report, const char* name, Read read) {
  const Json& part = PartOf(report, name);
  try {
    return read(part);
  } catch (const std::exception& error) {
    throw Error(fmt::format("{}: {}", name, error.what()));
  }
}

/// All but the search.
SweepResult ReadSweep(const Json& report) {
  SweepResult sweep;
  SweepConfig& config = sweep.plan.config;
  config = ReadPart(report, "config",
                    [](const Json& json) { return ParseConfig(PartOf(json, "effective"), {}); });
  sweep.facts = ReadPart(report, "host", FactsFromReport);
  const Json& workload = PartOf(report, "workload");
  sweep.runtime.openmp_library = StoredText(PartOf(workload, "runtime"), "openmp_library");
  sweep.workload_warnings = FieldOf<std::vector<std::string>>(workload, "warnings");
  const Json& tolerance = PartOf(workload, "tolerance");
  sweep.workload.tolerance = {FieldOf<double>(tolerance, "absolute"),
                              FieldOf<double>(tolerance, "relative")};
  sweep.plan.cells = ListOf(
      report, "cells", [&config](const Json& json) { return PlannedFromReport(json, config); });
  SkipCells(sweep.plan, [](const PlannedCell&) { return std::string(); });  // makes its trials
  sweep.plan.skipped = ListOf(report, "skipped", [&config](const Json& json) {
    return SkippedCell{CellFromReport(json, config), FieldOf<std::string>(json, "reason")};
  });
  std::vector<std::string> ids;
  for (const PlannedCell& planned : sweep.plan.cells)
    ids.push_back(planned.cell.Id());
  sweep.trials =
      ListOf(report, "trials", [&ids](const Json& json) { return TrialFromReport(json, ids); });
  sweep.calls = ListOf(report, "calls", CallFromReport);
  sweep.interrupted = FieldOf<bool>(report, "interrupted");
  sweep.ended_by = ReadPart(report, "budget", EndedBy);
  return sweep;
}

/// Tells the schedule of a sweep of the trials, as `run --resume` does, and takes what it found.
std::string TellSchedule(SweepResult& sweep) {
  std::vector<TrialResult> whole = sweep.trials;
  std::erase_if(whole, [](const TrialResult& trial) {
    return trial.measurement.outcome == Outcome::kInterrupted;
  });
  const auto schedule = MakeSchedule(sweep.plan);
  std::string wrong;
  try {
    ReplayTrials(*schedule, whole);
  } catch (const Error& error) {
    wrong = error.what();
  }
  if (sweep.interrupted) schedule->Stop("a signal");
  if (!sweep.ended_by.empty()) schedule->Stop(sweep.ended_by);
  if (const SweepSearch* found = schedule->Found()) sweep.search = *found;
  return wrong;
}

void RequireAnalyzable(const Json& report, const std::string& origin) {
  if (report.at("schema_version").at("minor") < kLeastMinor) {
    throw UsageError(
        fmt::format("{}: is of version {}, which does not hold what its figures were made from; "
                    "reports of version {}.{} do: measure again with this program",
                    origin, ReportVersion(report), kReportMajor, kLeastMinor));
  }
  if (report.value("deterministic", false)) {
    throw UsageError(origin +
                     ": is a deterministic report, which leaves out the host: analyze the report "
                     "that it was made from");
  }
}

}  // namespace

StoredSweep SweepFromReport(const Json& report, const std::string& origin) {
  RequireAnalyzable(report, origin);
  try {
    StoredSweep stored{ReadSweep(report), ""};
    stored.wrong_order = TellSchedule(stored.sweep);
    return stored;
  } catch (const Error& error) {
    throw UsageError(
        fmt::format("{}: damaged, or of another version of coresweep: {}", origin, error.what()));
  }
}

}  // namespace coresweep
