// How often gates found what was planted: the result of `coresweep selftest`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/binomial.h"
#include "harness/core/gate_session.h"

namespace coresweep {

/// All gates of one planted slowdown.
struct SelftestRow {
  double planted = 0;  ///< 0: A against A; 0.05: B has 5 % more work
  int64_t passed = 0;
  int64_t failed = 0;
  int64_t inconclusive = 0;
  int64_t other = 0;             ///< unfit, integrity, workload
  std::vector<int64_t> blocks;   ///< of the main batch of each gate
  std::string first_other = "";  ///< verdict and reason of the first of `other`

  [[nodiscard]] int64_t Gates() const { return passed + failed + inconclusive + other; }
  /// Of FAIL among all gates, at 95 %.
  [[nodiscard]] ChanceLimits FailRate() const { return ChanceOf(failed, Gates(), 0.05); }
};

/// Counts a gate that has ended.
void Count(const GateOutcome& outcome, SelftestRow& row);

/// What the rows say of the gate on this machine.
enum class SelftestVerdict {
  kTrustworthy,  ///< the limits lie where they were promised
  kUntrue,       ///< proven: it fails on nothing more often than promised, or misses what it must
                 ///< catch
  kTooFew,       ///< neither
};

/// Promised: FAIL on nothing, or on what is tolerated, in at most `alpha` of gates, a planted 5 %
/// found in at least 95 %, a planted 10 % in at least 99.5 %; of what lies between nothing. Untrue
/// when the 95 % limits of a row exclude that; trustworthy when no gate failed that had not to,
/// none that had to missed, and each row has a gate.
SelftestVerdict Judge(const std::vector<SelftestRow>& rows, const GateRule& rule);

/// The least rate of FAIL that is promised for this planted slowdown; 0: none.
double PromisedCatch(double planted);

}  // namespace coresweep
