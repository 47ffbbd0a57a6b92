#include "reports/stored_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>

#include "harness/base/error.h"
#include "harness/core/costed_run.h"
#include "reports/json_members.h"
#include "reports/text.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

std::optional<PageValue> ValueOf(const Json& json) {
  const auto median = MemberNumber(json, "median");
  if (!median) return std::nullopt;
  PageValue value{*median, MemberNumber(json, "low").value_or(*median),
                  MemberNumber(json, "high").value_or(*median), std::nullopt};
  const Json& interval = MemberOf(json, "interval");
  const auto low = MemberNumber(interval, "low");
  const auto high = MemberNumber(interval, "high");
  if (!low || !high) return value;
  value.low = *low;
  value.high = *high;
  value.confidence = MemberNumber(interval, "confidence");
  return value;
}

int64_t WrongAnswers(const Json& cell) {
  const Json& ordering = MemberOf(cell, "ordering");
  int64_t wrong = MemberCount(MemberOf(cell, "output_check"), "outside_tolerance");
  for (const char* key : {"missing", "duplicated", "misplaced", "corrupted"})
    wrong += MemberCount(ordering, key);
  return wrong;
}

PageCell ReadCell(const Json& json) {
  constexpr std::array kAxes{"mode",       "workers", "threads",   "placement", "width",
                             "dispatcher", "chunk",   "transport", "dispatch",  "credit",
                             "wait",       "load",    "arrivals",  "rate"};
  PageCell cell;
  cell.id = MemberText(json, "id");
  for (const char* name : kAxes)
    cell.axes.push_back({name, MemberText(json, name)});
  cell.control = MemberOf(json, "mode") == "serial" || MemberOf(json, "mode") == "independent";
  cell.verdict = MemberText(json, "verdict");
  cell.reason = MemberText(json, "reason");
  cell.repetitions = static_cast<int>(MemberCount(json, "repetitions"));
  cell.throughput_per_s = ValueOf(MemberOf(json, "throughput"));
  cell.speedup = ValueOf(MemberOf(json, "speedup"));
  cell.parallel_efficiency = ValueOf(MemberOf(json, "parallel_efficiency"));
  cell.dispatch_efficiency = ValueOf(MemberOf(json, "dispatch_efficiency"));
  const Json& latency = MemberOf(json, "latency");
  cell.p50_us = MemberNumber(latency, "p50");
  cell.p90_us = MemberNumber(latency, "p90");
  cell.p99_us = MemberNumber(latency, "p99");
  cell.answers = MemberCount(MemberOf(json, "ordering"), "answers");
  cell.wrong = WrongAnswers(json);
  return cell;
}

/// Seconds of the trials of each cell.
std::map<std::string, double> TimesOf(const Json& report) {
  std::map<std::string, double> times;
  for (const Json& trial : MemberOf(report, "trials"))
    times[MemberText(trial, "cell")] += MemberNumber(trial, "took_ms").value_or(0) / 1e3;
  return times;
}

std::string WorkloadOf(const Json& workload) {
  const std::string name = MemberText(workload, "name");
  const std::string model = MemberText(workload, "model");
  return model.empty() || model == name ? name : fmt::format("{} {}", name, model);
}

std::optional<size_t> RecommendedIn(const StoredPage& page, const CostedRun& run) {
  if (!run.recommended) return std::nullopt;
  const auto found = std::find_if(page.cells.begin(), page.cells.end(), [&](const PageCell& cell) {
    return cell.id == run.cells[*run.recommended].id;
  });
  if (found == page.cells.end()) return std::nullopt;
  return static_cast<size_t>(found - page.cells.begin());
}

/// "(95 % interval 1.90–1.98)", "(range …)", or nothing for a single repetition.
std::string Around(const PageCell& cell) {
  const PageValue& value = *cell.speedup;
  if (value.confidence) {
    return fmt::format(" ({} interval {}–{})", Percent(*value.confidence), Ratio(value.low),
                       Ratio(value.high));
  }
  if (cell.repetitions < 2) return "";
  return fmt::format(" (range {}–{} over {})", Ratio(value.low), Ratio(value.high),
                     Plural(cell.repetitions, "repetition", "repetitions"));
}

}  // namespace

bool PageCell::Failed() const {
  static constexpr std::array<std::string_view, 4> kFailed{"incorrect", "disordered", "failed",
                                                           "timed_out"};
  return std::find(kFailed.begin(), kFailed.end(), verdict) != kFailed.end();
}

bool PageCell::Missing() const {
  return verdict == "pending" || verdict == "interrupted";
}

StoredPage ReadStoredPage(const Json& report, const std::string& origin) {
  StoredPage page;
  page.created = MemberText(report, "created");
  page.workload = WorkloadOf(MemberOf(report, "workload"));
  page.version = MemberText(MemberOf(report, "tool"), "version");
  page.finished = MemberOf(report, "finished") == true;
  const auto times = TimesOf(report);
  for (const Json& json : MemberOf(report, "cells")) {
    PageCell cell = ReadCell(json);
    const auto time = times.find(cell.id);
    if (time != times.end()) cell.took_s = time->second;
    page.cells.push_back(std::move(cell));
  }
  for (const Json& json : MemberOf(report, "skipped"))
    page.skipped.push_back({MemberText(json, "id"), MemberText(json, "reason")});
  page.recommended = RecommendedIn(page, ReadCostedRun(report, origin));
  return page;
}

std::string AnswerOf(const StoredPage& page) {
  const auto bad = std::count_if(page.cells.begin(), page.cells.end(),
                                 [](const PageCell& cell) { return cell.Failed(); });
  std::string answer = "No cell can be recommended";
  if (page.recommended) {
    const PageCell& cell = page.cells[*page.recommended];
    answer = fmt::format("Use {}: {} items/s", cell.id, Quantity(cell.throughput_per_s->median));
    if (cell.speedup)
      answer += fmt::format(", {} × one process{}", Ratio(cell.speedup->median), Around(cell));
    if (cell.verdict != "ok") answer += fmt::format("; it is {} all the same", cell.verdict);
  }
  answer +=
      bad == 0 ? ". No cell failed." : fmt::format(". {} failed.", Plural(bad, "cell", "cells"));
  if (!page.finished) answer += " The sweep has not come to its end.";
  return answer;
}

}  // namespace coresweep
