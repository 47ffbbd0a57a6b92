#include "harness/core/search.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "harness/base/error.h"
#include "harness/core/search_board.h"
#include "harness/core/search_order.h"
#include "harness/core/search_screen.h"

namespace coresweep {
namespace {

/// References further away than this say little about a launch: two gaps between references.
int ReachOf(const SearchPlan& plan) {
  return 2 * plan.reference_every;
}

/// A reference that fails so often in a row will not come back.
constexpr int kReferenceFailures = 3;

}  // namespace

/// Works through batches of launches: the probes, a pass, a round of the race, a block.
class Search::State {
 public:
  explicit State(SearchPlan plan);
  [[nodiscard]] std::optional<SearchStep> Next() const;
  void Add(const LaunchOutcome& outcome);
  void Stop(std::string_view why);
  [[nodiscard]] const SearchBoard& board() const { return board_; }

 private:
  void Begin(SearchPhase phase, std::vector<SearchStep> steps);
  void Enter(const SearchStep& step, const LaunchOutcome& outcome);
  void FailCell(int cell, const std::string& failure);
  void FailReference(const std::string& failure);
  void EndBatch();
  void BeginPass();
  void EndPass();
  void Screen();
  void BeginRace();
  void NextRound();
  void BeginConfirmation();
  void NextBlock();
  void End();
  [[nodiscard]] bool WonByDefault() const;
  [[nodiscard]] std::vector<int> Alive() const;
  [[nodiscard]] std::vector<int> Leaders();

