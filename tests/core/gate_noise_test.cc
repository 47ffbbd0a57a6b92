// The gate on made-up noise: how often it falsely fails and how often it catches what was planted.
// Deterministic by seed.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "tests/core/gate_noise.h"
#include "tests/core/gate_tally.h"

namespace coresweep {
namespace {

constexpr uint64_t kSeed = 20240501;
constexpr int kGates = 1000;

/// B slower by `effect` on a machine of its own for each gate.
GateTally Tally(NoiseKind kind, double effect, int gates = kGates) {
  return TallyGates(gates, kSeed, [=](uint64_t index) {
    const auto machine = std::make_shared<NoiseMachine>(kind, kSeed + index);
    return [=](const GateBlock& asked) {
      std::array<double, 4> wall{};
      for (double& time : wall) time = std::exp(machine->NextLogTime());
      return BlockOfTimes(asked.order, wall,
                          asked.phase == GatePhase::kNullControl ? 1 : 1 + effect);
    };
  });
}

class GateOnNoise : public testing::TestWithParam<NoiseKind> {};

TEST_P(GateOnNoise, SeldomFailsOnEqualArms) {
  const GateTally tally = Tally(GetParam(), 0);
  RecordProperty("tally", tally.Line());
  std::printf("%s 0: %s\n", NameOf(GetParam()).c_str(), tally.Line().c_str());
}

TEST_P(GateOnNoise, SeldomFailsExactlyAtTheToleratedMargin) {
  const GateTally tally = Tally(GetParam(), 0.02);
  std::printf("%s m: %s\n", NameOf(GetParam()).c_str(), tally.Line().c_str());
}
TEST_P(GateOnNoise, Five) {
  const GateTally tally = Tally(GetParam(), 0.05);
  std::printf("%s 5: %s\n", NameOf(GetParam()).c_str(), tally.Line().c_str());
}
TEST_P(GateOnNoise, Ten) {
  const GateTally tally = Tally(GetParam(), 0.10);
  std::printf("%s 10: %s\n", NameOf(GetParam()).c_str(), tally.Line().c_str());
}

INSTANTIATE_TEST_SUITE_P(Kinds, GateOnNoise,
                         testing::Values(NoiseKind::kIid, NoiseKind::kAr90, NoiseKind::kAr99,
                                         NoiseKind::kBursts, NoiseKind::kDrift, NoiseKind::kBimodal,
                                         NoiseKind::kHeavyTail, NoiseKind::kTies),
                         [](const auto& info) { return NameOf(info.param); });

}  // namespace
}  // namespace coresweep
