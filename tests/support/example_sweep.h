// Hand-made sweeps with figures that can be worked out in the head: every trial has a window of
// 500 ms that opens 100 ms after the gate.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/core/result.h"

namespace coresweep::example {

constexpr int64_t kGateNs = 1'000'000'000'000;
constexpr int64_t kWindowBeginNs = kGateNs + 100'000'000;
constexpr int64_t kWindowEndNs = kGateNs + 600'000'000;

inline Cell MakeCell(Mode mode, int workers, int threads = 1, std::string transport = "shm") {
  return {mode,      workers, threads,
          "compact", 8,       mode == Mode::kProcesses ? std::move(transport) : "none"};
}

/// A good trial with this throughput, everything in order and bitwise equal.
inline TrialMeasurement GoodMeasurement(double items_per_s) {
  TrialMeasurement measurement;
  measurement.gate_ns = kGateNs;
  measurement.window = {kWindowBeginNs, kWindowEndNs};
  measurement.drained_ns = kWindowEndNs + 10'000'000;
  measurement.items_in_window = items_per_s / 2;
  measurement.ordering.answers = 100;
  measurement.output = {100, 100, 0, 0.0};
  return measurement;
}

/// A trial that ended otherwise.
inline TrialMeasurement BadMeasurement(Outcome outcome, std::string message) {
  TrialMeasurement measurement;
  measurement.outcome = outcome;
  measurement.message = std::move(message);
  return measurement;
}

/// A chunk of 8 items, 1 ms in the queue, 40 ms computed and 2 ms waiting to be merged.
inline ChunkSample MakeSample(uint64_t sequence, int64_t issued_ns) {
  return {sequence,
          0,
          8,
          issued_ns,
          issued_ns + 1'000'000,
          issued_ns + 41'000'000,
          issued_ns + 43'000'000};
}

/// Builds a `SweepResult` cell by cell and trial by trial.
class SweepBuilder {
 public:
  SweepBuilder() {
    sweep_.plan.config.workload.name = "spin";
    sweep_.plan.config.repetitions = 3;
    sweep_.facts.allowed = CpuSet{0, 1};
    sweep_.facts.topology.pus = {Pu{0, 0, 0, 0, 0}, Pu{1, 1, 0, 0, 0}};
  }

  /// Returns the index of the new cell.
  int AddCell(const Cell& cell, bool oversubscribed = false) {
    sweep_.plan.cells.push_back({cell, {}});
    sweep_.plan.cells.back().placement.oversubscribed = oversubscribed;
    return static_cast<int>(sweep_.plan.cells.size()) - 1;
  }

  SweepBuilder& AddTrial(int cell_index, int repetition, TrialMeasurement measurement,
                         TrialRole role = TrialRole::kCell) {
    const Trial trial{cell_index, repetition, role};
    sweep_.plan.trials.push_back(trial);
    sweep_.trials.push_back({trial, 0, std::move(measurement)});
    return *this;
  }

  /// A good trial for each throughput.
  SweepBuilder& AddTrials(int cell_index, const std::vector<double>& items_per_s) {
    for (size_t i = 0; i < items_per_s.size(); ++i)
      AddTrial(cell_index, static_cast<int>(i), GoodMeasurement(items_per_s[i]));
    return *this;
  }

  /// A cell with a good trial for each throughput; returns its index.
  int AddMeasured(const Cell& cell, const std::vector<double>& items_per_s) {
    const int index = AddCell(cell);
    AddTrials(index, items_per_s);
    return index;
  }

  SweepResult& sweep() { return sweep_; }
  TrialMeasurement& LastMeasurement() { return sweep_.trials.back().measurement; }

