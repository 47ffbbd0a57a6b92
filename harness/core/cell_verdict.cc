#include "harness/core/cell_verdict.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

namespace coresweep {
namespace {

constexpr double kThrottledShare = 0.05;
constexpr double kUnstableShare = 0.20;
constexpr size_t kLeastForUnstable = 3;
constexpr double kCheckShare = 0.02;
constexpr double kDispatcherShare = 0.10;

double Share(int64_t part, int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

const Cell& CellAt(const SweepResult& sweep, int index) {
  return sweep.plan.cells[static_cast<size_t>(index)].cell;
}

int ProcessorLimit(const SweepResult& sweep) {
  const auto& quota = sweep.facts.cpu_quota;
  return quota ? std::max(1, static_cast<int>(std::floor(quota->value))) : 0;
}

std::string ThrottleRemedy(const SweepResult& sweep, const Cell& cell) {
  const int limit = ProcessorLimit(sweep);
  if (limit == 0) return "use fewer workers × threads, or raise the CPU quota";
  if (cell.Parallelism() > limit) return fmt::format("use at most {} workers × threads", limit);
  return fmt::format("raise the CPU quota, now {:g} CPUs, or stop what else runs in this container",
                     sweep.facts.cpu_quota->value);
}

std::optional<Judgement> JudgeThrottling(const SweepResult& sweep, int index,
                                         const std::vector<const TrialResult*>& trials) {
  double worst = 0;
  for (const TrialResult* trial : trials) {
    const auto& throttle = trial->measurement.throttle;
    if (throttle) worst = std::max(worst, Share(throttle->throttled_periods, throttle->periods));
  }
  if (worst <= kThrottledShare) return std::nullopt;
  return Judgement{"throttled", fmt::format("throttled in {:.0f} % of periods: {}", worst * 100,
                                            ThrottleRemedy(sweep, CellAt(sweep, index)))};
}

std::optional<Judgement> JudgeStability(const std::vector<const TrialResult*>& trials) {
  std::vector<double> throughputs;
  for (const TrialResult* trial : trials)
    if (const auto throughput = trial->Throughput()) throughputs.push_back(*throughput);
  if (throughputs.size() < kLeastForUnstable) return std::nullopt;
  const Spread spread = *SpreadOf(throughputs);
  if (!(spread.high - spread.low > kUnstableShare * spread.median)) return std::nullopt;
  return Judgement{
      "unstable",
      fmt::format("throughput varied by {:.0f} % of its median over {} repetitions: use more "
                  "repetitions or a longer window, on a quieter machine",
                  (spread.high - spread.low) / spread.median * 100, throughputs.size())};
}

std::string DefaultReason(Outcome outcome) {
  if (outcome == Outcome::kInterrupted)
    return "stopped before its trial ended: run the sweep again to measure it";
  return fmt::format("a trial ended as {} without a message: see 'trials' in the report",
                     ToString(outcome));
}

std::optional<Judgement> JudgeOutcome(const std::vector<const TrialResult*>& trials) {
  static constexpr std::array kWorstFirst = {Outcome::kIncorrect, Outcome::kDisordered,
                                             Outcome::kFailed, Outcome::kTimedOut,
                                             Outcome::kInterrupted};
  for (const Outcome outcome : kWorstFirst) {
    const auto latest = std::find_if(
        trials.rbegin(), trials.rend(),
        [outcome](const TrialResult* trial) { return trial->measurement.outcome == outcome; });
    if (latest == trials.rend()) continue;
    const std::string& message = (*latest)->measurement.message;
    return Judgement{std::string(ToString(outcome)),
                     message.empty() ? DefaultReason(outcome) : message};
  }
  return std::nullopt;
}

/// Texts in the order of their first finding, each once.
class Findings {
 public:
  void Add(const std::string& text) {
    if (std::find(texts_.begin(), texts_.end(), text) == texts_.end()) texts_.push_back(text);
  }
  std::vector<std::string> Take() { return std::move(texts_); }

 private:
  std::vector<std::string> texts_;
};

/// One finding for all workers that share it.
class WorkerFindings {
 public:
  void Add(int worker, const std::string& text) {
    const auto known = std::find_if(found_.begin(), found_.end(),
                                    [&text](const auto& entry) { return entry.first == text; });
    if (known == found_.end()) {
      found_.push_back({text, {worker}});
    } else {
      known->second.insert(worker);
    }
  }
  void MoveTo(Findings& findings) const {
    for (const auto& [text, workers] : found_) {
      findings.Add(fmt::format("{} {} {}", workers.size() == 1 ? "worker" : "workers",
                               fmt::join(workers, ", "), text));
    }
  }

 private:
  std::vector<std::pair<std::string, std::set<int>>> found_;
};

bool Differs(const std::string& got, const std::string& wanted) {
  return !got.empty() && !wanted.empty() && got != wanted;
}

void FindCpuDifferences(const WorkerMeasurement& worker, Mode mode, WorkerFindings& findings) {
  if (Differs(worker.cpus_effective, worker.cpus_requested)) {
    findings.Add(worker.index,
                 fmt::format("ran on CPUs {} instead of {}: read the figures as not placed, and "
                             "check the cpuset of this container",
                             worker.cpus_effective, worker.cpus_requested));
  } else if (mode != Mode::kThreads && Differs(worker.cpus_after_warmup, worker.cpus_requested)) {
    // In mode `threads` the threads of all workers live in one process, and the union says nothing.
    findings.Add(worker.index,
                 fmt::format("had threads on CPUs {} instead of {}: a library binds its own "
                             "threads; unset OMP_PROC_BIND, GOMP_CPU_AFFINITY and KMP_AFFINITY",
                             worker.cpus_after_warmup, worker.cpus_requested));
  }
}

void FindThreadDifferences(const WorkerMeasurement& worker, WorkerFindings& findings) {
  const int wanted = worker.threads_requested;
  const auto& intra = worker.runtime.intra_op_threads;
  if (intra && *intra != wanted) {
    findings.Add(worker.index,
                 fmt::format("computed with {} threads instead of {}: read the figures as such, "
                             "and unset OMP_NUM_THREADS and MKL_NUM_THREADS",
                             *intra, wanted));
  }
  const auto& blas = worker.runtime.blas_threads;
  if (blas && *blas != wanted) {
    findings.Add(worker.index, fmt::format("had {} BLAS threads instead of {}: unset "
                                           "OPENBLAS_NUM_THREADS, or use an OpenMP build of BLAS",
                                           *blas, wanted));
  }
}

void FindWorkerDifferences(const std::vector<const TrialResult*>& trials, Mode mode,
                           Findings& findings) {
  WorkerFindings of_workers;
  for (const TrialResult* trial : trials) {
    for (const WorkerMeasurement& worker : trial->measurement.workers) {
      FindCpuDifferences(worker, mode, of_workers);
      FindThreadDifferences(worker, of_workers);
    }
  }
  of_workers.MoveTo(findings);
}

void FindDispatcherCost(const std::vector<const TrialResult*>& trials, Findings& findings) {
  double check = 0;
  double cpu = 0;
  for (const TrialResult* trial : trials) {
    const auto& use = trial->measurement.dispatcher;
    if (!use) continue;
    check = std::max(check, Share(use->check_ns, use->wall_ns));
    cpu = std::max(cpu, Share(use->cpu_ns, use->wall_ns));
  }
  if (check > kCheckShare) {
    findings.Add(fmt::format(
        "checking answers took {:.1f} % of the dispatcher's time: use a larger chunk or items of "
        "more work",
        check * 100));
  }
  if (cpu > kDispatcherShare) {
    findings.Add(fmt::format(
        "the dispatcher used {:.0f} % of a core: use a larger chunk, or leave it a core of its own",
        cpu * 100));
  }
}

void FindOversubscription(const SweepResult& sweep, int index, Findings& findings) {
  const PlannedCell& planned = sweep.plan.cells[static_cast<size_t>(index)];
  if (!planned.placement.oversubscribed) return;
  findings.Add(fmt::format("{} workers × threads share {} usable CPUs: use at most {}",
                           planned.cell.Parallelism(), sweep.facts.UsableCpus(),
                           sweep.facts.UsableCpus()));
}

void FindMissingRepetitions(const SweepResult& sweep, const CellResult& cell, Findings& findings) {
  const int planned = sweep.plan.config.repetitions;
  if (!sweep.interrupted || cell.repetitions == 0 || cell.repetitions >= planned) return;
  findings.Add(
      fmt::format("{} of {} repetitions gave a throughput: run the sweep again for the others",
                  cell.repetitions, planned));
}

void FindDoubtfulControl(const SweepResult& sweep, int index, Mode control, std::string_view figure,
                         Findings& findings) {
  const int judge = ControlIndex(sweep.plan, index, control);
  if (judge < 0 || judge == index) return;
  const Judgement judgement = JudgeCell(sweep, judge);
  if (judgement.verdict == "ok" || judgement.verdict == "pending") return;
  findings.Add(fmt::format("its {} rests on {}, which is {}: mend that cell first", figure,
                           CellAt(sweep, judge).Id(), judgement.verdict));
}

}  // namespace

std::vector<const TrialResult*> TrialsOf(const SweepResult& sweep, int index) {
  std::vector<const TrialResult*> trials;
  for (const TrialResult& trial : sweep.trials)
    if (trial.trial.cell_index == index) trials.push_back(&trial);
  return trials;
}

Judgement JudgeCell(const SweepResult& sweep, int index) {
  const auto trials = TrialsOf(sweep, index);
  if (trials.empty()) {
    if (!sweep.interrupted) return {"pending", "not measured yet: let the sweep come to its end"};
    return {"interrupted", "the sweep was stopped before it: run the sweep again to measure it"};
  }
  if (auto judgement = JudgeOutcome(trials)) return *judgement;
  if (auto judgement = JudgeThrottling(sweep, index, trials)) return *judgement;
  if (auto judgement = JudgeStability(trials)) return *judgement;
  return {"ok", ""};
}

std::vector<std::string> CellWarnings(const SweepResult& sweep, const CellResult& cell) {
  const int index = cell.cell_index;
  const Mode mode = CellAt(sweep, index).mode;
  const auto trials = TrialsOf(sweep, index);
  Findings findings;
  FindOversubscription(sweep, index, findings);
  FindWorkerDifferences(trials, mode, findings);
  FindDispatcherCost(trials, findings);
  FindMissingRepetitions(sweep, cell, findings);
  if (cell.repetitions > 0) {
    FindDoubtfulControl(sweep, index, Mode::kSerial, "speedup", findings);
    if (mode == Mode::kProcesses)
      FindDoubtfulControl(sweep, index, Mode::kIndependent, "dispatch efficiency", findings);
    if (!cell.latency.why_null.empty()) findings.Add("latency: " + cell.latency.why_null);
  }
  for (const TrialResult* trial : trials)
    for (const std::string& warning : trial->measurement.warnings)
      findings.Add(warning);
  return findings.Take();
}

}  // namespace coresweep
