#include "reports/console_answer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "reports/console_load.h"
#include "reports/search_lines.h"
#include "reports/text.h"

namespace coresweep {
namespace {

/// ", dispatch static, credit 4, wait spin": what is not the default.
std::string Delivery(const Cell& cell) {
  std::string text;
  if (cell.dispatch != Dispatch::kDynamic)
    text += fmt::format(", dispatch {}", ToString(cell.dispatch));
  if (cell.credit != 0) text += fmt::format(", credit {}", cell.credit);
  if (cell.wait != Wait::kAdaptive) text += fmt::format(", wait {}", ToString(cell.wait));
  return text;
}

/// "2 workers × 1 thread, placement compact, chunk 8, transport shm".
std::string Describe(const Cell& cell) {
  const std::string threads = Plural(cell.threads, "thread", "threads");
  std::string rest = fmt::format("placement {}", cell.placement);
  if (cell.width != Width::kPu) rest += fmt::format(", width {}", ToString(cell.width));
  rest += fmt::format(", chunk {}", cell.chunk);
  switch (cell.mode) {
    case Mode::kProcesses:
      if (cell.dispatcher != DispatcherPlace::kUnpinned)
        rest += fmt::format(", dispatcher {}", ToString(cell.dispatcher));
      return fmt::format("{} × {}, {}, transport {}{}", Plural(cell.workers, "worker", "workers"),
                         threads, rest, cell.transport, Delivery(cell));
    case Mode::kThreads:
      return fmt::format("one process with {} × {}, {}",
                         Plural(cell.workers, "copy of the model", "copies of the model"), threads,
                         rest);
    case Mode::kIndependent:
      return fmt::format("{} × {} without a dispatcher, {}",
                         Plural(cell.workers, "process", "processes"), threads, rest);
    case Mode::kSerial:
      break;
  }
  return fmt::format("one process with {}, {}", threads, rest);
}

/// Least confidence of an interval of a median.
constexpr double kConfidence = 0.95;

std::string RateOf(const CellResult& result) {
  return Quantity(result.throughput_per_s->median) + " items/s";
}

std::string Gain(const CellResult& result) {
  if (!result.speedup)
    return "how much faster than one process is not known, since that gave no throughput";
  const PairedRatio& speedup = *result.speedup;
  const MedianEstimate& interval = speedup.interval;
  const std::string over = Plural(interval.values, "repetition", "repetitions");
  const std::string gain = Ratio(speedup.median) + " × one process";
  if (interval.values == 1) return fmt::format("{} (over {})", gain, over);
  if (!interval.low) {
    return fmt::format("{} (range {}–{} over {}; an interval takes {})", gain, Ratio(speedup.low),
                       Ratio(speedup.high), over, LeastValuesFor(kConfidence));
  }
  return fmt::format("{} (interval {}–{} over {}, {})", gain, Ratio(*interval.low),
                     Ratio(*interval.high), over, interval.Method());
}

std::string Correctness(const CellResult& best, const std::vector<CellResult>& cells) {
  const auto wrong = std::count_if(cells.begin(), cells.end(), GaveWrongAnswers);
  const bool bitwise = best.output.bitwise_equal == best.output.compared;
  const std::string equality =
      bitwise
          ? "equal to the serial reference"
          : fmt::format("within the tolerance of the serial reference (largest difference {:.2g})",
                        best.output.max_abs_diff);
  if (best.output.compared == 0) return "Its answers were not compared with a reference.";
  if (wrong == 0) return fmt::format("All answers in order and {}.", equality);
  return fmt::format("Its answers are in order and {}; {} wrong or disordered answers, see below.",
                     equality, Plural(wrong, "other cell gave", "other cells gave"));
}

/// The cell of mode `processes` or `threads` with the highest throughput among those that `wanted`
/// accepts; nullptr: none.
template <typename Wanted>
const CellResult* Fastest(const SweepResult& sweep, const std::vector<CellResult>& cells,
                          Wanted wanted) {
  const CellResult* fastest = nullptr;
  for (const CellResult& cell : cells) {
    const Cell& shape = CellOf(sweep, cell);
    if (IsControl(shape.mode) || shape.load.open) continue;
    if (!cell.throughput_per_s || !wanted(cell)) continue;
    if (fastest == nullptr || cell.throughput_per_s->median > fastest->throughput_per_s->median)
      fastest = &cell;
  }
  return fastest;
}

/// "3 failed, 1 throttled" over the cells that are not ok.
std::string CountVerdicts(const SweepResult& sweep, const std::vector<CellResult>& cells,
                          bool with_controls) {
  std::vector<std::pair<std::string, int>> counts;
  for (const CellResult& cell : cells) {
    if (cell.verdict == "ok" || (!with_controls && IsControl(CellOf(sweep, cell).mode))) continue;
    const auto known = std::find_if(counts.begin(), counts.end(), [&cell](const auto& entry) {
      return entry.first == cell.verdict;
    });
    if (known == counts.end()) {
      counts.emplace_back(cell.verdict, 1);
    } else {
      ++known->second;
    }
  }
  std::vector<std::string> texts;
  texts.reserve(counts.size());
  for (const auto& [verdict, count] : counts)
    texts.push_back(fmt::format("{} {}", count, verdict == "timed_out" ? "timed out" : verdict));
  return fmt::format("{}", fmt::join(texts, ", "));
}

bool HasOnlyControls(const SweepResult& sweep) {
  return std::all_of(sweep.plan.cells.begin(), sweep.plan.cells.end(),
                     [](const PlannedCell& planned) { return IsControl(planned.cell.mode); });
}

std::string SerialAnswer(const SweepResult& sweep, const std::vector<CellResult>& cells,
                         const CellResult& serial) {
  const std::string one_process =
      fmt::format("{}: {}", Describe(CellOf(sweep, serial)), RateOf(serial));
  if (HasOnlyControls(sweep)) {
    return fmt::format(
        "Only the controls were measured; the fastest is {}. Measure mode processes or threads to "
        "learn what more workers gain.",
        one_process);
  }
  const CellResult* rival = Fastest(sweep, cells, [&serial](const CellResult& cell) {
    return cell.verdict == "ok" || cell.verdict == serial.verdict;
  });
  if (rival == nullptr) {
    return fmt::format("No cell with workers can be recommended ({}). What is left is {}.",
                       CountVerdicts(sweep, cells, false), one_process);
  }
  return fmt::format("One process is as good as any: {}. The fastest with workers, {}, gives {}.",
                     one_process, Describe(CellOf(sweep, *rival)), RateOf(*rival));
}

std::string NoAnswer(const SweepResult& sweep, const std::vector<CellResult>& cells) {
  if (sweep.plan.cells.empty()) {
    return fmt::format("Nothing was measured: {}.",
                       sweep.plan.skipped.empty()
                           ? "the plan has no cells"
                           : fmt::format("all {} cells were skipped, for the reasons below",
                                         sweep.plan.skipped.size()));
  }
  if (sweep.trials.empty()) return "Nothing was measured: no trial came to its end.";
  std::string answer = fmt::format("No cell can be recommended: of {} cells {}.", cells.size(),
                                   CountVerdicts(sweep, cells, true));
  const auto first = std::find_if(cells.begin(), cells.end(), [](const CellResult& cell) {
    return cell.verdict != "ok" && cell.verdict != "pending" && cell.verdict != "interrupted";
  });
  if (first != cells.end())
    answer += fmt::format(" First of them: {}: {}", CellOf(sweep, *first).Id(), first->reason);
  return answer;
}

std::string BestAnswer(const SweepResult& sweep, const CellResult& best) {
  const bool undecided = sweep.search && sweep.search->result.end == SearchEnd::kSurvivors;
  return fmt::format("{} {}: {}, {}.", undecided ? "If one must be taken now:" : "Use",
                     Describe(CellOf(sweep, best)), RateOf(best), Gain(best));
}

/// A choice whose figures hold but which has a price, for instance in latency.
std::string Reservation(const SweepResult& sweep, const std::vector<CellResult>& cells,
                        const CellResult& best) {
  if (best.verdict == "ok") return "";
  // Without the remedy, which would advise against the choice.
  std::string words = fmt::format("It is {} all the same ({})", best.verdict,
                                  best.reason.substr(0, best.reason.find(": ")));
  const CellResult* calm =
      Fastest(sweep, cells, [](const CellResult& cell) { return cell.verdict == "ok"; });
  if (best.verdict == "throttled") {
    words += fmt::format(": {}answers wait for the next period of the CPU quota",
                         calm == nullptr ? "" : "more items/s, but ");
  }
  if (calm == nullptr) return words + ".";
  return fmt::format("{}. Where latency matters: {}, {}.", words, Describe(CellOf(sweep, *calm)),
                     RateOf(*calm));
}

/// A doubtful cell that seems faster by more than the noise deserves a word, or the reader will
/// wonder at the table.
std::string FasterButDoubtful(const SweepResult& sweep, const std::vector<CellResult>& cells,
                              const CellResult& best) {
  const CellResult* doubtful = Fastest(sweep, cells, [](const CellResult& cell) {
    return cell.verdict != "ok" && !GaveWrongAnswers(cell);
  });
  if (doubtful == nullptr ||
      doubtful->throughput_per_s->median <= best.throughput_per_s->median * 1.02)
    return "";
  return fmt::format("Seemingly faster but not to be relied on: {}: {}, {}: {}.",
                     Describe(CellOf(sweep, *doubtful)), RateOf(*doubtful), doubtful->verdict,
                     doubtful->reason);
}

/// What a chunk of the choice costs besides its latency; "" where nothing dispatches or it was not
/// measured.
std::string CostLine(const CellResult& best) {
  if (!best.dispatcher_cost || !best.dispatcher_cost->cpu_us) return "";
  std::string line = "CPU time of each chunk: ";
  if (best.worker_cost.cpu_us) {
    line += fmt::format("{} of its worker ({} voluntary switches) and ",
                        Duration(best.worker_cost.cpu_us->median),
                        Quantity(best.worker_cost.voluntary_switches->median));
  }
  line += fmt::format("{} of the dispatcher ({} wake-ups).",
                      Duration(best.dispatcher_cost->cpu_us->median),
                      Quantity(best.dispatcher_cost->wakeups->median));
  const OrderingCounts& ordering = best.ordering;
  if (best.chunks == 0 || ordering.max_reorder_depth == 0) return line;
  const double mean_us =
      static_cast<double>(ordering.head_of_line_ns) / 1e3 / static_cast<double>(best.chunks);
  return fmt::format("{} For the order it waits {} on average, at most {} at a time.", line,
                     Duration(mean_us), Plural(ordering.max_reorder_depth, "chunk", "chunks"));
}

/// "9 of 20 trials"; of a search, whose end depends on what it would have measured, "9 trials".
std::string HowFar(const SweepResult& sweep) {
  const auto done = static_cast<int64_t>(sweep.trials.size());
  if (sweep.search) return Plural(done, "trial", "trials");
  return fmt::format("{} of {} trials", done, ExpectedTrials(sweep));
}

}  // namespace

const Cell& CellOf(const SweepResult& sweep, const CellResult& result) {
  return sweep.plan.cells[static_cast<size_t>(result.cell_index)].cell;
}

bool GaveWrongAnswers(const CellResult& cell) {
  return cell.verdict == "incorrect" || cell.verdict == "disordered";
}

std::vector<std::string> AnswerLines(const SweepResult& sweep, const std::vector<CellResult>& cells,
                                     int best) {
  std::vector<std::string> lines;
  if (sweep.interrupted) {
    lines.push_back(fmt::format("Interrupted after {}; this is what they tell.", HowFar(sweep)));
  }
  if (!sweep.ended_by.empty()) {
    lines.push_back(fmt::format("Ended by {} after {}; this is what they tell.", sweep.ended_by,
                                HowFar(sweep)));
  }
  if (sweep.search) lines.push_back(SearchSentence(*sweep.search));
  const std::vector<std::string> load = LoadLines(sweep, cells);
  // Under open load alone there is nothing to choose by throughput: the lines on it are the answer.
  if (best < 0 && (load.empty() || sweep.trials.empty())) lines.push_back(NoAnswer(sweep, cells));
  if (best < 0) {
    lines.insert(lines.end(), load.begin(), load.end());
    return lines;
  }
  const CellResult& choice = cells[static_cast<size_t>(best)];
  const bool serial = CellOf(sweep, choice).mode == Mode::kSerial;
  const std::string answer =
      serial && !sweep.search ? SerialAnswer(sweep, cells, choice) : BestAnswer(sweep, choice);
  lines.push_back(answer + " " + Correctness(choice, cells));
  if (sweep.search) {
    for (std::string& line : SearchEvidence(*sweep.search))
      lines.push_back(std::move(line));
  }
  const std::string cost = CostLine(choice);
  if (!cost.empty()) lines.push_back(cost);
  const std::string reservation = Reservation(sweep, cells, choice);
  if (!reservation.empty()) lines.push_back(reservation);
  const std::string doubtful = FasterButDoubtful(sweep, cells, choice);
  if (!doubtful.empty()) lines.push_back(doubtful);
  lines.insert(lines.end(), load.begin(), load.end());
  return lines;
}

}  // namespace coresweep
