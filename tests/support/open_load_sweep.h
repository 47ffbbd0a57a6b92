// A made-up sweep under open load, for tests of reports.
#pragma once

#include "tests/support/example_sweep.h"

namespace coresweep::example {

inline Cell OpenCell(double per_s, double share = 0) {
  Cell cell = MakeCell(Mode::kProcesses, 2);
  cell.load = {true, Arrivals::kPoisson, per_s, share};
  return cell;
}

/// 500 requests came due in half a second and `computed` were computed; each took 2 ms from when it
/// was due and 1 ms from when it was issued.
inline TrialMeasurement OpenMeasurement(double rate, int64_t computed, int64_t left = 0) {
  TrialMeasurement trial = GoodMeasurement(static_cast<double>(computed) * 2);
  OpenLoadUse use;
  use.rate_asked_per_s = rate;
  use.due = 500;
  use.computed = computed;
  use.left = left;
  use.queue_mean = 1.5;
  use.queue_most = 7 + left;
  use.unhindered = 450;
  use.issue_late_p50_us = 4;
  use.issue_late_p99_us = 60;
  trial.open_load = use;
  ChunkSample sample = MakeSample(0, kWindowBeginNs + 1'000'000);
  sample.due_ns = kWindowBeginNs;
  sample.merged_ns = kWindowBeginNs + 2'000'000;
  trial.samples.assign(1000, sample);
  trial.samples_total = 1000;
  return trial;
}

/// Rates 500 and 1000 that are kept up with, and 2000 that is not.
inline SweepBuilder OpenSweep() {
  SweepBuilder builder;
  builder.sweep().plan.config.open_load = true;
  builder.AddTrial(builder.AddCell(OpenCell(1000)), 0, OpenMeasurement(1000, 500));
  builder.AddTrial(builder.AddCell(OpenCell(2000)), 0, OpenMeasurement(2000, 300, 120));
  builder.AddTrial(builder.AddCell(OpenCell(500)), 0, OpenMeasurement(500, 499));
  return builder;
}

}  // namespace coresweep::example
