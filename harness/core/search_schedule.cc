#include "harness/core/search_schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>

#include "harness/base/error.h"

namespace coresweep {
namespace {

const Cell& CellAt(const Plan& plan, int index) {
  return plan.cells[static_cast<size_t>(index)].cell;
}

/// How many copies of the model and of the program a mode makes, for the tie-break.
int MemoryOf(Mode mode) {
  constexpr std::array kLeastFirst{Mode::kSerial, Mode::kThreads, Mode::kProcesses};
  return static_cast<int>(std::find(kLeastFirst.begin(), kLeastFirst.end(), mode) -
                          kLeastFirst.begin());
}

std::vector<int> Candidates(const Plan& plan) {
  std::vector<int> cells;
  for (int i = 0; i < static_cast<int>(plan.cells.size()); ++i)
    if (CellAt(plan, i).mode != Mode::kIndependent) cells.push_back(i);
  return cells;
}

/// Position of each of `cells` in the order of the tie-break.
std::vector<int> RanksOf(const Plan& plan, const std::vector<int>& cells) {
  const auto key = [&](int candidate) {
    const Cell& cell = CellAt(plan, cells[static_cast<size_t>(candidate)]);
    return std::tuple(cell.workers, cell.threads, MemoryOf(cell.mode), cell.chunk, cell.credit,
                      candidate);
  };
  std::vector<int> order(cells.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&key](int a, int b) { return key(a) < key(b); });
  std::vector<int> ranks(cells.size());
  for (size_t rank = 0; rank < order.size(); ++rank)
    ranks[static_cast<size_t>(order[rank])] = static_cast<int>(rank);
  return ranks;
}

/// Index into `cells`, which are not empty.
int DefaultOf(const Plan& plan, const std::vector<int>& cells) {
  const auto key = [&](size_t candidate) {
    const PlannedCell& planned = plan.cells[static_cast<size_t>(cells[candidate])];
    const Cell& cell = planned.cell;
    return std::tuple(-MemoryOf(cell.mode), planned.placement.oversubscribed, cell.threads,
                      cell.placement != "none", -cell.workers, candidate);
  };
  size_t best = 0;
  for (size_t i = 1; i < cells.size(); ++i)
    if (key(i) < key(best)) best = i;
  return static_cast<int>(best);
}

SweepSearch Begin(const Plan& plan) {
  SweepSearch search;
  search.reference = ReferenceCell(plan);
  if (search.reference < 0) {
    throw UsageError(
        "--search: no serial cell can be run, against which all others are set: see `coresweep "
        "plan` with the same options, or use --search grid");
  }
  search.cells = Candidates(plan);
  SearchPlan& of = search.plan;
  of.mode = *plan.config.search;
  of.cells = static_cast<int>(search.cells.size());
  of.rank = RanksOf(plan, search.cells);
  for (const int cell : search.cells)
    of.names.push_back(CellAt(plan, cell).Id());
  of.default_cell = DefaultOf(plan, search.cells);
  of.reference_every = plan.config.reference_every;
  of.passes = plan.config.repetitions;
  of.seed = plan.config.seed;
  return search;
}

TrialRole RoleOf(const SearchStep& step) {
  if (step.cell == PairedLog::kReference) return TrialRole::kReference;
  switch (step.phase) {
    case SearchPhase::kProbe:
      return TrialRole::kProbe;
    case SearchPhase::kPass:
      return TrialRole::kCell;
    case SearchPhase::kRace:
      return TrialRole::kRace;
    case SearchPhase::kConfirmation:
      return TrialRole::kConfirmation;
  }
  return TrialRole::kCell;
}

/// A cell that gives wrong answers is out, however fast.
LaunchOutcome OutcomeOf(const TrialResult& result) {
  const TrialMeasurement& measurement = result.measurement;
  if (measurement.outcome != Outcome::kOk) {
    const std::string how(ToString(measurement.outcome));
    return {std::nullopt,
            measurement.message.empty() ? how : fmt::format("{}: {}", how, measurement.message)};
  }
  const auto throughput = result.Throughput();
  if (throughput && *throughput > 0) return {1 / *throughput, ""};
  if (result.trial.role == TrialRole::kProbe) return {};
  return {std::nullopt, "no item was computed in the window: lengthen --window-s"};
}

}  // namespace

int64_t LeastTrialsOf(const SearchPlan& plan) {
  constexpr int64_t kArms = 4;  // winner, runner-up, default and reference, each twice a block
  const int64_t references = (plan.cells + plan.reference_every - 1) / plan.reference_every;
  const int64_t passes = PassesOf(plan) * (plan.cells + references) + 1;
  const bool confirms = plan.mode != SearchMode::kAll;
  return plan.cells + passes + (confirms ? 2 * kArms * plan.confirmation_blocks : 0);
}

SearchSchedule::SearchSchedule(const Plan& plan) : now_(Begin(plan)), search_(now_.plan) {
  Update();
}

void SearchSchedule::Update() {
  now_.result = search_.Result();
  now_.ended = !search_.Next().has_value();
  now_.expected = now_.ended ? done_ : std::max(done_ + 1, LeastTrialsOf(now_.plan));
}

std::optional<Trial> SearchSchedule::Next() const {
  const auto step = search_.Next();
  if (!step) return std::nullopt;
  const bool reference = step->cell == PairedLog::kReference;
  const int cell = reference ? now_.reference : now_.cells[static_cast<size_t>(step->cell)];
  return Trial{cell, step->round, RoleOf(*step)};
}

void SearchSchedule::Add(const TrialResult& result) {
  search_.Add(OutcomeOf(result));
  ++done_;
  Update();
}

void SearchSchedule::Stop(std::string_view why) {
  search_.Stop(why);
  Update();
}

std::unique_ptr<TrialSchedule> MakeSchedule(const Plan& plan) {
  if (plan.config.search) return std::make_unique<SearchSchedule>(plan);
  return std::make_unique<ListSchedule>(plan.trials);
}

}  // namespace coresweep
