#include "reports/sweep_audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <set>
#include <string_view>

#include "reports/json_report.h"
#include "reports/stored_sweep.h"
#include "reports/stored_trial.h"
#include "reports/text.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;
using Pointer = Json::json_pointer;

constexpr size_t kMostDifferences = 10;
constexpr size_t kMostBytes = 160;  ///< of a value that is shown

/// What of a cell is the plan's and not made from trials.
constexpr std::array kPlanKeys{
    "mode",     "workers",   "threads",        "placement",       "width",          "dispatcher",
    "chunk",    "transport", "dispatch",       "credit",          "wait",           "load",
    "arrivals", "rate",      "oversubscribed", "dispatcher_cpus", "placement_notes"};

/// What of a trial is made from what it counted.
constexpr std::array kMadeOfTrial{"/window_ms",
                                  "/throughput",
                                  "/log_ratio_to_reference",
                                  "/open_load/saturated",
                                  "/dispatcher/cpu_share",
                                  "/dispatcher/check_share",
                                  "/throttle/throttled_share",
                                  "/system/steal_share",
                                  "/system/busy_share",
                                  "/ordering/verdict",
                                  "/ordering/head_of_line_us_per_chunk",
                                  "/output_check/verdict",
                                  "/warnings"};

bool SameNumber(const Json& a, const Json& b) {
  if (a.is_number_integer() && b.is_number_integer()) return a == b;
  return std::bit_cast<uint64_t>(a.get<double>()) == std::bit_cast<uint64_t>(b.get<double>());
}

bool SameLeaf(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) return SameNumber(a, b);
  return a == b;
}

std::string ShownValue(const Json& json) {
  std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() <= kMostBytes) return text;
  text.resize(kMostBytes);
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0x80) != 0)
    text.pop_back();
  return text + "…";
}

class Comparison {
 public:
  /// Compares every leaf of `again` with what the report has at `pointer`.
  void Compare(const Json& report, const Json& again, const Pointer& pointer) {
    const bool empty = again.is_structured() && again.empty();
    if (again.is_object() && !empty && report.is_object())
      return CompareKeys(report, again, pointer);
    if (again.is_array() && report.is_array() && report.size() == again.size()) {
      for (size_t i = 0; i < again.size(); ++i)
        Compare(report[i], again[i], pointer / i);
      return;
    }
    if (!again.is_null() && !empty) ++audit_.values;
    if (!SameLeaf(report, again)) Differ(pointer, ShownValue(report), ShownValue(again));
  }
  /// The value at `pointer` of both, where it is made again.
  void CompareAt(const Json& report, const Json& again, const Pointer& pointer, const Pointer& at) {
    if (!again.contains(at)) return;
    if (!report.contains(at)) return Differ(pointer, "nothing", ShownValue(again.at(at)));
    Compare(report.at(at), again.at(at), pointer);
  }
  void Differ(const Pointer& pointer, std::string in_report, std::string again) {
    audit_.differences.push_back({pointer.to_string(), std::move(in_report), std::move(again)});
  }
  void LeaveOut(std::string what) { audit_.left_out.push_back(std::move(what)); }
  SweepAudit& audit() { return audit_; }

 private:
  void CompareKeys(const Json& report, const Json& again, const Pointer& pointer) {
    for (const auto& [key, value] : again.items()) {
      const auto found = report.find(key);
      if (found == report.end()) {
        Differ(pointer / key, "nothing", ShownValue(value));
      } else {
        Compare(*found, value, pointer / key);
      }
    }
  }

  SweepAudit audit_;
};

void DropLatencyWarnings(Json& cell) {
  Json kept = Json::array();
  for (const Json& warning : cell["warnings"]) {
    const bool drop =
        warning.is_string() && warning.get_ref<const std::string&>().starts_with("latency: ");
    if (!drop) kept.push_back(warning);
  }
  cell["warnings"] = std::move(kept);
}

/// Ids of the cells of whose trials the report has only some of the samples.
std::set<std::string> ThinnedCells(const Json& report) {
  std::set<std::string> thinned;
  for (const Json& trial : report.at("trials"))
    if (!HasAllSamples(trial)) thinned.insert(trial.at("cell").get<std::string>());
  return thinned;
}

bool IsThinned(const std::set<std::string>& thinned, const Json& id) {
  return id.is_string() && thinned.contains(id.get<std::string>());
}

