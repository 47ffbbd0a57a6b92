#include "reports/stored_warnings.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "reports/json_members.h"
#include "reports/text.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

void AddTexts(const Json& texts, const char* where, std::vector<StoredWarning>& warnings) {
  for (const Json& text : texts)
    if (text.is_string()) warnings.push_back({where, text.get<std::string>()});
}

void AddVerdicts(const StoredPage& page, std::vector<StoredWarning>& warnings) {
  std::map<std::string, std::pair<int64_t, std::string>> by_verdict;
  for (const PageCell& cell : page.cells) {
    if (cell.verdict == "ok") continue;
    auto& [count, reason] = by_verdict[cell.verdict];
    if (count++ == 0) reason = cell.reason;
  }
  for (const auto& [verdict, found] : by_verdict) {
    const auto& [count, reason] = found;
    warnings.push_back({"Cells", fmt::format("{} {}{}", Plural(count, "cell is", "cells are"),
                                             verdict == "timed_out" ? "timed out" : verdict,
                                             reason.empty() ? "" : ", for instance: " + reason)});
  }
}

}  // namespace

std::vector<StoredWarning> StoredWarnings(const Json& report, const StoredPage& page) {
  std::vector<StoredWarning> warnings;
  const Json& host = MemberOf(report, "host");
  for (const Json& finding : MemberOf(host, "findings")) {
    if (MemberText(finding, "severity") == "note") continue;
    warnings.push_back(
        {"Host", MemberText(finding, "text") + ": " + MemberText(finding, "remedy")});
  }
  AddTexts(MemberOf(host, "warnings"), "Host", warnings);
  AddTexts(MemberOf(MemberOf(report, "workload"), "warnings"), "Workload", warnings);
  AddVerdicts(page, warnings);
  if (page.recommended) {
    AddTexts(MemberOf(MemberOf(report, "cells").at(*page.recommended), "warnings"),
             "Recommended cell", warnings);
  }
  if (!page.finished) {
    warnings.push_back({"Sweep", "it has not come to its end: go on with coresweep run --resume"});
  }
  return warnings;
}

const Json* WorstScalingCell(const Json& report, const StoredPage& page) {
  const Json* worst = nullptr;
  double least = 1;
  for (size_t i = 0; i < page.cells.size(); ++i) {
    const PageCell& cell = page.cells[i];
    if (cell.control || cell.Failed() || !cell.parallel_efficiency) continue;
    if (cell.parallel_efficiency->median >= least) continue;
    const Json& json = MemberOf(report, "cells").at(i);
    if (MemberOf(json, "causes").empty()) continue;
    least = cell.parallel_efficiency->median;
    worst = &json;
  }
  return worst;
}

}  // namespace coresweep
