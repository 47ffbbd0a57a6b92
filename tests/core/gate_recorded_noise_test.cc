// The gate on launches recorded on a real machine (tests/fixtures/noise). Deterministic by seed.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "harness/core/counter_random.h"
#include "tests/core/gate_noise.h"
#include "tests/core/gate_tally.h"

namespace coresweep {
namespace {

constexpr uint64_t kSeed = 7;
constexpr int kGates = 500;

/// Blocks drawn with replacement from `recorded`, B's times multiplied by `factor`. Where the arms
/// were identical, the coin of the gate labels the launches anew.
GateTally Resampled(const std::vector<RecordedBlock>& recorded, double factor, int gates = kGates) {
  return TallyGates(gates, kSeed, [&](uint64_t index) {
    return [&recorded, factor, draws = CounterRandom(kSeed, index + 1)](const GateBlock& asked) {
      const auto word = draws.Word(static_cast<uint64_t>(asked.phase) * 1000 +
                                   static_cast<uint64_t>(asked.attempt));
      const RecordedBlock& block = recorded[word % recorded.size()];
      const bool control = asked.phase == GatePhase::kNullControl;
      return BlockOfTimes(asked.order, block.wall, control ? 1 : factor);
    };
  });
}

/// Blocks drawn from `slowed`, where arm B really did more work, with the labels they had: only
/// blocks of the order asked for. The null control draws from `equal`.
GateTally ReallySlowed(const std::vector<RecordedBlock>& slowed,
                       const std::vector<RecordedBlock>& equal, int gates = kGates) {
  std::array<std::vector<RecordedBlock>, 2> by_order;
  for (const RecordedBlock& block : slowed) {
    by_order.at(static_cast<size_t>(block.order)).push_back(block);
  }
  return TallyGates(gates, kSeed, [&](uint64_t index) {
    return [&, draws = CounterRandom(kSeed, index + 1)](const GateBlock& asked) {
      const bool control = asked.phase == GatePhase::kNullControl;
      const auto& from = control ? equal : by_order.at(static_cast<size_t>(asked.order));
      const auto word = draws.Word(static_cast<uint64_t>(asked.phase) * 1000 +
                                   static_cast<uint64_t>(asked.attempt));
      return BlockOfTimes(asked.order, from[word % from.size()].wall, 1);
    };
  });
}

class OnRecordedNoise : public testing::TestWithParam<std::string> {};
TEST_P(OnRecordedNoise, Show) {
  const auto recorded = ReadRecordedNoise(GetParam());
  for (const double factor : {1.0, 1.02, 1.05, 1.10}) {
    std::printf("%s %g: %s\n", GetParam().c_str(), factor, Resampled(recorded, factor).Line().c_str());
  }
}
INSTANTIATE_TEST_SUITE_P(Files, OnRecordedNoise, testing::Values("q1", "q2", "n1", "n2"),
                         [](const auto& info) { return info.param; });
TEST(OnSlowed, Show) {
  std::printf("p2: %s\n", ReallySlowed(ReadRecordedNoise("p2"), ReadRecordedNoise("q2")).Line().c_str());
  std::printf("pn2: %s\n", ReallySlowed(ReadRecordedNoise("pn2"), ReadRecordedNoise("n2")).Line().c_str());
}

}  // namespace
}  // namespace coresweep
