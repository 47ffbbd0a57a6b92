#include "bench/progress.h"

#include <fmt/format.h>

#include "bench/terminal.h"
#include "harness/base/clock.h"

namespace coresweep {

namespace {

/// "repetition 2", "reference", "race, round 7".
std::string Purpose(const Trial& trial) {
  const int number = trial.repetition + 1;
  switch (trial.role) {
    case TrialRole::kCell:
      return fmt::format("repetition {}", number);
    case TrialRole::kRace:
      return fmt::format("race, round {}", number);
    case TrialRole::kConfirmation:
      return fmt::format("confirmation, block {}", number);
    case TrialRole::kReference:
    case TrialRole::kProbe:
      break;
  }
  return std::string(ToString(trial.role));
}

}  // namespace

void Progress::Show(const std::string& line) {
  if (!enabled_) return;
  const size_t width = TerminalWidth(fileno(out_)) - 1;
  fmt::print(out_, "\r\033[K{}", line.substr(0, width));
  std::fflush(out_);
  shown_ = true;
}

void Progress::Clear() {
  if (!shown_) return;
  fmt::print(out_, "\r\033[K");
  std::fflush(out_);
  shown_ = false;
}

void Progress::Begin(const SweepResult& sweep) {
  begin_ns_ = NowNs();
  there_ = sweep.trials.size();
}

void Progress::TrialStarts(const SweepResult& sweep, const Trial& trial) {
  const size_t done = sweep.trials.size();
  const auto all = static_cast<size_t>(ExpectedTrials(sweep));
  const double spent_s = NsToSeconds(NowNs() - begin_ns_);
  const double each_s = done > there_ ? spent_s / static_cast<double>(done - there_)
                                      : sweep.plan.estimated_s / static_cast<double>(all);
  Show(fmt::format("[{}/{}] {} left  {} ({})", done + 1, all,
                   FormatDuration(each_s * static_cast<double>(all - done)),
                   sweep.plan.cells[static_cast<size_t>(trial.cell_index)].cell.Id(),
                   Purpose(trial)));
}

void Progress::TrialEnded(const SweepResult& sweep) {
  const TrialResult& last = sweep.trials.back();
  if (last.measurement.outcome == Outcome::kOk || !enabled_) return;
  Clear();
  fmt::print(out_, "{}: {}: {}\n",
             sweep.plan.cells[static_cast<size_t>(last.trial.cell_index)].cell.Id(),
             ToString(last.measurement.outcome), last.measurement.message);
}

void Progress::End(const SweepResult& /*sweep*/) {
  Clear();
}

}  // namespace coresweep
