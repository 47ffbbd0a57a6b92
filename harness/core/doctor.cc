#include "harness/core/doctor.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/core/doctor_rules.h"

namespace coresweep {
namespace {

int Rank(const Finding& finding) {
  if (finding.severity == kProblem) return 0;
  return finding.severity == kWarning ? 1 : 2;
}

void Append(std::vector<Finding>& findings, std::vector<Finding> more) {
  std::move(more.begin(), more.end(), std::back_inserter(findings));
}

}  // namespace

std::string CpusText(double cpus) {
  return fmt::format("{:.6g} CPU{}", cpus, cpus == 1 ? "" : "s");
}

std::string BytesText(uint64_t bytes) {
  constexpr uint64_t kGib = uint64_t{1} << 30;
  if (bytes < kGib) return fmt::format("{} MiB", bytes >> 20);
  return fmt::format("{:.3g} GiB", static_cast<double>(bytes) / static_cast<double>(kGib));
}

std::vector<Finding> Diagnose(const HostFacts& facts, const RuntimeFacts* libraries) {
  std::vector<Finding> findings;
  for (const auto rules : {CpuTimeRules(), TopologyRules(), MemoryRules(), SystemRules()}) {
    for (const Rule rule : rules) {
      if (auto finding = rule(facts)) findings.push_back(*std::move(finding));
    }
  }
  Append(findings, DiagnoseEnvironment(facts));
  if (libraries != nullptr) Append(findings, DiagnoseLibraries(*libraries));
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return Rank(a) < Rank(b); });
  return findings;
}

nlohmann::ordered_json ToJson(const std::vector<Finding>& findings) {
  auto json = nlohmann::ordered_json::array();
  for (const Finding& finding : findings) {
    json.push_back({{"id", finding.id},
                    {"severity", finding.severity},
                    {"text", finding.text},
                    {"remedy", finding.remedy}});
  }
  return json;
}

}  // namespace coresweep
