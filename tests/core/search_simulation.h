// A machine for the search: cells of known speed under recorded noise.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/core/counter_random.h"
#include "harness/core/search.h"

namespace coresweep {

/// Wall times of tests/fixtures/noise/NAME.csv in run order, seconds.
inline std::vector<double> RecordedWalls(const std::string& name) {
  std::ifstream file(CORESWEEP_SOURCE_DIR "/tests/fixtures/noise/" + name + ".csv");
  std::string line;
  std::getline(file, line);
  std::vector<double> walls;
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string field;
    for (int i = 0; i <= 3; ++i)
      std::getline(fields, field, ',');
    walls.push_back(std::stod(field));
  }
  if (walls.size() < 1000) throw std::runtime_error("no recorded noise in " + name);
  return walls;
}

/// Walks through recorded walls from a random place, so that their autocorrelation stays.
class SimulatedMachine {
 public:
  /// `log_times[cell]`: log of the cell's true time on an even scale; the reference is at 0.8.
  SimulatedMachine(const std::vector<double>& walls, std::vector<double> log_times, uint64_t seed)
      : walls_(walls),
        log_times_(std::move(log_times)),
        at_(CounterRandom(seed, 99).Word(0) % walls.size()) {}

  LaunchOutcome Launch(const SearchStep& step) {
    if (step.phase == SearchPhase::kProbe) return {};
    const double log_time =
        step.cell == PairedLog::kReference ? 0.8 : log_times_[static_cast<size_t>(step.cell)];
    at_ = (at_ + 1) % walls_.size();
    return {walls_[at_] * std::exp(log_time), ""};
  }

 private:
  const std::vector<double>& walls_;
  std::vector<double> log_times_;
  size_t at_;
};

/// Log times of `cells` cells: a best at 0 in a random place, the others exponential with mean 0.5
/// from `lead` on, of which one is exactly there.
inline std::vector<double> UniqueBest(int cells, double lead, uint64_t seed) {
  const CounterRandom random(seed, 7);
  std::vector<double> log_times;
  for (int i = 0; i < cells; ++i)
    log_times.push_back(-0.5 * std::log(1 - random.Uniform(static_cast<uint64_t>(i))));
  const size_t best = random.Word(static_cast<uint64_t>(cells)) % log_times.size();
  log_times[best] = 1e9;
  const double least = *std::min_element(log_times.begin(), log_times.end());
  for (double& x : log_times)
    x += lead - least;
  log_times[best] = 0;
  return log_times;
}

/// The same without a lead: about 19 of 200 cells within 5 % of the best.
inline std::vector<double> ManyGood(int cells, uint64_t seed) {
  return UniqueBest(cells, 0, seed);
}

inline SearchResult RunSearch(const SearchPlan& plan, SimulatedMachine& machine) {
  Search search(plan);
  while (const auto step = search.Next())
    search.Add(machine.Launch(*step));
  return search.Result();
}

}  // namespace coresweep
