#include "harness/core/gate_sentence.h"

#include <fmt/format.h>

#include <cmath>
#include <numeric>

namespace coresweep {
namespace {

/// How much worse in percent of the base, in the metric's own terms; below 0: better.
double PercentWorse(const GateMetric& metric, double ratio) {
  const double change = 100 * RelativeChange(metric, ratio);
  return metric.higher_is_better ? -change : change;
}

int DecimalsFor(double percent) {
  const double size = std::abs(percent);
  if (size < 1) return 2;
  return size < 100 ? 1 : 0;
}

/// Without "-0.00".
std::string Number(double value, int decimals) {
  const std::string text = fmt::format("{:.{}f}", value, decimals);
  return text.find_first_of("123456789") == std::string::npos
             ? fmt::format("{:.{}f}", 0.0, decimals)
             : text;
}

std::string End(const GateMetric& metric, std::optional<double> ratio, double sign, int decimals) {
  return ratio ? Number(sign * PercentWorse(metric, *ratio), decimals) : "?";
}

/// "2 %", "2.5 %".
std::string MarginText(double margin) {
  return fmt::format("{:.4g} %", 100 * margin);
}

std::string BlocksText(int64_t blocks) {
  return fmt::format("{} block{}", blocks, blocks == 1 ? "" : "s");
}

/// The metric with the greatest ratio among `which`; without any ratio the first. `which` not
/// empty.
size_t WorstOf(const PhaseOutcome& phase, const std::vector<size_t>& which) {
  size_t worst = which.front();
  for (const size_t index : which) {
    const auto& ratio = phase.judgements[index].ratio;
    const auto& top = phase.judgements[worst].ratio;
    if (ratio && (!top || *ratio > *top)) worst = index;
  }
  return worst;
}

std::vector<size_t> AllOf(const GateSetup& setup) {
  std::vector<size_t> all(setup.metrics.size());
  std::iota(all.begin(), all.end(), size_t{0});
  return all;
}

std::vector<size_t> OpenOf(const PhaseOutcome& phase) {
  std::vector<size_t> open;
  for (size_t i = 0; i < phase.judgements.size(); ++i) {
    if (phase.judgements[i].state == MetricState::kOpen) open.push_back(i);
  }
  return open;
}

/// "throughput of B is 6.1 % lower [4.8, 7.4] than A"
std::string Comparison(const GateMetric& metric, const MetricJudgement& judgement,
                       std::string_view candidate, std::string_view base) {
  if (!judgement.ratio) return fmt::format("{} of {} was not measured", metric.name, candidate);
  return fmt::format("{} of {} is {} than {}", metric.name, candidate,
                     DescribeChange(metric, judgement), base);
}

std::string CompareWorst(const GateSetup& setup, const PhaseOutcome& phase,
                         const std::vector<size_t>& which, const ArmNames& names) {
  const size_t worst = WorstOf(phase, which);
  return Comparison(setup.metrics[worst], phase.judgements[worst], names.candidate, names.base);
}

/// ", the worst of 3 metrics"; nothing for one.
std::string AmongText(size_t count, std::string_view of) {
  return count > 1 ? fmt::format(", the worst of {} {}", count, of) : "";
}

std::string PassText(const GateSetup& setup, const GateOutcome& outcome, const ArmNames& names) {
  const PhaseOutcome& main = *outcome.Phase(GatePhase::kMain);
  const auto all = AllOf(setup);
  return fmt::format("{}{}; a regression of {} is ruled out; {}",
                     CompareWorst(setup, main, all, names), AmongText(all.size(), "metrics"),
                     MarginText(setup.rule.must_catch), BlocksText(main.blocks));
}

std::string FailText(const GateSetup& setup, const GateOutcome& outcome, const ArmNames& names) {
  const PhaseOutcome& main = *outcome.Phase(GatePhase::kMain);
  const bool clean = OpenOf(*outcome.Phase(GatePhase::kNullControl)).empty();
  return fmt::format("{}{}; tolerated {}; {}, confirmed in {} more; null control {}",
                     CompareWorst(setup, main, outcome.failed, names),
                     AmongText(outcome.failed.size(), "that failed"),
                     MarginText(setup.rule.tolerated), BlocksText(main.blocks),
                     outcome.Phase(GatePhase::kConfirmation)->blocks,
                     clean ? "clean" : "shows no such effect");
}

std::string InconclusiveText(const GateSetup& setup, const GateOutcome& outcome,
                             const ArmNames& names) {
  const PhaseOutcome& main = *outcome.Phase(GatePhase::kMain);
  const std::string why = outcome.reason.empty() ? "the gate is not over" : outcome.reason;
  if (main.blocks == 0) return fmt::format("no block was measured: {}", why);
  const auto open = OpenOf(main);
  const auto& which = !outcome.failed.empty() ? outcome.failed : open.empty() ? AllOf(setup) : open;
  return fmt::format("{}; tolerated {}, must catch {}; {}: {}",
                     CompareWorst(setup, main, which, names), MarginText(setup.rule.tolerated),
                     MarginText(setup.rule.must_catch), BlocksText(main.blocks), why);
}

/// With the number of the null control where that is the reason.
std::string UnfitText(const GateSetup& setup, const GateOutcome& outcome) {
  const auto& control = outcome.Phase(GatePhase::kNullControl);
  if (!control) return outcome.reason;
  std::vector<size_t> regressed;
  for (size_t i = 0; i < control->judgements.size(); ++i) {
    if (control->judgements[i].state == MetricState::kRegressed) regressed.push_back(i);
  }
  if (regressed.empty()) return outcome.reason;
  const size_t worst = WorstOf(*control, regressed);
  return fmt::format("{}: {}; {}", outcome.reason,
                     DescribeChange(setup.metrics[worst], control->judgements[worst]),
                     BlocksText(control->blocks));
}

std::string TextOf(const GateSetup& setup, const GateOutcome& outcome, const ArmNames& names) {
  switch (outcome.verdict) {
    case GateVerdict::kPass:
      return PassText(setup, outcome, names);
    case GateVerdict::kFail:
      return FailText(setup, outcome, names);
    case GateVerdict::kInconclusive:
      return InconclusiveText(setup, outcome, names);
    case GateVerdict::kUnfit:
      return UnfitText(setup, outcome);
    case GateVerdict::kUsage:
    case GateVerdict::kIntegrity:
    case GateVerdict::kWorkload:
      break;
  }
  return outcome.reason;
}

}  // namespace

double RelativeChange(const GateMetric& metric, double worse_ratio) {
  return metric.higher_is_better ? 1 / worse_ratio - 1 : worse_ratio - 1;
}

std::string DescribeChange(const GateMetric& metric, const MetricJudgement& judgement) {
  if (!judgement.ratio) return "not measured";
  const double worse = PercentWorse(metric, *judgement.ratio);
  const bool is_higher = metric.higher_is_better ? worse < 0 : worse >= 0;
  const int decimals = DecimalsFor(worse);
  // Better by 3 %: the ends are turned round too, so that they enclose the number shown.
  const double sign = worse < 0 ? -1 : 1;
  std::string first = End(metric, judgement.low, sign, decimals);
  std::string second = End(metric, judgement.high, sign, decimals);
  if (sign < 0) std::swap(first, second);
  return fmt::format("{} % {} [{}, {}]", Number(std::abs(worse), decimals),
                     is_higher ? "higher" : "lower", first, second);
}

std::string GateSentence(const GateSetup& setup, const GateOutcome& outcome,
                         const ArmNames& names) {
  std::string line = fmt::format("{}: {}", NameOf(outcome.verdict), TextOf(setup, outcome, names));
  for (char& letter : line) {
    if (letter == '\n' || letter == '\r') letter = ' ';  // a fault's text may have several lines
  }
  return line.ends_with('.') ? line : line + ".";
}

}  // namespace coresweep