 private:
  SweepResult sweep_;
};

/// One worker with one thread on CPU 0, where it was asked to be.
inline WorkerMeasurement GoodWorker(int index) {
  WorkerMeasurement worker;
  worker.index = index;
  worker.cpus_requested = worker.cpus_effective = worker.cpus_after_warmup = "0";
  worker.at_end = worker.after_warmup = {{{"0", 1, {"coresweep"}}}, {"0"}, "default"};
  worker.runtime.intra_op_threads = 1;
  worker.runtime.blas_threads = 1;
  return worker;
}

/// One worker with every figure set.
inline WorkerMeasurement FullWorker(int index) {
  WorkerMeasurement worker;
  worker.index = index;
  worker.pid = 4001 + index;
  worker.cpus_requested = worker.cpus_effective = worker.cpus_after_warmup = std::to_string(index);
  worker.runtime = {
      1, 1, 1, "libtorch 1.13.1", "/lib/libopenblas.so.0", "openblas", "/lib/libgomp.so.1"};
  worker.os_threads = 3;
  worker.startup = {4'000'000, 300'000'000, 50'000'000, 45'500'000, 500'000'000};
  worker.chunks = 12;
  worker.items = 96;
  worker.items_in_window = 46.5;
  worker.threads_requested_cpus = {std::to_string(index)};
  worker.memory_requested = "bind:0";
  worker.after_binding = {{{std::to_string(index), 1, {"coresweep"}}}, {}, "bind:0"};
  worker.after_warmup = worker.at_end = {
      {{std::to_string(index), 3, {"coresweep"}}}, {std::to_string(index)}, "bind:0"};
  worker.runtime_at_end = worker.runtime;
  worker.use = {500'000'000, 490'000'000, 14,        2,         120,   0,
                1'500'000,   0,           1'000'000, 2'000'000, 3'000, "perf_event_open"};
  worker.pss_bytes = 120'000'000;
  worker.max_rss_bytes = 150'000'000;
  return worker;
}

/// A small sweep in which nearly every figure is set: one repetition of serial, independent and
/// processes over shm, over pipe a failure, and a skipped cell.
inline SweepResult FullSweep() {
  SweepBuilder builder;
  SweepResult& sweep = builder.sweep();
  sweep.plan.config.repetitions = 1;
  sweep.plan.config.workload.name = "torch";
  sweep.plan.config.workload.model = "encoder";
  sweep.workload.item = ItemLayout({{DType::kInt64, {128}}});
  sweep.workload.answer = ItemLayout({{DType::kFloat32, {128, 256}}});
  sweep.workload.items = 64;
  sweep.workload.tolerance = {1e-6, 1e-5};
  sweep.workload.digest = "0123456789abcdef";
  sweep.workload.facts = {{"parameters", "11000000"}};
  sweep.workload_warnings = {"items 3 and 7 have equal answers: use other inputs"};
  sweep.runtime = FullWorker(0).runtime;
  builder.AddMeasured(MakeCell(Mode::kSerial, 1), {96});
  builder.AddMeasured(MakeCell(Mode::kIndependent, 2), {192});
  builder.AddMeasured(MakeCell(Mode::kProcesses, 2), {186});
  TrialMeasurement& measurement = builder.LastMeasurement();
  sweep.trials.back().started_unix_ms = 1'767'225'600'250;
  sweep.trials.back().took_ns = 750'000'000;
  sweep.calls = {{1'767'225'600'000, "coresweep run", 0, 5'000'000'000},
                 {1'767'225'700'000, "coresweep run --resume report.json", 2, 3'000'000'000}};
  measurement.chunks = 24;
  measurement.samples = {MakeSample(5, kWindowBeginNs), MakeSample(7, kWindowBeginNs + 1'500)};
  measurement.samples_total = 24;
  measurement.sample_stride = 2;
  measurement.ordering = {192, 0, 0, 0, 0, 3, 2, 1'250'000};
  measurement.output = {192, 190, 0, 1.5e-7};
  measurement.workers = {FullWorker(0), FullWorker(1)};
  measurement.dispatcher = DispatcherUse{5'000'000, 625'000'000, 1'000'000, 48, "0-1", 40, 6};
  measurement.credit = 2;
  measurement.waiting = "spin up to 50 us, then sleep";
  measurement.replacements = {{1, 4101, kWindowBeginNs, "killed by signal 9 (SIGKILL)", {17, 18}}};
  measurement.system.throttle = ThrottleDelta{6, 0, 0};
  builder.AddTrial(builder.AddCell(MakeCell(Mode::kProcesses, 2, 1, "pipe")), 0,
                   BadMeasurement(Outcome::kFailed, "worker 1 was killed by signal 9 (SIGKILL)"));
  sweep.plan.skipped.push_back(
      {MakeCell(Mode::kProcesses, 4), "4 workers × 1 threads are more than the usable CPUs"});
  return sweep;
}

/// serial 100 items/s, independent 196, processes over shm 192, each with ±2 over three
/// repetitions.
inline SweepBuilder TypicalSweep() {
  SweepBuilder builder;
  builder.AddMeasured(MakeCell(Mode::kSerial, 1), {100, 98, 102});
  builder.AddMeasured(MakeCell(Mode::kIndependent, 2), {196, 194, 198});
  builder.AddMeasured(MakeCell(Mode::kProcesses, 2), {192, 190, 194});
  return builder;
}

}  // namespace coresweep::example
