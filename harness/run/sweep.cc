#include "harness/run/sweep.h"

#include <chrono>

#include "harness/base/child_process.h"

namespace coresweep {
namespace {

int64_t UnixMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

void RunSweep(SweepResult& sweep, TrialSchedule& schedule, TrialRunner& runner,
              const std::vector<ReportWriter*>& writers, StopSignal* stop) {
  for (ReportWriter* writer : writers)
    writer->Begin(sweep);
  while (const std::optional<Trial> trial = schedule.Next()) {
    if (stop != nullptr && stop->Poll() != 0) sweep.interrupted = true;
    if (sweep.interrupted) break;
    for (ReportWriter* writer : writers)
      writer->TrialStarts(sweep, *trial);
    const PlannedCell& planned = sweep.plan.cells[static_cast<size_t>(trial->cell_index)];
    TrialResult result{*trial, UnixMs(), {}};
    result.measurement = runner.Run(planned, *trial);
    sweep.interrupted = result.measurement.outcome == Outcome::kInterrupted;
    if (!sweep.interrupted) schedule.Add(result);
    sweep.trials.push_back(std::move(result));
    for (ReportWriter* writer : writers)
      writer->TrialEnded(sweep);
    ReapStrays();
  }
  for (ReportWriter* writer : writers)
    writer->End(sweep);
}

}  // namespace coresweep
