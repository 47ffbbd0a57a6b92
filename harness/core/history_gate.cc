#include "harness/core/history_gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <set>

#include "harness/base/error.h"
#include "harness/core/gate_sentence.h"

namespace coresweep {
namespace {

bool Chosen(const HistorySetup& setup, const std::string& id) {
  return setup.cells.empty() ||
         std::any_of(setup.cells.begin(), setup.cells.end(),
                     [&](const std::string& part) { return id.find(part) != std::string::npos; });
}

std::vector<const StoredCell*> ChosenCells(const StoredRun& run, const HistorySetup& setup) {
  std::vector<const StoredCell*> cells;
  for (const StoredCell& cell : run.cells) {
    if (Chosen(setup, cell.id)) cells.push_back(&cell);
  }
  return cells;
}

std::set<std::string> IdsOf(const std::vector<const StoredCell*>& cells) {
  std::set<std::string> ids;
  for (const StoredCell* cell : cells)
    ids.insert(cell->id);
  return ids;
}

/// "" where the two can be compared.
std::string WhyIncomparable(const StoredRun& candidate, const StoredRun& stored,
                            const HistorySetup& setup) {
  for (const auto& [name, value] : candidate.identity) {
    const auto other = stored.identity.find(name);
    if (other == stored.identity.end() || other->second != value) {
      return fmt::format("another {} ({} against {})", name, value,
                         other == stored.identity.end() ? "nothing" : other->second);
    }
  }
  const auto mine = IdsOf(ChosenCells(candidate, setup));
  const auto theirs = IdsOf(ChosenCells(stored, setup));
  for (const std::string& id : mine) {
    if (!theirs.contains(id)) return fmt::format("another grid ({} is not in it)", id);
  }
  for (const std::string& id : theirs) {
    if (!mine.contains(id)) return fmt::format("another grid (it has {}, too)", id);
  }
  return "";
}

enum class CellState { kGood, kIntegrity, kFailed, kUnmeasured };

CellState StateOf(const StoredCell& cell) {
  if (cell.verdict == "incorrect" || cell.verdict == "disordered") return CellState::kIntegrity;
  if (cell.verdict == "failed" || cell.verdict == "timed_out") return CellState::kFailed;
  if (cell.verdict == "pending" || cell.verdict == "interrupted") return CellState::kUnmeasured;
  return CellState::kGood;  // throttled, unstable, …: labels, not faults
}

/// The first chosen cell of `run` in this state; nullptr for none.
const StoredCell* FirstIn(CellState state, const StoredRun& run, const HistorySetup& setup) {
  for (const StoredCell* cell : ChosenCells(run, setup)) {
    if (StateOf(*cell) == state) return cell;
  }
  return nullptr;
}

std::string CellText(const StoredCell& cell) {
  return fmt::format("{} is {}: {}", cell.id, cell.verdict,
                     cell.reason.empty() ? "no reason given" : cell.reason);
}

/// "" for a stored run that may be a base.
std::string WhyNoBase(const StoredRun& stored, const HistorySetup& setup) {
  for (const CellState state :
       {CellState::kIntegrity, CellState::kFailed, CellState::kUnmeasured}) {
    if (const StoredCell* cell = FirstIn(state, stored, setup); cell != nullptr)
      return CellText(*cell);
  }
  return stored.finished ? "" : "it was not finished";
}

void RefuseCopies(const StoredRun& candidate, const std::vector<StoredRun>& baseline) {
  std::map<std::string, std::string> seen{{candidate.digest, candidate.name}};
  for (const StoredRun& stored : baseline) {
    const auto [other, fresh] = seen.emplace(stored.digest, stored.name);
    if (!fresh) {
      throw UsageError(fmt::format("{} and {} are the same run: give each run once", other->second,
                                   stored.name));
    }
  }
}

/// Sets `refused` where there is nothing to compare.
void FindRefusal(const StoredRun& candidate, const std::vector<StoredRun>& baseline,
                 HistoryLog& log) {
  const auto refuse = [&log](GateVerdict verdict, std::string why) {
    log.refused_as = verdict;
    log.refused = std::move(why);
  };
  if (const auto* cell = FirstIn(CellState::kFailed, candidate, log.setup); cell != nullptr)
    return refuse(GateVerdict::kWorkload, CellText(*cell));
  if (const auto* cell = FirstIn(CellState::kIntegrity, candidate, log.setup); cell != nullptr)
    return refuse(GateVerdict::kIntegrity, CellText(*cell));
  for (const StoredRun& stored : baseline) {
    if (const auto why = WhyIncomparable(candidate, stored, log.setup); !why.empty()) {
      return refuse(GateVerdict::kUnfit, fmt::format("{} cannot be compared with {}: {}",
                                                     candidate.name, stored.name, why));
    }
    if (const auto why = WhyNoBase(stored, log.setup); !why.empty())
      return refuse(GateVerdict::kUnfit, fmt::format("{} is no base: {}", stored.name, why));
  }
}

HistoryComparison Comparison(const StoredCell& cell, size_t metric,
                             const std::vector<StoredRun>& baseline, const std::string& name) {
  HistoryComparison comparison{cell.id, metric, {}, {}, {}};
  const MetricValue& value = cell.metrics.at(name);
  comparison.value = value.value;
  comparison.why_no_value = value.why_null;
  for (size_t run = 0; run < baseline.size(); ++run) {
    const StoredRun& stored = baseline[run];
    const auto other = std::find_if(stored.cells.begin(), stored.cells.end(),
                                    [&](const StoredCell& known) { return known.id == cell.id; });
    const MetricValue& past = other->metrics.at(name);
    if (past.value) {
      comparison.history.push_back(*past.value);
      comparison.runs.push_back(run);
    } else if (comparison.why_no_value.empty()) {
      comparison.why_no_value = fmt::format("{}: {}", stored.name, past.why_null);
    }
  }
  return comparison;
}

/// Log of the value, turned so that more is worse.
double WorseLog(const GateMetric& metric, double value) {
  return metric.higher_is_better ? -std::log(value) : std::log(value);
}

struct MeanAndSd {
  double mean = 0;
  double sd = 0;
};

MeanAndSd Moments(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  MeanAndSd moments;
  for (const double value : values)
    moments.mean += value / n;
  for (const double value : values)
    moments.sd += (value - moments.mean) * (value - moments.mean);
  moments.sd = values.size() > 1 ? std::sqrt(moments.sd / (n - 1)) : 0;
  return moments;
}

/// Half the width of the prediction interval over one standard deviation.
double PredictionFactor(size_t runs, double risk) {
  const auto n = static_cast<double>(runs);
  const boost::math::students_t_distribution<double> t(n - 1);
  return boost::math::quantile(boost::math::complement(t, risk / 2)) * std::sqrt(1 + 1 / n);
}

std::string RunsText(int64_t runs) {
  return fmt::format("{} stored run{}", runs, runs == 1 ? "" : "s");
}

/// "throughput of processes/w2 is 3.1 % lower [1.0, 5.2] than in 12 stored runs".
std::string ComparisonText(const HistoryLog& log, const HistoryOutcome& outcome, size_t index) {
  const HistoryComparison& comparison = log.comparisons[index];
  const HistoryJudgement& judgement = outcome.judgements[index];
  const GateMetric& metric = log.setup.metrics[comparison.metric];
  if (!judgement.ratio)
    return fmt::format("{} of {}: {}", metric.name, comparison.cell, judgement.why_open);
  MetricJudgement shown;
  shown.ratio = judgement.ratio;
  shown.low = judgement.low;
  shown.high = judgement.high;
  return fmt::format("{} of {} is {} than in {}", metric.name, comparison.cell,
                     DescribeChange(metric, shown),
                     RunsText(static_cast<int64_t>(comparison.history.size())));
}

std::vector<size_t> InState(const HistoryOutcome& outcome, MetricState state) {
  std::vector<size_t> indices;
  for (size_t i = 0; i < outcome.judgements.size(); ++i) {
    if (outcome.judgements[i].state == state) indices.push_back(i);
  }
  return indices;
}

/// One without a number, else the one with the greatest ratio. `which` not empty.
size_t WorstOf(const HistoryOutcome& outcome, const std::vector<size_t>& which) {
  return *std::max_element(which.begin(), which.end(), [&](size_t a, size_t b) {
    const auto key = [&](size_t index) {
      const auto& ratio = outcome.judgements[index].ratio;
      return ratio ? *ratio : HUGE_VAL;
    };
    return key(a) < key(b);
  });
}

std::string Sentence(const HistoryLog& log, const HistoryOutcome& outcome) {
  const auto regressed = InState(outcome, MetricState::kRegressed);
  const auto open = InState(outcome, MetricState::kOpen);
  const auto clean = InState(outcome, MetricState::kClean);
  const auto percent = [](double margin) { return fmt::format("{:.4g} %", 100 * margin); };
  const auto worst = [&](const std::vector<size_t>& which, std::string_view of) {
    std::string text = ComparisonText(log, outcome, WorstOf(outcome, which));
    if (which.size() > 1) text += fmt::format(", the worst of {} {}", which.size(), of);
    return text;
  };
  if (outcome.advisory) {
    return fmt::format("advice only: {}; a verdict needs {} comparable runs",
                       worst(open, "comparisons"), log.setup.least_runs);
  }
  if (!regressed.empty()) {
    return fmt::format("{}; tolerated {}", worst(regressed, "that regressed"),
                       percent(log.setup.tolerated));
  }
  if (!open.empty()) {
    return fmt::format("{}; tolerated {}, must catch {}", worst(open, "that are not decided"),
                       percent(log.setup.tolerated), percent(log.setup.must_catch));
  }
  return fmt::format("{}; a regression of {} is ruled out", worst(clean, "comparisons"),
                     percent(log.setup.must_catch));
}

GateVerdict VerdictOf(const HistoryOutcome& outcome) {
  if (outcome.advisory) return GateVerdict::kInconclusive;
  if (!InState(outcome, MetricState::kRegressed).empty()) return GateVerdict::kFail;
  if (!InState(outcome, MetricState::kOpen).empty()) return GateVerdict::kInconclusive;
  return GateVerdict::kPass;
}

}  // namespace

void CheckHistorySetup(const HistorySetup& setup) {
  const auto require = [](bool good, const std::string& problem) {
    if (!good) throw UsageError(problem);
  };
  require(setup.tolerated >= 0 && setup.tolerated < setup.must_catch && setup.must_catch <= 1,
          "the margins must be 0 <= tolerated < must-catch <= 100 %");
  require(setup.alpha >= 1e-9 && setup.alpha <= 0.2, "alpha must be from 1e-7 to 20 %");
  require(setup.least_runs >= 3, "a verdict needs at least 3 stored runs");
  require(!setup.metrics.empty(), "no metric is gated");
}

std::string WhyNotBaseline(const StoredRun& candidate, const StoredRun& stored,
                           const HistorySetup& setup) {
  const std::string why = WhyIncomparable(candidate, stored, setup);
  return why.empty() ? WhyNoBase(stored, setup) : why;
}

HistoryLog CompareRuns(const StoredRun& candidate, const std::vector<StoredRun>& baseline,
                       const HistorySetup& setup) {
  CheckHistorySetup(setup);
  if (baseline.empty()) throw UsageError("no stored run to compare with");
  RefuseCopies(candidate, baseline);
  HistoryLog log;
  log.setup = setup;
  log.runs = static_cast<int64_t>(baseline.size());
  const auto cells = ChosenCells(candidate, setup);
  if (cells.empty()) {
    throw UsageError(fmt::format("{}: no cell to compare{}", candidate.name,
                                 setup.cells.empty() ? "" : ": none has an id that was asked for"));
  }
  FindRefusal(candidate, baseline, log);
  if (!log.refused.empty()) return log;
  for (const StoredCell* cell : cells) {
    for (size_t k = 0; k < setup.metrics.size(); ++k)
      log.comparisons.push_back(Comparison(*cell, k, baseline, setup.metrics[k].name));
  }
  return log;
}

HistoryJudgement JudgeComparison(const HistoryComparison& comparison, const HistorySetup& setup,
                                 size_t comparisons) {
  HistoryJudgement judgement;
  judgement.why_open = comparison.why_no_value;
  if (!comparison.value || comparison.history.empty()) return judgement;
  const GateMetric& metric = setup.metrics.at(comparison.metric);
  std::vector<double> logs;
  logs.reserve(comparison.history.size());
  for (const double value : comparison.history)
    logs.push_back(WorseLog(metric, value));
  const MeanAndSd past = Moments(logs);
  const double change = WorseLog(metric, *comparison.value) - past.mean;
  judgement.ratio = std::exp(change);
  if (logs.size() < 2) {
    judgement.why_open = "one stored run has no spread";
    return judgement;
  }
  const double half =
      past.sd * PredictionFactor(logs.size(), setup.alpha / static_cast<double>(comparisons));
  judgement.low = std::exp(change - half);
  judgement.high = std::exp(change + half);
  if (static_cast<int64_t>(logs.size()) < setup.least_runs) {
    judgement.why_open =
        fmt::format("{} of {} stored runs have a value", logs.size(), setup.least_runs);
  } else if (change - half > std::log1p(setup.tolerated)) {
    judgement.state = MetricState::kRegressed;
  } else if (change + half < std::log1p(setup.must_catch)) {
    judgement.state = MetricState::kClean;
  } else {
    judgement.why_open = "runs differ too much from each other to decide";
  }
  if (judgement.state != MetricState::kOpen) judgement.why_open.clear();
  return judgement;
}

std::optional<HistoryExpectation> ExpectationOf(const HistoryComparison& comparison,
                                                const HistoryJudgement& judgement,
                                                const HistorySetup& setup) {
  if (!comparison.value || !judgement.ratio || !judgement.low || !judgement.high)
    return std::nullopt;
  const bool higher_is_better = setup.metrics.at(comparison.metric).higher_is_better;
  const double center = higher_is_better ? *comparison.value * *judgement.ratio
                                         : *comparison.value / *judgement.ratio;
  const auto worse_by = [&](double ratio) {
    return higher_is_better ? center / ratio : center * ratio;
  };
  // The interval is as wide to both sides, over logarithms.
  const double width = *judgement.high / *judgement.ratio;
  const auto [low, high] = std::minmax({worse_by(*judgement.low), worse_by(*judgement.high)});
  return HistoryExpectation{center,
                            center / width,
                            center * width,
                            low,
                            high,
                            worse_by(1 + setup.tolerated),
                            worse_by(1 + setup.must_catch)};
}

HistoryOutcome JudgeHistory(const HistoryLog& log) {
  HistoryOutcome outcome;
  if (!log.refused.empty()) {
    outcome.verdict = log.refused_as;
    outcome.sentence = fmt::format("{}: {}.", NameOf(outcome.verdict), log.refused);
    return outcome;
  }
  for (const HistoryComparison& comparison : log.comparisons)
    outcome.judgements.push_back(JudgeComparison(comparison, log.setup, log.comparisons.size()));
  outcome.advisory = log.runs < log.setup.least_runs;
  outcome.verdict = VerdictOf(outcome);
  outcome.sentence = fmt::format("{}: {}.", NameOf(outcome.verdict), Sentence(log, outcome));
  return outcome;
}

}  // namespace coresweep
