#include "harness/core/selftest_score.h"

#include <fmt/format.h>

#include <algorithm>

namespace coresweep {

void Count(const GateOutcome& outcome, SelftestRow& row) {
  switch (outcome.verdict) {
    case GateVerdict::kPass:
      ++row.passed;
      break;
    case GateVerdict::kFail:
      ++row.failed;
      break;
    case GateVerdict::kInconclusive:
      ++row.inconclusive;
      break;
    default:
      ++row.other;
      if (row.first_other.empty())
        row.first_other = fmt::format("{}: {}", NameOf(outcome.verdict), outcome.reason);
  }
  const auto& main = outcome.Phase(GatePhase::kMain);
  row.blocks.push_back(main ? main->blocks : 0);
}

double PromisedCatch(double planted) {
  if (planted >= 0.10) return 0.995;
  return planted >= 0.05 ? 0.95 : 0;
}

SelftestVerdict Judge(const std::vector<SelftestRow>& rows, const GateRule& rule) {
  bool clean = !rows.empty();
  for (const SelftestRow& row : rows) {
    const ChanceLimits rate = row.FailRate();
    const double promised = PromisedCatch(row.planted);
    const bool must_not = row.planted <= rule.tolerated;
    if (must_not ? rate.low > rule.alpha : rate.high < promised) return SelftestVerdict::kUntrue;
    clean = clean && row.Gates() > 0 && (!must_not || row.failed == 0) &&
            (promised == 0 || row.failed == row.Gates());
  }
  return clean ? SelftestVerdict::kTrustworthy : SelftestVerdict::kTooFew;
}

}  // namespace coresweep
