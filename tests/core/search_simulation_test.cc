// The search on recorded noise: how often it is right and what it costs.
#include "tests/core/search_simulation.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace coresweep {
namespace {

struct Tally {
  int sweeps = 0;
  int right = 0;   ///< choice within 5 % of the best
  int winner = 0;  ///< ended with a lone winner
  int wrong_winner = 0;
  int undecided = 0;
  double launches = 0;  ///< a cell, mean
  double most = 0;      ///< of a sweep
};

enum class Landscape { kUniqueBest, kManyGood };

Tally Simulate(SearchPlan plan, const std::string& noise, Landscape landscape, int sweeps) {
  const auto walls = RecordedWalls(noise);
  Tally tally;
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    plan.seed = static_cast<uint64_t>(sweep) + 1;
    const auto log_times = landscape == Landscape::kUniqueBest
                               ? UniqueBest(plan.cells, std::log(1.06), plan.seed)
                               : ManyGood(plan.cells, plan.seed);
    SimulatedMachine machine(walls, log_times, plan.seed);
    const SearchResult result = RunSearch(plan, machine);
    const double behind = log_times[static_cast<size_t>(*result.choice)];
    const double launches =
        static_cast<double>(result.launches + result.probes) / static_cast<double>(plan.cells);
    ++tally.sweeps;
    tally.right += behind <= std::log(1.05) ? 1 : 0;
    tally.winner += result.end == SearchEnd::kWinner ? 1 : 0;
    tally.wrong_winner += result.end == SearchEnd::kWinner && behind > 0 ? 1 : 0;
    tally.undecided += result.end == SearchEnd::kSurvivors ? 1 : 0;
    tally.launches += launches / sweeps;
    tally.most = std::max(tally.most, launches);
  }
  return tally;
}

SearchPlan TwoHundred(SearchMode mode) {
  SearchPlan plan;
  plan.mode = mode;
  plan.cells = 200;
  plan.default_cell = 0;
  return plan;
}

// 60 sweeps a file here; `TableOf500Sweeps` holds the figures.
TEST(SearchSimulation, QuickIsRightForEightLaunchesACell) {
  for (const auto* noise : {"q1", "q2", "n1", "n2"}) {
    const Tally tally = Simulate(TwoHundred(SearchMode::kQuick), noise, Landscape::kUniqueBest, 60);
    EXPECT_GE(tally.right, 57) << noise;
    EXPECT_LE(tally.launches, 8) << noise;
    EXPECT_EQ(tally.wrong_winner, 0) << noise;
  }
}

TEST(SearchSimulation, CertifiedIsRightForTwentyLaunchesACell) {
  for (const auto* noise : {"q1", "q2", "n1", "n2"}) {
    const Tally tally =
        Simulate(TwoHundred(SearchMode::kCertified), noise, Landscape::kUniqueBest, 30);
    EXPECT_EQ(tally.right, 30) << noise;
    EXPECT_LE(tally.launches, 20) << noise;
    EXPECT_EQ(tally.wrong_winner, 0) << noise;
  }
}

TEST(SearchSimulation, ManyGoodCellsEndInOneOfThem) {
  for (const auto* noise : {"q1", "n2"}) {
    const Tally tally = Simulate(TwoHundred(SearchMode::kQuick), noise, Landscape::kManyGood, 40);
    EXPECT_EQ(tally.right, 40) << noise;
    EXPECT_LE(tally.launches, 8) << noise;
  }
}

// By hand: --gtest_also_run_disabled_tests --gtest_filter=*Table*.
TEST(SearchSimulation, DISABLED_TableOf500Sweeps) {
  fmt::print(
      "noise landscape mode: right, launches a cell mean (most), winner (wrong), undecided\n");
  for (const auto landscape : {Landscape::kUniqueBest, Landscape::kManyGood}) {
    for (const auto mode : {SearchMode::kQuick, SearchMode::kCertified}) {
      for (const auto* noise : {"q1", "q2", "n1", "n2"}) {
        const Tally tally = Simulate(TwoHundred(mode), noise, landscape, 500);
        fmt::print("{} {} {:9}: {:5.1f} %, {:5.2f} ({:5.2f}), {:5.1f} % ({:.1f} %), {:.1f} %\n",
                   noise, landscape == Landscape::kUniqueBest ? "lead" : "many", ToString(mode),
                   100.0 * tally.right / tally.sweeps, tally.launches, tally.most,
                   100.0 * tally.winner / tally.sweeps, 100.0 * tally.wrong_winner / tally.sweeps,
                   100.0 * tally.undecided / tally.sweeps);
        std::fflush(stdout);
      }
    }
  }
}

}  // namespace
}  // namespace coresweep
