// Trials on real processes.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/config.h"
#include "harness/core/host_facts.h"
#include "harness/host/system_meter.h"
#include "harness/ipc/start_gate.h"
#include "harness/run/answer_book.h"
#include "harness/run/cell_shape.h"
#include "harness/run/reference.h"
#include "harness/run/trial_runner.h"
#include "harness/run/worker_pool.h"

namespace coresweep {

/// Given the answers of the first pass over the items, packed in input order, of a trial of mode
/// `processes` that ended well.
using OutputSink = std::function<void(const Cell&, const std::vector<std::byte>& answers)>;

/// What the trials of one sweep share; everything outlives the runner.
struct TrialEnvironment {
  const ProcessContext& context;
  const SweepConfig& config;
  const HostFacts& facts;
  const ReferenceData& reference;
  OutputSink save_outputs;  ///< empty: outputs are not kept
};

class ProcessTrialRunner final : public TrialRunner {
 public:
  explicit ProcessTrialRunner(const TrialEnvironment& environment)
      : env_(environment),
        sources_(FindSystemSources(environment.facts.cpu_stat_path, environment.facts.allowed)) {}
  TrialMeasurement Run(const PlannedCell& planned, const Trial& trial) override;

 private:
  void RunProcesses(const PlannedCell& planned, const Trial& trial, TrialMeasurement& measurement);
  void RunPull(const PlannedCell& planned, TrialRole role, TrialMeasurement& measurement);
  void RunDriven(const PlannedCell& planned, TrialRole role, TrialMeasurement& measurement);

  /// Those of the cell that do not run yet, if workers come from zygotes.
  void StartZygotes(const PlannedCell& planned) const;

  /// Runs a `Dispatcher` or a `PullCollector` and takes what it measured, also when it threw.
  template <typename Parent>
  static void RunParent(Parent& parent, WorkerPool& pool, TrialMeasurement& measurement);

  /// All but the window; `outputs` is made large enough where outputs are saved.
  [[nodiscard]] AnswerTask AnswersOf(const Cell& cell, const CellShape& shape,
                                     std::vector<std::byte>* outputs) const;
  /// Hands over what `AnswersOf` gave room for.
  void SaveOutputs(const Cell& cell, std::vector<std::byte> outputs) const;
  [[nodiscard]] bool Replaces() const {
    return env_.config.on_worker_death == OnWorkerDeath::kReplace;
  }
  [[nodiscard]] WorkerSetup BaseSetup(const Cell& cell) const;
  [[nodiscard]] Schedule OpenGate(const Cell& cell, TrialRole role, StartGate& gate,
                                  TrialMeasurement& measurement) const;
  [[nodiscard]] int64_t ChunkTimeoutNs(const Cell& cell, int credit) const;
  [[nodiscard]] int64_t StartupTimeoutNs() const;
  [[nodiscard]] std::optional<SystemSources> SourcesFor(int worker) const;

  TrialEnvironment env_;
  SystemSources sources_;
};

/// Outcome and message of a trial that ran to its end: from its counts. A probe needs answers, but
/// none in its short window, whose time is not used.
void Judge(TrialRole role, TrialMeasurement& measurement);

}  // namespace coresweep