/// The cells, without what only all samples could give.
void CompareCells(const Json& report, const Json& again, Comparison& comparison) {
  const auto thinned = ThinnedCells(report);
  int64_t without_latency = 0;
  int64_t without_causes = 0;
  for (size_t i = 0; i < again.at("cells").size(); ++i) {
    Json stored = report.at("cells").at(i);
    Json cell = again.at("cells").at(i);
    for (const char* key : kPlanKeys)
      cell.erase(key);
    const bool own = IsThinned(thinned, cell["id"]);
    if (own) {
      cell.erase("latency");
      cell.erase("chunk_times");
      if (cell["open_load"].is_object()) cell["open_load"].erase("latency_from_issue");
      DropLatencyWarnings(cell);
      DropLatencyWarnings(stored);
      ++without_latency;
    }
    // Causes weigh the time that a chunk takes against that of the control.
    if (own || IsThinned(thinned, cell["speedup"]["over"])) {
      cell.erase("causes");
      ++without_causes;
    }
    comparison.Compare(stored, cell, Pointer("/cells") / i);
  }
  if (without_causes == 0) return;
  comparison.LeaveOut(fmt::format(
      "latency and chunk_times of {}, causes of {} (of {}): they were made from samples that the "
      "report does not hold (samples.kept is less than samples.recorded)",
      Plural(without_latency, "cell", "cells"), Plural(without_causes, "cell", "cells"),
      again.at("cells").size()));
}

void CompareTrials(const Json& report, const Json& again, Comparison& comparison) {
  for (size_t i = 0; i < again.at("trials").size(); ++i) {
    const Json& stored = report.at("trials").at(i);
    const Json& trial = again.at("trials").at(i);
    const Pointer pointer = Pointer("/trials") / i;
    for (const char* made : kMadeOfTrial)
      comparison.CompareAt(stored, trial, pointer / Pointer(made), Pointer(made));
    for (size_t worker = 0; worker < trial.at("workers").size(); ++worker) {
      const Pointer held = Pointer("/workers") / worker / "placement_held";
      comparison.CompareAt(stored, trial, pointer / held, held);
    }
  }
}

/// Knees are rendered when a sweep begins and when it ends, of open load from latencies.
void CompareKnees(const Json& report, const Json& again, const SweepResult& sweep,
                  Comparison& comparison) {
  const bool over = report.at("finished") == true || sweep.interrupted || !sweep.ended_by.empty();
  if (!over && !again.at("knees").empty()) {
    comparison.LeaveOut("knees: they are written when a sweep ends, and this one has not");
  } else if (sweep.plan.config.latency_bound_ms && !ThinnedCells(report).empty()) {
    comparison.LeaveOut("knees: their latency bound is of samples that the report does not hold");
  } else {
    comparison.CompareAt(report, again, Pointer("/knees"), Pointer("/knees"));
  }
}

}  // namespace

SweepAudit AuditSweep(const Json& report, const std::string& origin) {
  const StoredSweep stored = SweepFromReport(report, origin);
  const Json again = Json::parse(RenderJsonReport(stored.sweep, {}));
  Comparison comparison;
  comparison.audit().cells = std::ssize(stored.sweep.plan.cells);
  comparison.audit().trials = std::ssize(stored.sweep.trials);
  if (!stored.wrong_order.empty())
    comparison.Differ(Pointer("/trials"), "other trials than its plan asks for",
                      stored.wrong_order);
  for (const char* key : {"/finished", "/resumed", "/budget", "/time", "/search", "/scaling",
                          "/recommended", "/repro"})
    comparison.CompareAt(report, again, Pointer(key), Pointer(key));
  if (report.contains("steady_state"))
    comparison.CompareAt(report, again, Pointer("/steady_state"), Pointer("/steady_state"));
  for (size_t i = 0; i < stored.sweep.calls.size(); ++i) {
    const Pointer trials = Pointer("/calls") / i / "trials";
    comparison.CompareAt(report, again, trials, trials);
  }
  CompareCells(report, again, comparison);
  CompareKnees(report, again, stored.sweep, comparison);
  CompareTrials(report, again, comparison);
  return std::move(comparison.audit());
}

std::string RenderSweepAudit(const SweepAudit& audit, const std::string& path) {
  const std::string of =
      fmt::format("{} of {}, made again from {}", Plural(audit.values, "value", "values"),
                  Plural(audit.cells, "cell", "cells"), Plural(audit.trials, "trial", "trials"));
  std::string page = audit.differences.empty()
                         ? fmt::format("{}: {}, are in the report bit for bit\n", path, of)
                         : fmt::format("{}: {}: {} not as in the report\n", path, of,
                                       Plural(std::ssize(audit.differences), "is", "are"));
  const size_t shown = std::min(audit.differences.size(), kMostDifferences);
  for (size_t i = 0; i < shown; ++i) {
    const AuditDifference& difference = audit.differences[i];
    page += fmt::format("  {}: {} in the report, {} from its trials\n", difference.pointer,
                        difference.in_report, difference.again);
  }
  if (shown < audit.differences.size())
    page += fmt::format("  and {} more\n", audit.differences.size() - shown);
  for (const std::string& what : audit.left_out)
    page += fmt::format("not made again: {}\n", what);
  return page +
         "taken as given: host, container, workload, the plan's cells, placements and skipped "
         "combinations, and what each trial counted and timed\n";
}

}  // namespace coresweep
