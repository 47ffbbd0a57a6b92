#include "harness/core/gate_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "harness/base/error.h"
#include "harness/core/counter_random.h"

namespace coresweep {
namespace {

constexpr std::array<std::string_view, 3> kBlockValueNames{"mean", "best", "both"};
constexpr size_t kLaunches = 4;
/// More invalid blocks than a quarter of this many or more: the machine is not fit.
constexpr int64_t kLeastForUnfit = 8;
constexpr int64_t kInvalidPart = 4;

/// What log values make of an arm's launches in a block, one after the other.
struct ArmValue {
  double sum = 0;
  double best = std::numeric_limits<double>::infinity();
  void Add(double log_of_worse) {
    sum += log_of_worse;
    best = std::min(best, log_of_worse);
  }
};

/// The differences of gate_rule.h, by the mean and by the better launches.
struct BlockDifferences {
  double mean = 0;
  double best = 0;
};

/// nullopt where a launch has no value.
std::optional<BlockDifferences> DifferencesOf(const BlockResult& block, size_t metric,
                                              const GateSetup& setup) {
  const double sign = setup.metrics[metric].higher_is_better ? -1 : 1;
  ArmValue base;
  ArmValue candidate;
  for (const GateLaunch& launch : block.launches) {
    const std::optional<double> value = launch.values[metric];
    if (!value) return std::nullopt;
    (launch.arm == GateArm::kBase ? base : candidate).Add(sign * std::log(*value));
  }
  return BlockDifferences{candidate.sum / 2 - base.sum / 2, candidate.best - base.best};
}

void AddTo(MetricSeries& series, const std::optional<BlockDifferences>& block, BlockValue value) {
  if (!block) {
    ++series.unmeasured;
    return;
  }
  series.differences.push_back(value == BlockValue::kBest ? block->best : block->mean);
  if (value == BlockValue::kBoth) series.best.push_back(block->best);
}

bool HasFault(const BlockResult& block) {
  return std::any_of(block.launches.begin(), block.launches.end(), [](const GateLaunch& launch) {
    return !launch.integrity_fault.empty() || !launch.workload_fault.empty();
  });
}

bool IsUsable(std::optional<double> value) {
  return !value || (std::isfinite(*value) && *value > 0);
}

/// "main batch, block 3, launch 2 (B)", counted from 1 and with the invalid blocks.
std::string PlaceOf(const GateBlock& block, const BlockResult& result, size_t launch) {
  return fmt::format("{}, block {}, launch {} ({})", TitleOf(block.phase), block.attempt + 1,
                     launch + 1, TitleOf(block.phase, result.launches[launch].arm));
}

std::string NamesOf(const std::vector<GateMetric>& metrics, const std::vector<size_t>& which) {
  std::vector<std::string_view> names;
  names.reserve(which.size());
  for (const size_t index : which)
    names.push_back(metrics[index].name);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::vector<size_t> InState(const std::vector<MetricJudgement>& judgements, MetricState state) {
  std::vector<size_t> found;
  for (size_t i = 0; i < judgements.size(); ++i) {
    if (judgements[i].state == state) found.push_back(i);
  }
  return found;
}

std::vector<size_t> Both(const std::vector<size_t>& a, const std::vector<size_t>& b) {
  std::vector<size_t> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

}  // namespace

std::string_view NameOf(GatePhase phase) {
  constexpr std::array<std::string_view, 3> kNames{"main", "confirmation", "null_control"};
  return kNames.at(static_cast<size_t>(phase));
}

std::string_view TitleOf(GatePhase phase) {
  constexpr std::array<std::string_view, 3> kTitles{"main batch", "confirmation", "null control"};
  return kTitles.at(static_cast<size_t>(phase));
}

std::string_view NameOf(GateArm arm) {
  return arm == GateArm::kBase ? "A" : "B";
}

std::string_view TitleOf(GatePhase phase, GateArm arm) {
  if (arm == GateArm::kBase) return "A";
  return phase == GatePhase::kNullControl ? "copy of A" : "B";
}

std::string_view NameOf(BlockOrder order) {
  return order == BlockOrder::kAbba ? "ABBA" : "BAAB";
}

std::string_view NameOf(BlockValue value) {
  return kBlockValueNames.at(static_cast<size_t>(value));
}

std::optional<BlockValue> ParseBlockValue(std::string_view name) {
  const auto* const found = std::find(kBlockValueNames.begin(), kBlockValueNames.end(), name);
  if (found == kBlockValueNames.end()) return std::nullopt;
  return static_cast<BlockValue>(found - kBlockValueNames.begin());
}

std::array<GateArm, 4> ArmsOf(BlockOrder order) {
  const bool base_outside = order == BlockOrder::kAbba;
  const GateArm outer = base_outside ? GateArm::kBase : GateArm::kCandidate;
  const GateArm inner = base_outside ? GateArm::kCandidate : GateArm::kBase;
  return {outer, inner, inner, outer};
}

BlockOrder OrderOf(uint64_t seed, GatePhase phase, int64_t attempt) {
  const CounterRandom coins(seed, static_cast<uint64_t>(phase));
  return coins.Coin(static_cast<uint64_t>(attempt)) ? BlockOrder::kBaab : BlockOrder::kAbba;
}

std::array<int64_t, 2> BuildsOf(uint64_t seed, GatePhase phase, int64_t attempt,
                                const std::array<int64_t, 2>& builds) {
  constexpr uint64_t kFirstStream = 16;  // behind those of the coins
  std::array<int64_t, 2> drawn{};
  for (size_t arm = 0; arm < drawn.size(); ++arm) {
    const CounterRandom words(seed, kFirstStream + 2 * static_cast<uint64_t>(phase) + arm);
    const int64_t many = builds.at(phase == GatePhase::kNullControl ? 0 : arm);
    drawn.at(arm) = static_cast<int64_t>(words.Word(static_cast<uint64_t>(attempt)) %
                                         static_cast<uint64_t>(many));
  }
  return drawn;
}

GateSession::GateSession(GateSetup setup) : setup_(std::move(setup)) {
  CheckGateRule(setup_.rule, static_cast<int64_t>(setup_.metrics.size()));
  Enter(GatePhase::kMain);
  if (setup_.metrics.empty()) {
    End(GateVerdict::kUsage, "no metric is gated: name at least one");
  } else if (setup_.identical_arms && !setup_.same_arms_asked) {
    End(GateVerdict::kUsage,
        "A and B are the same, so there is nothing to compare: change one, or "
        "ask for A against A");
  }
}

std::optional<GateBlock> GateSession::Next() const {
  if (over_) return std::nullopt;
  const PhaseOutcome& current = *outcome_.Phase(phase_);
  const int64_t attempt = current.blocks + current.invalid;
  GateBlock block{phase_, attempt, OrderOf(setup_.seed, phase_, attempt)};
  if (setup_.builds[0] > 0) block.builds = BuildsOf(setup_.seed, phase_, attempt, setup_.builds);
  return block;
}

void GateSession::Add(const BlockResult& block) {
  CheckShape(block);
  if (EndedByFault(block)) return;
  if (block.invalid.empty()) {
    CountValid(block);
  } else {
    ++Current().invalid;
  }
  if (EndedByInvalid(block.invalid)) return;
  if (block.invalid.empty() && IsLook(setup_.rule, Current().blocks)) Judge();
}

void GateSession::Refuse(const std::string& reason) {
  if (!over_) End(GateVerdict::kUnfit, reason);
}

void GateSession::Stop(const std::string& reason) {
  if (over_) return;
  const std::string during =
      phase_ == GatePhase::kMain
          ? reason
          : fmt::format("the main batch failed on {}, and the {} was cut short: {}",
                        NamesOf(setup_.metrics, outcome_.failed), TitleOf(phase_), reason);
  End(GateVerdict::kInconclusive, during);
}

/// A block with a fault, or invalid, may have ended early and lack values.
void GateSession::CheckShape(const BlockResult& block) const {
  const auto asked = Next();
  if (!asked) throw Error("gate: a block came after the end");
  const bool whole = block.invalid.empty() && !HasFault(block);
  const size_t launches = block.launches.size();
  if (launches > kLaunches || (whole && launches != kLaunches)) {
    throw Error(fmt::format("gate: a block of {} launches, must be {}", launches, kLaunches));
  }
  const auto arms = ArmsOf(asked->order);
  for (size_t i = 0; i < launches; ++i) {
    const GateLaunch& launch = block.launches[i];
    if (launch.arm != arms[i]) {
      throw Error(fmt::format("gate: launch {} is of arm {}, but the order is {}", i + 1,
                              NameOf(launch.arm), NameOf(asked->order)));
    }
    if (launch.values.size() != setup_.metrics.size() && (whole || !launch.values.empty())) {
      throw Error(fmt::format("gate: launch {} has {} values for {} gated metrics", i + 1,
                              launch.values.size(), setup_.metrics.size()));
    }
  }
}

bool GateSession::EndedByFault(const BlockResult& block) {
  const GateBlock asked = *Next();
  for (size_t i = 0; i < block.launches.size(); ++i) {
    const GateLaunch& launch = block.launches[i];
    if (!launch.workload_fault.empty()) {
      End(GateVerdict::kWorkload, PlaceOf(asked, block, i) + ": " + launch.workload_fault);
      return true;
    }
    for (size_t m = 0; m < launch.values.size() && block.invalid.empty(); ++m) {
      if (IsUsable(launch.values[m])) continue;
      End(GateVerdict::kWorkload,
          fmt::format("{}: {} is {} {}, which no working launch gives", PlaceOf(asked, block, i),
                      setup_.metrics[m].name, *launch.values[m], setup_.metrics[m].unit));
      return true;
    }
  }
  for (size_t i = 0; i < block.launches.size(); ++i) {
    if (block.launches[i].integrity_fault.empty()) continue;
    End(GateVerdict::kIntegrity,
        PlaceOf(asked, block, i) + ": " + block.launches[i].integrity_fault);
    return true;
  }
  return false;
}

bool GateSession::EndedByInvalid(const std::string& last) {
  int64_t invalid = 0;
  int64_t all = 0;
  for (const auto& phase : outcome_.phases) {
    if (!phase) continue;
    invalid += phase->invalid;
    all += phase->invalid + phase->blocks;
  }
  if (!last.empty()) last_invalid_ = last;
  if (all < kLeastForUnfit || invalid * kInvalidPart <= all) return false;
  End(GateVerdict::kUnfit, fmt::format("{} of {} blocks were invalid, the last because: {}",
                                       invalid, all, last_invalid_));
  return true;
}

void GateSession::CountValid(const BlockResult& block) {
  PhaseOutcome& current = Current();
  ++current.blocks;
  for (size_t m = 0; m < setup_.metrics.size(); ++m) {
    AddTo(current.series[m], DifferencesOf(block, m, setup_), setup_.block_value);
    current.judgements[m] = JudgeMetric(current.series[m], setup_.rule, std::ssize(setup_.metrics));
  }
}

void GateSession::Judge() {
  switch (phase_) {
    case GatePhase::kMain:
      return JudgeMain();
    case GatePhase::kConfirmation:
      return JudgeConfirmation();
    case GatePhase::kNullControl:
      return JudgeNullControl();
  }
}

void GateSession::JudgeMain() {
  const PhaseOutcome& main = Current();
  outcome_.failed = InState(main.judgements, MetricState::kRegressed);
  if (!outcome_.failed.empty()) return Enter(GatePhase::kConfirmation);
  const auto clean = InState(main.judgements, MetricState::kClean);
  if (clean.size() == setup_.metrics.size()) return End(GateVerdict::kPass, "");
  if (main.blocks >= setup_.rule.most_blocks) {
    End(GateVerdict::kInconclusive,
        fmt::format("{} blocks, the most allowed, prove nothing", main.blocks));
  }
}

void GateSession::JudgeConfirmation() {
  const PhaseOutcome& fresh = Current();
  const auto again = Both(outcome_.failed, InState(fresh.judgements, MetricState::kRegressed));
  if (!again.empty()) {
    outcome_.failed = again;
    return Enter(GatePhase::kNullControl);
  }
  const auto clean = Both(outcome_.failed, InState(fresh.judgements, MetricState::kClean));
  if (clean != outcome_.failed && fresh.blocks < setup_.rule.most_blocks) return;
  End(GateVerdict::kInconclusive,
      fmt::format("the main batch failed on {}, but {} fresh blocks did not confirm it",
                  NamesOf(setup_.metrics, outcome_.failed), fresh.blocks));
}

void GateSession::JudgeNullControl() {
  const PhaseOutcome& control = Current();
  const auto regressed = InState(control.judgements, MetricState::kRegressed);
  if (!regressed.empty()) {
    return End(GateVerdict::kUnfit,
               fmt::format("contaminated: A against a copy of itself fails too, on {}",
                           NamesOf(setup_.metrics, regressed)));
  }
  const bool at_end = control.blocks >= setup_.rule.most_blocks;
  const bool clears = std::all_of(outcome_.failed.begin(), outcome_.failed.end(),
                                  [&](size_t metric) { return ControlClears(metric, at_end); });
  if (clears) return End(GateVerdict::kFail, "");
  if (!at_end) return;
  End(GateVerdict::kInconclusive,
      fmt::format(
          "the main batch failed on {} and {} fresh blocks confirmed it, but in {} blocks A "
          "could not be shown equal to a copy of itself",
          NamesOf(setup_.metrics, outcome_.failed),
          outcome_.Phase(GatePhase::kConfirmation)->blocks, control.blocks));
}

bool GateSession::ControlClears(size_t metric, bool at_end) const {
  const MetricJudgement& control = outcome_.Phase(GatePhase::kNullControl)->judgements[metric];
  if (!control.ratio || *control.ratio > 1 + setup_.rule.tolerated) return false;
  if (control.state == MetricState::kClean) return true;
  const auto& found = outcome_.Phase(GatePhase::kConfirmation)->judgements[metric];
  return at_end && control.high && *control.high < *found.ratio;
}

void GateSession::Enter(GatePhase phase) {
  phase_ = phase;
  PhaseOutcome fresh;
  fresh.series.resize(setup_.metrics.size());
  fresh.judgements.resize(setup_.metrics.size());
  outcome_.phases.at(static_cast<size_t>(phase)) = std::move(fresh);
}

void GateSession::End(GateVerdict verdict, std::string reason) {
  over_ = true;
  outcome_.verdict = verdict;
  outcome_.reason = std::move(reason);
}

PhaseOutcome& GateSession::Current() {
  return *outcome_.phases.at(static_cast<size_t>(phase_));
}

}  // namespace coresweep
