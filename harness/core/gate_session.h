// A gate from the first block to its verdict, as a state machine: it says which block to run next
// and is told what came out. It launches nothing, so a report's raw launches give the same verdict
// again (same setup, same blocks, same `Stop`).
//
//   main batch ─ every metric clean ──────────────────────────────► PASS
//      │ a metric regressed            └ open at most_blocks ─────► INCONCLUSIVE
//      ▼
//   confirmation (fresh blocks, fresh coins, same rule) ─ the same metric does not fail again
//      │ a metric that failed fails again                 ────────► INCONCLUSIVE
//      ▼
//   null control (A against a copy of A, same rule) ─ regressed ──► UNFIT "contaminated"
//      │ clean                          └ neither ────────────────► INCONCLUSIVE
//      ▼
//     FAIL
//
// The control must clear every metric that failed: be clean by the rule with its median within the
// tolerated margin; or, open at most_blocks, have its median within it and its interval end below
// the median that the confirmation found, so that a label alone cannot make the effect. Doubt here
// takes a FAIL away, never adds one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/gate_rule.h"
#include "harness/core/gate_verdict.h"

namespace coresweep {

/// One gated metric.
struct GateMetric {
  std::string name;  ///< "throughput", "latency_p99", …
  std::string unit;  ///< "items/s", "s", "bytes", …
  bool higher_is_better = false;
};

/// How two launches of an arm make its value in a block.
enum class BlockValue {
  kMean,  ///< mean of their logs: drift inside the block cancels
  kBest,  ///< the better one: other programs only ever add time, so of two launches at random in
          ///< loud and quiet moments the better tells more; but it overlooks a B that is slow now
          ///< and then. As exact under the coin: turning the labels round turns the sign round.
  kBoth,  ///< kMean; and to a regression kBest testifies too, with half of the evidence each. A
          ///< FAIL is false, and alpha bounds its chance, where B is worse neither by the means nor
          ///< by the better launches: an A that varies more has better ones at equal means
};
/// "mean", "best" or "both".
std::string_view NameOf(BlockValue value);
std::optional<BlockValue> ParseBlockValue(std::string_view name);

/// What a session is made of. Everything here belongs in the report.
struct GateSetup {
  GateRule rule;
  std::vector<GateMetric> metrics;  ///< gated ones only; K = how many
  uint64_t seed = 1;                ///< of the coins
  BlockValue block_value = BlockValue::kBoth;
  bool identical_arms = false;   ///< binaries, configuration and models of A and B are equal
  bool same_arms_asked = false;  ///< … and the user asked for just that (A/A)
  /// Builds of A and of B that may differ in layout, of which each block draws one of each; 0 and
  /// 0: the arms are not told apart by their program.
  std::array<int64_t, 2> builds{};
};

enum class GatePhase { kMain, kConfirmation, kNullControl };
/// "main", "confirmation", "null_control".
std::string_view NameOf(GatePhase phase);
/// The same for readers: "main batch", "confirmation", "null control".
std::string_view TitleOf(GatePhase phase);

enum class GateArm { kBase, kCandidate };
/// "A" or "B".
std::string_view NameOf(GateArm arm);
/// The same for readers: the null control has no B, but a "copy of A".
std::string_view TitleOf(GatePhase phase, GateArm arm);

enum class BlockOrder { kAbba, kBaab };
/// "ABBA" or "BAAB".
std::string_view NameOf(BlockOrder order);
std::array<GateArm, 4> ArmsOf(BlockOrder order);

/// The coin of block `attempt` of `phase`: each phase has a stream of its own.
BlockOrder OrderOf(uint64_t seed, GatePhase phase, int64_t attempt);

/// The builds of block `attempt`, from 0: of the first and of the second arm, each by a stream of
/// its own. In the null control both are of A, drawn apart, so that layout is as much noise there
/// as between A and B. `builds` as in the setup, above 0.
std::array<int64_t, 2> BuildsOf(uint64_t seed, GatePhase phase, int64_t attempt,
                                const std::array<int64_t, 2>& builds);

/// The block to run next. In the null control the arm `kCandidate` is a copy of A.
struct GateBlock {
  GatePhase phase = GatePhase::kMain;
  int64_t attempt = 0;  ///< 0, 1, … within the phase, the invalid ones counted
  BlockOrder order = BlockOrder::kAbba;
  /// Which build stands for A and which for B (in the null control: for the copy of A) in all of
  /// its launches; nullopt where there is nothing to draw.
  std::optional<std::array<int64_t, 2>> builds = std::nullopt;
};

/// One launch.
struct GateLaunch {
  GateArm arm = GateArm::kBase;
  /// One a gated metric, in the order of the setup; nullopt: not measured (never 0 for that).
  std::vector<std::optional<double>> values;
  std::string integrity_fault;  ///< an answer lost, doubled, moved or changed: what; empty: none
  std::string workload_fault;   ///< crash, time-out, zero items: what; empty: none
};

/// A block that was run.
struct BlockResult {
  /// In slot order. All four, or with a fault or `invalid` as many as were run.
  std::vector<GateLaunch> launches;
  /// Why the block counts for nothing (migration to another machine, clock jump, …), decided
  /// without looking at the values or the arm; empty: it counts.
  std::string invalid;
};

/// One phase so far.
struct PhaseOutcome {
  int64_t blocks = 0;                       ///< that count
  int64_t invalid = 0;                      ///< that do not
  std::vector<MetricSeries> series;         ///< one a gated metric
  std::vector<MetricJudgement> judgements;  ///< one a gated metric, by all blocks so far
};

/// Everything known, while the session runs and after.
struct GateOutcome {
  GateVerdict verdict = GateVerdict::kInconclusive;  ///< while it runs: INCONCLUSIVE
  std::string reason;  ///< why, in words; empty for PASS and FAIL: the numbers say it
  /// Metrics (indices) that failed: by the main batch, and from the end of the confirmation on only
  /// those that failed there again.
  std::vector<size_t> failed;
  std::array<std::optional<PhaseOutcome>, 3> phases;  ///< by GatePhase; nullopt: not reached

