#include "tests/core/gate_noise.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <numbers>

#include "harness/base/error.h"

namespace coresweep {
namespace {

struct Row {
  int block = 0;
  int slot = 0;
  int arm = 0;
  double wall = 0;
};

std::vector<Row> ReadRows(const std::string& name) {
  std::ifstream file(CORESWEEP_SOURCE_DIR "/tests/fixtures/noise/" + name + ".csv");
  std::vector<Row> rows;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    Row row;
    // NOLINTNEXTLINE(cert-err34-c): fixtures of our own
    if (std::sscanf(line.c_str(), "%d,%d,%d,%lf,", &row.block, &row.slot, &row.arm, &row.wall) !=
        4) {
      throw Error(fmt::format("{}.csv: not a launch: {}", name, line));
    }
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

std::string NameOf(NoiseKind kind) {
  constexpr std::array kNames{"iid",   "ar90",    "ar99",      "bursts",
                              "drift", "bimodal", "heavytail", "ties"};
  return kNames.at(static_cast<size_t>(kind));
}

NoiseMachine::NoiseMachine(NoiseKind kind, uint64_t seed) : kind_(kind), words_(seed, 1000) {
  level_ = 0.10 * Normal();  // in its long run from the start
}

double NoiseMachine::NextLogTime() {
  ++launch_;
  switch (kind_) {
    case NoiseKind::kIid:
      return 0.04 * Normal();
    case NoiseKind::kAr90:
    case NoiseKind::kAr99: {
      const double rho = kind_ == NoiseKind::kAr90 ? 0.9 : 0.99;
      level_ = rho * level_ + 0.10 * std::sqrt(1 - rho * rho) * Normal();
      return level_;
    }
    case NoiseKind::kBursts: {
      const double turn = Uniform();
      burst_ = burst_ ? turn > 1.0 / 10 : turn < 1.0 / 40;
      return 0.02 * Normal() + (burst_ ? std::numbers::ln2 : 0);
    }
    case NoiseKind::kDrift:
      return 0.02 * Normal() + 0.005 * static_cast<double>(launch_);
    case NoiseKind::kBimodal:
      return 0.02 * Normal() + (Uniform() < 0.5 ? 0.20 : 0);
    case NoiseKind::kHeavyTail:  // normal over the root of an exponential is t2
      return 0.02 * Normal() / std::sqrt(-std::log(1 - Uniform()));
    case NoiseKind::kTies:
      return Uniform() < 0.9 ? 0 : 0.10 * Normal();
  }
  return 0;
}

/// Box and Muller 1958.
double NoiseMachine::Normal() {
  const double radius = std::sqrt(-2 * std::log(1 - Uniform()));
  return radius * std::cos(2 * std::numbers::pi * Uniform());
}

std::vector<RecordedBlock> ReadRecordedNoise(const std::string& name) {
  const std::vector<Row> rows = ReadRows(name);
  std::vector<RecordedBlock> blocks;
  for (size_t first = 0; first + 4 <= rows.size(); first += 4) {
    RecordedBlock block;
    block.order = rows[first].arm == 0 ? BlockOrder::kAbba : BlockOrder::kBaab;
    const auto arms = ArmsOf(block.order);
    for (size_t slot = 0; slot < 4; ++slot) {
      const Row& row = rows[first + slot];
      const bool as_told = row.block == rows[first].block && row.slot == static_cast<int>(slot) &&
                           row.arm == static_cast<int>(arms.at(slot)) && row.wall > 0;
      if (!as_told) throw Error(fmt::format("{}.csv: block {} is not whole", name, row.block));
      block.wall.at(slot) = row.wall;
    }
    blocks.push_back(block);
  }
  if (blocks.empty()) throw Error(fmt::format("{}.csv: no blocks", name));
  return blocks;
}

BlockResult BlockOfTimes(BlockOrder order, const std::array<double, 4>& wall,
                         double candidate_factor) {
  BlockResult block;
  const auto arms = ArmsOf(order);
  for (size_t slot = 0; slot < 4; ++slot) {
    GateLaunch launch;
    launch.arm = arms.at(slot);
    const double factor = launch.arm == GateArm::kCandidate ? candidate_factor : 1;
    launch.values = {wall.at(slot) * factor};
    block.launches.push_back(std::move(launch));
  }
  return block;
}

}  // namespace coresweep
