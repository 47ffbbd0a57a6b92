// The gate's verdict in one sentence: the first line of its output.
#pragma once

#include <string>

#include "harness/core/gate_session.h"

namespace coresweep {

/// How the arms are called in the sentence.
struct ArmNames {
  std::string base = "A";
  std::string candidate = "B";
};

/// One line without a line break: verdict, then the number with its interval, what is tolerated,
/// blocks, confirmation and null control; or why there is no number. For example
/// "FAIL: throughput of B is 6.1 % lower [4.8, 7.4] than A; tolerated 2 %; 18 blocks, confirmed in
/// 12 more; null control clean." With several metrics: the worst of those that decide.
std::string GateSentence(const GateSetup& setup, const GateOutcome& outcome,
                         const ArmNames& names = {});

/// (B − A) / A of `metric` where B is worse by `worse_ratio`: below 0 for a throughput that is
/// worse, above 0 for a time that is.
double RelativeChange(const GateMetric& metric, double worse_ratio);

/// "6.1 % lower [4.8, 7.4]": what `judgement` says of `metric` in its own direction; an unbounded
/// end is "?". "not measured" without a ratio. A throughput is lower by 1 − 1/ratio, a time higher
/// by ratio − 1. Decimals: two below 1 %, one below 100 %, else none.
std::string DescribeChange(const GateMetric& metric, const MetricJudgement& judgement);

}  // namespace coresweep
