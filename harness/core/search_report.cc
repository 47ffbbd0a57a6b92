// The result of a search in numbers and sentences.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "harness/core/search_board.h"
#include "harness/core/search_screen.h"
#include "harness/core/statistics.h"

namespace coresweep {
namespace {

/// "+5.8 %" of a log ratio.
std::string Percent(double log_ratio) {
  return fmt::format("{:+.1f} %", 100 * std::expm1(log_ratio));
}

std::string Names(const SearchPlan& plan, const std::vector<int>& cells) {
  std::vector<std::string> names;
  names.reserve(cells.size());
  for (const int cell : cells)
    names.push_back(NameOf(plan, cell));
  return fmt::format("{}", fmt::join(names, ", "));
}

/// "…: +5.8 % in the median of 14 rounds against processes/w4".
std::string InTheRace(const SearchBoard& board, const Racer& racer) {
  const auto median = Median(racer.differences);
  if (!median) return fmt::format("no round yet against {}", NameOf(board.plan, racer.against));
  return fmt::format("{} in the median of {} rounds against {}", Percent(*median),
                     racer.differences.size(), NameOf(board.plan, racer.against));
}

CellFate FateOf(Standing standing) {
  switch (standing) {
    case Standing::kIncumbent:
    case Standing::kRacing:
      return CellFate::kSurvivor;
    case Standing::kTied:
      return CellFate::kTied;
    case Standing::kSlower:
      return CellFate::kSlower;
    case Standing::kFailed:
      return CellFate::kFailed;
  }
  return CellFate::kFailed;
}

std::string WhyOf(const SearchBoard& board, const Racer& racer) {
  const double eps = 100 * board.plan.eps;
  switch (racer.standing) {
    case Standing::kIncumbent:
      return board.race->Decided()
                 ? fmt::format("no cell that raced is faster by more than {:g} % (shown)", eps)
                 : "leads the race";
    case Standing::kRacing:
      return "still in the race: " + InTheRace(board, racer);
    case Standing::kTied:
      return fmt::format("not faster by more than {:g} % (shown), not told apart: {}", eps,
                         InTheRace(board, racer));
    case Standing::kSlower:
      return "slower (shown): " + InTheRace(board, racer);
    case Standing::kFailed:
      return "";
  }
  return "";
}

const Racer* RacerOf(const SearchBoard& board, int cell) {
  if (!board.race) return nullptr;
  const auto& racers = board.race->Racers();
  const auto found = std::find_if(racers.begin(), racers.end(),
                                  [cell](const Racer& racer) { return racer.cell == cell; });
  return found == racers.end() ? nullptr : &*found;
}

CellEvidence EvidenceOf(const SearchBoard& board, int cell, const std::vector<double>& ratios,
                        bool measured) {
  const SearchedCell& of = board.Of(cell);
  CellEvidence evidence;
  evidence.launches = of.launches;
  evidence.against_reference = EstimateMedian(ratios);
  const Racer* racer = RacerOf(board, cell);
  const std::string passes =
      evidence.against_reference.median
          ? fmt::format("{:.3f} times the reference in the median of {} launches",
                        std::exp(*evidence.against_reference.median), ratios.size())
          : "no launch beside a reference";
  if (!of.failure.empty()) {
    evidence.fate = CellFate::kFailed;
    evidence.why = of.failure;
  } else if (racer != nullptr) {
    evidence.fate = FateOf(racer->standing);
    evidence.why = WhyOf(board, *racer);
  } else if (of.screened) {
    evidence.fate = CellFate::kScreened;
    evidence.why = fmt::format("every launch slower than {:g} times the third best: {}",
                               kScreenFactor, passes);
  } else if (of.cut) {
    evidence.fate = CellFate::kCut;
    evidence.why =
        fmt::format("not among the {} that raced: {}", board.race->Racers().size(), passes);
  } else if (measured) {
    evidence.fate = CellFate::kSurvivor;
    evidence.why = passes;
  } else {
    evidence.why = "the search ended before it was measured";
  }
  return evidence;
}

/// Why there is no gain over `other`; "" when there may be one.
std::string WhyNoGain(const SearchBoard& board, const SearchChoice& now, std::optional<int> other,
                      std::string_view what) {
  if (!now.choice) return "no cell was chosen";
  if (!other) return fmt::format("there is no {}", what);
  if (other == now.choice) return fmt::format("the choice is the {} itself", what);
  const std::string& failure = board.Of(*other).failure;
  if (!failure.empty()) return fmt::format("the {} failed: {}", what, failure);
  if (board.plan.mode == SearchMode::kAll) return "mode all runs no blocks to confirm the choice";
  if (board.plan.confirmation_blocks == 0) return "no blocks to confirm the choice were asked for";
  if (!board.confirmation || board.confirmation->DifferencesOf(*other).empty())
    return "the search ended before the blocks that measure it";
  return "";
}

std::optional<SearchGain> GainOver(const SearchBoard& board, const SearchChoice& now,
                                   std::optional<int> other, std::string_view what,
                                   std::string& why) {
  why = WhyNoGain(board, now, other, what);
  if (!why.empty()) return std::nullopt;
  return SearchGain{*other, EstimateMedian(board.confirmation->DifferencesOf(*other))};
}

/// The fresh blocks say that the other is faster: then the choice is no lone winner.
void Contradict(SearchResult& result, const SearchBoard& board,
                const std::optional<SearchGain>& gain) {
  if (!gain || !gain->log_ratio.high || *gain->log_ratio.high >= 0) return;
  if (result.end == SearchEnd::kWinner) result.end = SearchEnd::kTie;
  CellEvidence& other = result.cells[static_cast<size_t>(gain->against)];
  if (other.fate != CellFate::kSurvivor) other.fate = CellFate::kTied;
  other.why += fmt::format("; faster than the choice in the blocks of the confirmation ({})",
                           Percent(*gain->log_ratio.median));
  auto& survivors = result.survivors;
  if (std::find(survivors.begin(), survivors.end(), gain->against) != survivors.end()) return;
  survivors.push_back(gain->against);
  std::sort(survivors.begin(), survivors.end(),
            [&board](int a, int b) { return Preferred(board.plan, a, b); });
}

std::string WhyUndecided(const SearchBoard& board) {
  if (!board.stopped.empty()) return "ended by " + board.stopped;
  if (board.running) return "the search goes on";
  if (board.plan.mode == SearchMode::kAll) return "mode all measures and does not race";
  return fmt::format("{} rounds of the race were not enough", board.plan.race_rounds);
}

int64_t SlowerOf(const SearchBoard& board) {
  const auto& racers = board.race->Racers();
  return std::count_if(racers.begin(), racers.end(),
                       [](const Racer& racer) { return racer.standing == Standing::kSlower; });
}

std::string SentenceOf(const SearchBoard& board, const SearchResult& result) {
  const SearchPlan& plan = board.plan;
  const double eps = 100 * plan.eps;
  const size_t raced = board.race ? board.race->Racers().size() : 0;
  switch (result.end) {
    case SearchEnd::kWinner:
      if (raced == 1) return NameOf(plan, *result.choice) + " is the only cell left to choose";
      if (SlowerOf(board) == 0)
        return fmt::format("{} is the only one left of the {} cells that raced",
                           NameOf(plan, *result.choice), raced);
      return fmt::format("{} is faster than each of the {} other cells that raced and did not fail",
                         NameOf(plan, *result.choice), SlowerOf(board));
    case SearchEnd::kTie:
      return fmt::format(
          "of {} cells that raced none was shown to be the fastest; none was faster than {} by "
          "more than {:g} %; not told apart: {}",
          raced, NameOf(plan, *result.choice), eps, Names(plan, result.survivors));
    case SearchEnd::kSurvivors:
      return fmt::format(
          "not decided ({}): nothing excludes {} of {} cells; by the tie-break {} comes first "
          "among "
          "those within {:g} % of the fastest median",
          WhyUndecided(board), result.survivors.size(), plan.cells, NameOf(plan, *result.choice),
          eps);
    case SearchEnd::kNothing:
      break;
  }
  return board.stopped.empty() ? "no cell gave a value"
                               : "no cell gave a value: ended by " + board.stopped;
}

std::string GuaranteeOf(const SearchBoard& board) {
  const SearchPlan& plan = board.plan;
  if (plan.mode != SearchMode::kCertified || !board.race || !board.race->Decided()) return "";
  const double sure = 1 - plan.delta;
  std::string text = fmt::format(
      "With probability at least {:.1f} % none of the {} cells that entered the race is faster "
      "than "
      "{} by more than {:g} %",
      100 * sure, board.race->Racers().size(), NameOf(plan, *board.race->Incumbent()),
      100 * plan.eps);
  if (!board.screening_risk) return text + "; no cell was screened out.";
  return text + fmt::format(
                    "; {:.1f} % for all cells that answer as they should: the screen drops "
                    "one as fast as the third best with probability {:.2g}, estimated from "
                    "the reference launches.",
                    std::floor(1000 * (sure - *board.screening_risk)) / 10, *board.screening_risk);
}

}  // namespace

std::string_view ToString(CellFate fate) {
  switch (fate) {
    case CellFate::kSurvivor:
      return "survivor";
    case CellFate::kTied:
      return "tied";
    case CellFate::kSlower:
      return "slower";
    case CellFate::kCut:
      return "cut";
    case CellFate::kScreened:
      return "screened";
    case CellFate::kFailed:
      return "failed";
    case CellFate::kUnmeasured:
      return "unmeasured";
  }
  return "";
}

std::string_view ToString(SearchEnd end) {
  switch (end) {
    case SearchEnd::kWinner:
      return "winner";
    case SearchEnd::kTie:
      return "tie";
    case SearchEnd::kSurvivors:
      return "survivors";
    case SearchEnd::kNothing:
      return "nothing";
  }
  return "";
}

SearchResult MakeSearchResult(const SearchBoard& board) {
  const SearchChoice now = Choose(board);
  SearchResult result;
  result.end = now.end;
  result.choice = now.choice;
  result.survivors = now.survivors;
  const auto ratios = board.log.RatiosByCell(board.plan.cells);
  const auto least = board.log.LeastLogTimes(board.plan.cells);
  for (int cell = 0; cell < board.plan.cells; ++cell) {
    const auto i = static_cast<size_t>(cell);
    result.cells.push_back(EvidenceOf(board, cell, ratios[i], least[i].has_value()));
  }
  result.probes = board.probes;
  result.launches = board.log.size();
  result.references = board.references;
  result.screening_risk = board.screening_risk;
  result.over_default =
      GainOver(board, now, board.plan.default_cell, "default", result.why_no_default);
  result.over_runner_up = GainOver(board, now, now.runner_up, "runner-up", result.why_no_runner_up);
  Contradict(result, board, result.over_runner_up);
  Contradict(result, board, result.over_default);
  result.sentence = SentenceOf(board, result);
  result.guarantee = GuaranteeOf(board);
  return result;
}

}  // namespace coresweep
