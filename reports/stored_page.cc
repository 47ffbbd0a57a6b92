#include "reports/stored_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>

#include "harness/base/error.h"
#include "harness/core/costed_run.h"
#include "reports/text.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

/// The value of `key`; null where there is none.
const Json& At(const Json& json, const char* key) {
  static const Json null;
  if (!json.is_object()) return null;
  const auto found = json.find(key);
  return found == json.end() ? null : *found;
}

std::string TextOf(const Json& json) {
  if (json.is_null()) return "";
  return json.is_string() ? json.get<std::string>() : json.dump();
}

std::optional<double> NumberOf(const Json& json) {
  if (!json.is_number()) return std::nullopt;
  return json.get<double>();
}

int64_t CountOf(const Json& json) {
  return json.is_number_integer() ? json.get<int64_t>() : 0;
}

std::optional<PageValue> ValueOf(const Json& json) {
  const auto median = NumberOf(At(json, "median"));
  if (!median) return std::nullopt;
  PageValue value{*median, NumberOf(At(json, "low")).value_or(*median),
                  NumberOf(At(json, "high")).value_or(*median), std::nullopt};
  const Json& interval = At(json, "interval");
  const auto low = NumberOf(At(interval, "low"));
  const auto high = NumberOf(At(interval, "high"));
  if (!low || !high) return value;
  value.low = *low;
  value.high = *high;
  value.confidence = NumberOf(At(interval, "confidence"));
  return value;
}

int64_t WrongAnswers(const Json& cell) {
  const Json& ordering = At(cell, "ordering");
  int64_t wrong = CountOf(At(At(cell, "output_check"), "outside_tolerance"));
  for (const char* key : {"missing", "duplicated", "misplaced", "corrupted"})
    wrong += CountOf(At(ordering, key));
  return wrong;
}

PageCell ReadCell(const Json& json) {
  constexpr std::array kAxes{"mode",       "workers", "threads",   "placement", "width",
                             "dispatcher", "chunk",   "transport", "dispatch",  "credit",
                             "wait",       "load",    "arrivals",  "rate"};
  PageCell cell;
  cell.id = TextOf(At(json, "id"));
  for (const char* name : kAxes)
    cell.axes.push_back({name, TextOf(At(json, name))});
  cell.control = At(json, "mode") == "serial" || At(json, "mode") == "independent";
  cell.verdict = TextOf(At(json, "verdict"));
  cell.reason = TextOf(At(json, "reason"));
  cell.repetitions = static_cast<int>(CountOf(At(json, "repetitions")));
  cell.throughput_per_s = ValueOf(At(json, "throughput"));
  cell.speedup = ValueOf(At(json, "speedup"));
  cell.parallel_efficiency = ValueOf(At(json, "parallel_efficiency"));
  cell.dispatch_efficiency = ValueOf(At(json, "dispatch_efficiency"));
  const Json& latency = At(json, "latency");
  cell.p50_us = NumberOf(At(latency, "p50"));
  cell.p90_us = NumberOf(At(latency, "p90"));
  cell.p99_us = NumberOf(At(latency, "p99"));
  cell.answers = CountOf(At(At(json, "ordering"), "answers"));
  cell.wrong = WrongAnswers(json);
  return cell;
}

/// Seconds of the trials of each cell.
std::map<std::string, double> TimesOf(const Json& report) {
  std::map<std::string, double> times;
  for (const Json& trial : At(report, "trials"))
    times[TextOf(At(trial, "cell"))] += NumberOf(At(trial, "took_ms")).value_or(0) / 1e3;
  return times;
}

std::string WorkloadOf(const Json& workload) {
  const std::string name = TextOf(At(workload, "name"));
  const std::string model = TextOf(At(workload, "model"));
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
  page.created = TextOf(At(report, "created"));
  page.workload = WorkloadOf(At(report, "workload"));
  page.version = TextOf(At(At(report, "tool"), "version"));
  page.finished = At(report, "finished") == true;
  const auto times = TimesOf(report);
  for (const Json& json : At(report, "cells")) {
    PageCell cell = ReadCell(json);
    const auto time = times.find(cell.id);
    if (time != times.end()) cell.took_s = time->second;
    page.cells.push_back(std::move(cell));
  }
  for (const Json& json : At(report, "skipped"))
    page.skipped.push_back({TextOf(At(json, "id")), TextOf(At(json, "reason"))});
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
