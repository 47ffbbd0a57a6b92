#include "harness/core/gate_verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/base/error.h"

namespace coresweep {
namespace {

/// Whoever stands first outranks those behind.
constexpr std::array<GateVerdict, 7> kByRank{
    GateVerdict::kUsage, GateVerdict::kWorkload,     GateVerdict::kIntegrity, GateVerdict::kUnfit,
    GateVerdict::kFail,  GateVerdict::kInconclusive, GateVerdict::kPass};

/// By exit code.
constexpr std::array<std::string_view, 7> kVerdictNames{
    "PASS", "FAIL", "USAGE", "INCONCLUSIVE", "UNFIT", "INTEGRITY", "WORKLOAD"};

}  // namespace

std::string_view NameOf(GateVerdict verdict) {
  return kVerdictNames.at(static_cast<size_t>(verdict));
}

GateVerdict GateVerdictFromName(std::string_view name) {
  const auto* found = std::find(kVerdictNames.begin(), kVerdictNames.end(), name);
  if (found == kVerdictNames.end()) {
    throw Error(fmt::format("no gate verdict is called '{}'; they are {}", name,
                            fmt::join(kVerdictNames, ", ")));
  }
  return static_cast<GateVerdict>(found - kVerdictNames.begin());
}

int ExitCodeOf(GateVerdict verdict) {
  return static_cast<int>(verdict);
}

GateVerdict Combine(std::span<const GateVerdict> verdicts) {
  for (const GateVerdict candidate : kByRank) {
    if (std::find(verdicts.begin(), verdicts.end(), candidate) != verdicts.end()) return candidate;
  }
  return GateVerdict::kInconclusive;
}

}  // namespace coresweep
