// A finished trial with every field set to something that no default is.
#pragma once

#include "tests/support/example_sweep.h"

namespace coresweep::example {

inline RuntimeFacts FullRuntime(int threads) {
  return {threads,    threads + 1,        threads + 2, "libtorch 1.13.1", "/lib/libopenblas.so.0",
          "openblas", "/lib/libgomp.so.1"};
}

inline Readback FullReadback(const std::string& cpus) {
  return {{{cpus, 2, {"coresweep", "pool"}}, {"7", 1, {"other"}}}, {cpus, "7"}, "bind:0"};
}

/// Doubles that need all their digits, integers beyond what a double holds.
inline WorkerMeasurement WorkerWithEveryField(int index) {
  WorkerMeasurement worker;
  worker.index = index;
  worker.pid = 4001 + index;
  worker.cpus_requested = "1";
  worker.cpus_effective = "2";
  worker.cpus_after_warmup = "3";
  worker.threads_requested = 9;
  worker.runtime = FullRuntime(3);
  worker.runtime_at_end = FullRuntime(6);
  worker.threads_requested_cpus = {"1", "2"};
  worker.memory_requested = "first touch: no memory binding here";
  worker.after_binding = FullReadback("1");
  worker.after_warmup = FullReadback("2");
  worker.at_end = FullReadback("3");
  worker.os_threads = 4;
  worker.startup = {1, 2, 3, 4, 5};
  worker.chunks = 6;
  worker.items = 7;
  worker.items_in_window = 0.1 + 0.2;
  worker.use = {8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, "perf_event_open"};
  worker.max_rss_bytes = 9'007'199'254'740'993;
  worker.pss_bytes = 20;
  return worker;
}

inline TrialMeasurement MeasurementWithEveryField() {
  TrialMeasurement measurement;
  measurement.outcome = Outcome::kTimedOut;
  measurement.message = "worker 1 is silent: \"raise\" --chunk-timeout-s\n";
  measurement.gate_ns = 1'000'000'000'000'000'001;
  measurement.window = {1'000'000'000'100'000'001, 1'000'000'000'600'000'003};
  measurement.drained_ns = 1'000'000'000'700'000'007;
  measurement.items_in_window = 1.0 / 3;
  measurement.chunks = 24;
  measurement.samples = {{1, 2, 3, 4, 5, 6, 7, 8},
                         {18'446'744'073'709'551'615U, 9, 10, -11, 12, 13, 14, 15}};
  measurement.samples_total = 48;
  measurement.sample_stride = 2;
  measurement.ordering = {1, 2, 3, 4, 5, 6, 7, 8};
  measurement.output = {9, 10, 11, 5e-324};
  measurement.workers = {WorkerWithEveryField(1), WorkerWithEveryField(2)};
  measurement.dispatcher = DispatcherUse{1, 2, 3, 4, "0-1", 5, 6};
  measurement.open_load = OpenLoadUse{0.1, 2, 3, 4, 1.0 / 7, 6, 7, 8.5, 9.25};
  measurement.system = {
      1, ThrottleDelta{2, 3, 4}, PressureDelta{"/proc/pressure/cpu", 5, 6, 7}, 8, 9, 10};
  measurement.window_drift = -1.0 / 3;
  measurement.credit = 3;
  measurement.waiting = "spin up to 50 us, then sleep";
  measurement.replacements = {{1, 4101, 5, "killed by signal 9 (SIGKILL)", {17, 18}}};
  measurement.warnings = {"a limit was rewritten", "µs are no ASCII"};
  return measurement;
}

inline TrialResult TrialWithEveryField() {
  return {{3, 2, TrialRole::kProbe}, 1'767'225'600'250, MeasurementWithEveryField(), 1'234'567'891};
}

}  // namespace coresweep::example
