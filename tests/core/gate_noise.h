// Noise to try the gate on: made up by formula, or recorded on a real machine
// (tests/fixtures/noise).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/counter_random.h"
#include "harness/core/gate_session.h"

namespace coresweep {

/// What a machine does to the log times of one launch after the other.
enum class NoiseKind {
  kIid,        ///< normal, 4 %
  kAr90,       ///< AR(1), ρ 0.9, 10 % in the long run
  kAr99,       ///< AR(1), ρ 0.99, 10 % in the long run
  kBursts,     ///< 2 %, and twice the time in bursts: 10 launches long, a fifth of them
  kDrift,      ///< 2 %, and 0.5 % slower with each launch
  kBimodal,    ///< 2 %, and two modes 20 % apart, by chance for each launch
  kHeavyTail,  ///< Student's t with 2 degrees of freedom, scaled by 2 %
  kTies,       ///< nine launches of ten exactly 0, else normal, 10 %
};
std::string NameOf(NoiseKind kind);

/// A made-up machine: log times, one launch after the other. Same seed, same machine.
class NoiseMachine {
 public:
  NoiseMachine(NoiseKind kind, uint64_t seed);
  double NextLogTime();

 private:
  double Uniform() { return words_.Uniform(used_++); }
  double Normal();

  NoiseKind kind_;
  CounterRandom words_;
  uint64_t used_ = 0;
  double level_ = 0;  // of the autoregression
  bool burst_ = false;
  int64_t launch_ = 0;
};

/// One block as recorded: seconds by slot.
struct RecordedBlock {
  BlockOrder order = BlockOrder::kAbba;
  std::array<double, 4> wall{};
};
/// The whole blocks of tests/fixtures/noise/`name`.csv. @throws Error when the file is not as its
/// README says.
std::vector<RecordedBlock> ReadRecordedNoise(const std::string& name);

/// The block with the times `wall` in its slots, B's times multiplied by `candidate_factor`.
BlockResult BlockOfTimes(BlockOrder order, const std::array<double, 4>& wall,
                         double candidate_factor);

}  // namespace coresweep
