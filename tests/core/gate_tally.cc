#include "tests/core/gate_tally.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/counter_random.h"

namespace coresweep {

void GateTally::Add(const GateOutcome& outcome) {
  const int64_t main = BlocksOf(outcome, GatePhase::kMain);
  const int64_t both = main + BlocksOf(outcome, GatePhase::kConfirmation);
  const bool fails = outcome.Phase(GatePhase::kConfirmation).has_value();
  ++gates;
  failed += outcome.verdict == GateVerdict::kFail ? 1 : 0;
  passed += outcome.verdict == GateVerdict::kPass ? 1 : 0;
  inconclusive += outcome.verdict == GateVerdict::kInconclusive ? 1 : 0;
  unfit += outcome.verdict == GateVerdict::kUnfit ? 1 : 0;
  slower += outcome.Phase(GatePhase::kMain)->judgements[0].ratio > 1 ? 1 : 0;
  main_failed += fails ? 1 : 0;
  main_failed_by_30 += fails && main <= 30 ? 1 : 0;
  main_failed_by_60 += fails && main <= 60 ? 1 : 0;
  failed_by_60_in_all += outcome.verdict == GateVerdict::kFail && both <= 60 ? 1 : 0;
  main_blocks.push_back(main);
}

std::string GateTally::Line() const {
  std::vector<int64_t> sorted = main_blocks;
  std::sort(sorted.begin(), sorted.end());
  const auto percent = [this](int count) { return 100.0 * count / gates; };
  return fmt::format(
      "{} gates: FAIL {:.2f} PASS {:.2f} INCONCLUSIVE {:.2f} UNFIT {:.2f} %; main batch fails "
      "{:.2f}, "
      "by 30 {:.2f}, by 60 {:.2f}, FAIL by 60 in all {:.2f} %; B slower in {:.1f} %; blocks {} "
      "({})",
      gates, percent(failed), percent(passed), percent(inconclusive), percent(unfit),
      percent(main_failed), percent(main_failed_by_30), percent(main_failed_by_60),
      percent(failed_by_60_in_all), percent(slower), sorted[sorted.size() / 2],
      sorted[sorted.size() * 9 / 10]);
}

GateTally TallyGates(int gates, uint64_t seed, const SourceMaker& make, BlockValue block_value) {
  GateTally tally;
  const CounterRandom seeds(seed, 0);
  for (uint64_t index = 0; index < static_cast<uint64_t>(gates); ++index) {
    GateSetup setup = TimeGate(seeds.Word(index));
    setup.block_value = block_value;
    tally.Add(RunGate(setup, make(index)));
  }
  return tally;
}

}  // namespace coresweep
