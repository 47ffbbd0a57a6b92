#include "reports/replayed_console.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "harness/base/error.h"
#include "reports/json_members.h"
#include "reports/stored_sweep.h"
#include "reports/stored_trial.h"
#include "reports/sweep_warnings.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

/// Median, least and greatest, or none, as the report says them.
bool SameSpread(const std::optional<PageValue>& stored, const std::optional<Spread>& again) {
  if (!stored || !again) return !stored && !again;
  return stored->median == again->median && stored->low == again->low &&
         stored->high == again->high;
}

/// What a report says of ratios is the interval where there is one.
bool SameRatio(const std::optional<PageValue>& stored, const std::optional<PairedRatio>& again) {
  if (!stored || !again) return !stored && !again;
  return stored->median == again->median;
}

bool SameCell(const PageCell& stored, const CellResult& again) {
  return stored.verdict == again.verdict && stored.reason == again.reason &&
         SameSpread(stored.throughput_per_s, again.throughput_per_s) &&
         SameRatio(stored.speedup, again.speedup) &&
         SameRatio(stored.parallel_efficiency, again.parallel_efficiency) &&
         SameRatio(stored.dispatch_efficiency, again.dispatch_efficiency) &&
         stored.p50_us == again.latency.p50_us && stored.p90_us == again.latency.p90_us &&
         stored.p99_us == again.latency.p99_us;
}

LatencySummary LatencyOf(const Json& json) {
  LatencySummary latency;
  latency.samples = MemberCount(json, "samples");
  latency.p50_us = MemberNumber(json, "p50");
  latency.p90_us = MemberNumber(json, "p90");
  latency.p99_us = MemberNumber(json, "p99");
  latency.p999_us = MemberNumber(json, "p999");
  latency.max_us = MemberNumber(json, "max");
  latency.why_null = MemberText(json, "why_null");
  return latency;
}

/// What was made from samples of which the report has only some is taken from it.
void TakeLatency(const Json& stored, CellResult& cell) {
  cell.latency = LatencyOf(MemberOf(stored, "latency"));
  if (cell.open_load) {
    cell.open_load->from_issue =
        LatencyOf(MemberOf(MemberOf(stored, "open_load"), "latency_from_issue"));
  }
  cell.warnings.clear();
  for (const Json& warning : MemberOf(stored, "warnings"))
    cell.warnings.push_back(warning.get<std::string>());
}

void TakeCauses(const Json& stored, CellResult& cell) {
  cell.causes.clear();
  for (const Json& cause : MemberOf(stored, "causes")) {
    cell.causes.push_back(
        {MemberText(cause, "name"), MemberText(cause, "evidence"), MemberText(cause, "remedy")});
  }
}

/// The cells' rows, made again as far as the report holds what they were made from.
std::vector<CellResult> CellsAgain(const Json& report, const SweepResult& sweep) {
  std::vector<CellResult> cells = SummarizeCells(sweep);
  std::set<std::string> thinned;
  for (const Json& trial : report.at("trials"))
    if (!HasAllSamples(trial)) thinned.insert(trial.at("cell").get<std::string>());
  if (thinned.empty()) return cells;
  for (size_t i = 0; i < cells.size(); ++i) {
    const Json& stored = report.at("cells").at(i);
    if (thinned.contains(MemberText(stored, "id"))) TakeLatency(stored, cells[i]);
    // They weigh times of chunks of the control, too.
    TakeCauses(stored, cells[i]);
  }
  return cells;
}

/// As `SweepWarnings` has them, of the host as the report says them.
std::vector<std::string> WarningsAgain(const Json& report, const SweepResult& sweep,
                                       const std::vector<CellResult>& cells) {
  std::vector<std::string> warnings;
  const auto add_texts = [&warnings](const Json& texts) {
    for (const Json& text : texts)
      if (text.is_string()) warnings.push_back(text.get<std::string>());
  };
  add_texts(MemberOf(MemberOf(report, "workload"), "warnings"));
  const Json& host = MemberOf(report, "host");
  for (const Json& finding : MemberOf(host, "findings")) {
    // Those on libraries are among the workload's already.
    if (MemberText(finding, "severity") != "problem" ||
        MemberText(finding, "id").starts_with("blas-"))
      continue;
    warnings.push_back(
        fmt::format("{}: {}", MemberText(finding, "text"), MemberText(finding, "remedy")));
  }
  add_texts(MemberOf(host, "warnings"));
  for (std::string& warning : CellsWarnings(sweep, cells))
    warnings.push_back(std::move(warning));
  return warnings;
}

bool SameFigures(const StoredPage& page, const SweepResult& sweep,
                 const std::vector<CellResult>& cells) {
  const int best = BestCell(sweep, cells);
  const std::optional<size_t> recommended =
      best < 0 ? std::nullopt : std::optional(static_cast<size_t>(best));
  if (page.recommended != recommended || page.cells.size() != cells.size()) return false;
  for (size_t i = 0; i < cells.size(); ++i)
    if (!SameCell(page.cells[i], cells[i])) return false;
  return true;
}

bool HoldsItsTrials(const Json& report) {
  constexpr int kLeastMinor = 3;
  return MemberCount(MemberOf(report, "schema_version"), "minor") >= kLeastMinor &&
         !report.value("deterministic", false);
}

}  // namespace

ReplayedConsole ReplayConsole(const Json& report, const StoredPage& page, const std::string& origin,
                              const ConsoleOptions& options) {
  if (!HoldsItsTrials(report)) return {};
  try {
    const StoredSweep stored = SweepFromReport(report, origin);
    const std::vector<CellResult> cells = CellsAgain(report, stored.sweep);
    if (!stored.wrong_order.empty() || !SameFigures(page, stored.sweep, cells)) {
      return {"", fmt::format("The trials in the report give other figures than it says, which are "
                              "shown here: coresweep analyze {} names them.",
                              origin)};
    }
    return {
        RenderConsoleOf({stored.sweep, cells, WarningsAgain(report, stored.sweep, cells)}, options),
        ""};
  } catch (const Error& error) {
    return {"", fmt::format("Its trials cannot be read again, so that this is a part of what the "
                            "run printed: {}.",
                            error.what())};
  }
}

}  // namespace coresweep