  SearchBoard board_;
  SearchPhase phase_ = SearchPhase::kProbe;
  std::vector<SearchStep> steps_;             ///< of the batch
  std::vector<std::optional<double>> times_;  ///< of its launches so far
  int blocks_ = 0;                            ///< of confirmations given up
  int failed_in_a_row_ = 0;                   ///< references
  std::vector<int64_t> pass_ends_;            ///< launches in the log after each pass
};

Search::State::State(SearchPlan plan)
    : board_{std::move(plan), PairedLog(0), {}, {}, {}, {}, 0, 0, 0, {}, "", true} {
  CheckSearchPlan(board_.plan);
  board_.log = PairedLog(ReachOf(board_.plan));
  board_.cells.resize(static_cast<size_t>(board_.plan.cells));
  Begin(SearchPhase::kProbe, ProbeSteps(Alive(), board_.plan.seed));
}

std::optional<SearchStep> Search::State::Next() const {
  if (!board_.running) return std::nullopt;
  return steps_.at(times_.size());
}

void Search::State::Begin(SearchPhase phase, std::vector<SearchStep> steps) {
  phase_ = phase;
  steps_ = std::move(steps);
  times_.clear();
}

void Search::State::End() {
  board_.running = false;
}

void Search::State::Stop(std::string_view why) {
  if (!board_.running) return;
  board_.stopped = why;
  End();
}

void Search::State::Add(const LaunchOutcome& outcome) {
  const auto step = Next();
  if (!step) throw Error("the search has ended: it asks for no further launch");
  const bool failed = !outcome.failure.empty();
  const bool probe = step->phase == SearchPhase::kProbe;
  if (!failed && !probe && !outcome.time_per_item_s) {
    throw Error("a launch of the search gave neither a time per item nor a failure");
  }
  Enter(*step, outcome);
  if (step->cell == PairedLog::kReference) {
    failed_in_a_row_ = failed ? failed_in_a_row_ + 1 : 0;
    if (failed_in_a_row_ == kReferenceFailures) FailReference(outcome.failure);
  } else if (failed) {
    FailCell(step->cell, outcome.failure);
  }
  if (board_.running && times_.size() == steps_.size()) EndBatch();
}

/// Books the launch.
void Search::State::Enter(const SearchStep& step, const LaunchOutcome& outcome) {
  if (step.phase == SearchPhase::kProbe) {
    ++board_.probes;
    times_.push_back(std::nullopt);
    return;
  }
  const auto time = outcome.failure.empty() ? outcome.time_per_item_s : std::nullopt;
  board_.log.Add(step.cell, time);
  times_.push_back(time);
  if (step.cell == PairedLog::kReference) {
    ++board_.references;
  } else {
    ++board_.cells[static_cast<size_t>(step.cell)].launches;
  }
}

void Search::State::FailReference(const std::string& failure) {
  Stop("the reference, which failed " + std::to_string(kReferenceFailures) +
       " times in a row: " + failure);
}

/// What is left of the batch goes where it needs the cell.
void Search::State::FailCell(int cell, const std::string& failure) {
  board_.cells[static_cast<size_t>(cell)].failure = failure;
  if (!board_.race) return;
  const bool was_incumbent = board_.race->Incumbent() == cell;
  board_.race->Fail(cell);
  const bool confirming = board_.confirmation.has_value();
  if (confirming && board_.confirmation->Winner() == cell) {
    blocks_ = board_.confirmation->NextBlock() + 1;
    board_.confirmation.reset();
    NextRound();
  } else if (confirming) {
    board_.confirmation->Fail(cell);
    const auto rest = steps_.begin() + static_cast<std::ptrdiff_t>(times_.size());
    steps_.erase(std::remove_if(rest, steps_.end(),
                                [cell](const SearchStep& step) { return step.cell == cell; }),
                 steps_.end());
  } else if (was_incumbent) {
    NextRound();
  }
}

void Search::State::EndBatch() {
  switch (phase_) {
    case SearchPhase::kProbe:
      return BeginPass();
    case SearchPhase::kPass:
      return EndPass();
    case SearchPhase::kRace:
      board_.race->Judge(steps_, times_);
      return NextRound();
    case SearchPhase::kConfirmation:
      board_.confirmation->Judge(steps_, times_);
      return NextBlock();
  }
}

std::vector<int> Search::State::Alive() const {
  std::vector<int> cells;
  for (int cell = 0; cell < board_.plan.cells; ++cell) {
    const SearchedCell& of = board_.Of(cell);
    if (of.failure.empty() && !of.screened) cells.push_back(cell);
  }
  return cells;
}

void Search::State::BeginPass() {
  const auto cells = Alive();
  if (cells.empty()) return End();
  const SearchPlan& plan = board_.plan;
  const bool last = board_.passes + 1 == PassesOf(plan);
  Begin(SearchPhase::kPass, PassSteps(cells, plan.reference_every, board_.passes, last, plan.seed));
}

void Search::State::EndPass() {
  ++board_.passes;
  pass_ends_.push_back(board_.log.size());
  const SearchPlan& plan = board_.plan;
  const bool last = board_.passes == PassesOf(plan);
  // Quick screens early, to spare the further passes; certified once it has all of its passes.
  const int screen_after = plan.mode == SearchMode::kCertified ? PassesOf(plan) : kScreenPasses;
  if (plan.mode != SearchMode::kAll && board_.passes == screen_after) Screen();
  if (!last) return BeginPass();
  if (plan.mode == SearchMode::kAll) return End();
  BeginRace();
}

void Search::State::Screen() {
  auto ratios = board_.log.RatiosByCell(board_.plan.cells);
  for (int cell = 0; cell < board_.plan.cells; ++cell) {
    if (!board_.Of(cell).failure.empty()) ratios[static_cast<size_t>(cell)].clear();
  }
  const auto out = ScreenOut(ratios);
  for (size_t cell = 0; cell < out.size(); ++cell)
    board_.cells[cell].screened = out[cell];

  const auto all = board_.log.Ratios();
  std::vector<std::vector<double>> of_references(pass_ends_.size());
  int64_t launch = 0;
  for (size_t pass = 0; pass < pass_ends_.size(); ++pass) {
    for (; launch < pass_ends_[pass]; ++launch) {
      const auto ratio = all[static_cast<size_t>(launch)];
      if (board_.log.CellOf(launch) == PairedLog::kReference && ratio)
        of_references[pass].push_back(*ratio);
    }
  }
  board_.screening_risk = ScreeningRisk(of_references);
}

/// The cells that race, the most promising first; the others are marked as cut.
std::vector<int> Search::State::Leaders() {
  const SearchPlan& plan = board_.plan;
  auto cells = MostPromising(Alive(), EstimateCells(board_), board_.log.LeastLogTimes(plan.cells));
  const auto most = plan.mode == SearchMode::kCertified ? plan.cells : plan.race_size;
  const auto size = std::min(cells.size(), static_cast<size_t>(most));
  for (size_t i = 0; i < cells.size(); ++i)
    board_.cells[static_cast<size_t>(cells[i])].cut = i >= size;
  cells.resize(size);
  return cells;
}

void Search::State::BeginRace() {
  const int first_round = board_.race ? board_.race->NextRound() : 0;
  board_.race.reset();
  if (Alive().empty()) {  // every cell that was not screened out has failed since
    for (SearchedCell& cell : board_.cells)
      cell.screened = false;
  }
  const auto leaders = Leaders();
  if (leaders.empty()) return End();
  board_.race.emplace(board_.plan.eps, board_.plan.delta, leaders, first_round);
  NextRound();
}

/// Whether all that raced beside the incumbent failed while cells that were cut could still race
/// it.
bool Search::State::WonByDefault() const {
  const auto& racers = board_.race->Racers();
  const auto failed = std::count_if(racers.begin(), racers.end(), [](const Racer& racer) {
    return racer.standing == Standing::kFailed;
  });
  return static_cast<size_t>(failed) + 1 == racers.size() && Alive().size() > 1;
}

void Search::State::NextRound() {
  if (!board_.race->Incumbent() || WonByDefault()) return BeginRace();
  if (board_.race->Decided() || board_.race->NextRound() >= board_.plan.race_rounds)
    return BeginConfirmation();
  Begin(SearchPhase::kRace, board_.race->Round(board_.plan.seed));
}

void Search::State::BeginConfirmation() {
  const SearchPlan& plan = board_.plan;
  const SearchChoice now = Choose(board_);
  std::vector<int> others;
  board_.runner_up = now.runner_up;
  if (now.runner_up) others.push_back(*now.runner_up);
  const auto fallback = plan.default_cell;
  const bool measured = fallback && board_.Of(*fallback).failure.empty();
  if (measured && fallback != now.choice && fallback != now.runner_up) others.push_back(*fallback);
  board_.confirmation.emplace(*now.choice, others, plan.confirmation_blocks, blocks_);
  NextBlock();
}

void Search::State::NextBlock() {
  auto steps = board_.confirmation->Block(board_.plan.seed);
  if (steps.empty()) return End();
  Begin(SearchPhase::kConfirmation, std::move(steps));
}

Search::Search(SearchPlan plan) : state_(std::make_unique<State>(std::move(plan))) {}
Search::~Search() = default;
Search::Search(Search&&) noexcept = default;
Search& Search::operator=(Search&&) noexcept = default;

std::optional<SearchStep> Search::Next() const {
  return state_->Next();
}

void Search::Add(const LaunchOutcome& outcome) {
  state_->Add(outcome);
}

void Search::Stop(std::string_view why) {
  state_->Stop(why);
}

SearchResult Search::Result() const {
  return MakeSearchResult(state_->board());
}

const PairedLog& Search::Log() const {
  return state_->board().log;
}

}  // namespace coresweep