  [[nodiscard]] const std::optional<PhaseOutcome>& Phase(GatePhase phase) const {
    return phases.at(static_cast<size_t>(phase));
  }
};

class GateSession {
 public:
  /// Ends at once with USAGE when no metric is gated, or the arms are identical and that was not
  /// asked for. @throws UsageError as `CheckGateRule`.
  explicit GateSession(GateSetup setup);

  /// What to run; nullopt when the session is over.
  [[nodiscard]] std::optional<GateBlock> Next() const;

  /// Takes the block that `Next` asked for. In this order: a workload fault ends with WORKLOAD, and
  /// so does a value that is not finite or not above 0 (no such thing is ever fast); an integrity
  /// fault with INTEGRITY; both in either arm, in every phase, and in invalid blocks too. An
  /// invalid block is counted and another is asked for, with a coin of its own; more than 25 %
  /// invalid of 8 or more blocks of the session end with UNFIT. Else the block counts, and at a
  /// look is judged.
  /// @throws Error when the session is over, or arms, number of launches or of values are not those
  /// asked for: a fault of the caller.
  void Add(const BlockResult& block);

  /// The machine is not fit for it: UNFIT with `reason`. No effect when it is over.
  void Refuse(const std::string& reason);

  /// The budget or the user ended it: INCONCLUSIVE with `reason`, whatever the blocks since the
  /// last look say. No effect when it is over.
  void Stop(const std::string& reason);

  [[nodiscard]] bool Over() const { return over_; }
  [[nodiscard]] const GateSetup& Setup() const { return setup_; }
  [[nodiscard]] const GateOutcome& Outcome() const { return outcome_; }

 private:
  bool EndedByFault(const BlockResult& block);
  void CheckShape(const BlockResult& block) const;
  bool EndedByInvalid(const std::string& last);
  void CountValid(const BlockResult& block);
  void Judge();
  void JudgeMain();
  void JudgeConfirmation();
  void JudgeNullControl();
  /// Whether the control shows that a label alone does not explain the regression of `metric`.
  [[nodiscard]] bool ControlClears(size_t metric, bool at_end) const;
  void Enter(GatePhase phase);
  void End(GateVerdict verdict, std::string reason);
  PhaseOutcome& Current();

  GateSetup setup_;
  GatePhase phase_ = GatePhase::kMain;
  bool over_ = false;
  std::string last_invalid_;
  GateOutcome outcome_;
};

}  // namespace coresweep
