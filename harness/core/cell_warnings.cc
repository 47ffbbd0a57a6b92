#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "harness/core/cell_verdict.h"
#include "harness/core/placement_check.h"

namespace coresweep {
namespace {

constexpr double kCheckShare = 0.02;
constexpr double kDispatcherShare = 0.10;

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

void FindReadbackDifferences(const WorkerMeasurement& worker, WorkerFindings& findings) {
  if (worker.after_warmup.thread_cpus != worker.at_end.thread_cpus) {
    findings.Add(
        worker.index,
        fmt::format("had its threads on CPUs {} after warm-up and {} at the end: something "
                    "moved them during the window, see the container's cpuset",
                    fmt::join(worker.after_warmup.thread_cpus, " "),
                    fmt::join(worker.at_end.thread_cpus, " ")));
  }
  const bool bound = worker.memory_requested.starts_with("bind:");
  if (bound && worker.at_end.memory_policy != worker.memory_requested) {
    findings.Add(worker.index, fmt::format("had the memory policy {} instead of {}",
                                           worker.at_end.memory_policy, worker.memory_requested));
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
  const auto& later = worker.runtime_at_end.intra_op_threads;
  if (intra && later && *later != *intra) {
    findings.Add(worker.index,
                 fmt::format("had {} intra-op threads after warm-up and {} at the end: the model "
                             "sets them itself, read the figures as of neither",
                             *intra, *later));
  }
  const size_t reached = worker.at_end.thread_cpus.size();
  if (intra == wanted && reached > 0 && reached != static_cast<size_t>(*intra)) {
    findings.Add(
        worker.index,
        fmt::format("let {} of its {} threads be reached: they were bound to its CPUs as a "
                    "whole, not one by one; build with OpenMP and its libtorch for that",
                    reached, *intra));
  }
  const auto& blas = worker.runtime.blas_threads;
  if (blas && *blas != wanted) {
    findings.Add(worker.index, fmt::format("had {} BLAS threads instead of {}: unset "
                                           "OPENBLAS_NUM_THREADS, or use an OpenMP build of BLAS",
                                           *blas, wanted));
  }
}

void FindWorkerDifferences(const std::vector<const TrialResult*>& trials, Findings& findings) {
  WorkerFindings of_workers;
  for (const TrialResult* trial : trials) {
    for (const WorkerMeasurement& worker : trial->measurement.workers) {
      const std::string difference = PlacementDifference(worker);
      if (!difference.empty())
        of_workers.Add(worker.index, difference + ": read the figures as not placed so");
      FindReadbackDifferences(worker, of_workers);
      FindThreadDifferences(worker, of_workers);
    }
  }
  of_workers.MoveTo(findings);
}

void FindUnboundMemory(const SweepResult& sweep, const std::vector<const TrialResult*>& trials,
                       Findings& findings) {
  if (sweep.facts.topology.numa_nodes.size() < 2) return;  // there is nothing to choose
  for (const TrialResult* trial : trials) {
    for (const WorkerMeasurement& worker : trial->measurement.workers) {
      if (!worker.memory_requested.starts_with("first touch")) continue;
      findings.Add(fmt::format(
          "memory is placed by {}: grant CAP_SYS_NICE to the container to have it bound",
          worker.memory_requested));
    }
  }
}

void FindDispatcherSeat(const CpuSet& requested, const std::vector<const TrialResult*>& trials,
                        Findings& findings) {
  for (const TrialResult* trial : trials) {
    const auto& use = trial->measurement.dispatcher;
    if (!use || requested.Empty() || use->cpus_effective == requested.ToList()) continue;
    findings.Add(
        fmt::format("the dispatcher ran on CPUs {} instead of {}: read the figures as such",
                    use->cpus_effective, requested.ToList()));
  }
}

void FindDispatcherCost(const std::vector<const TrialResult*>& trials, Findings& findings) {
  double check = 0;
  double cpu = 0;
  for (const TrialResult* trial : trials) {
    const auto& use = trial->measurement.dispatcher;
    if (!use) continue;
    check = std::max(check, ShareOf(use->check_ns, use->wall_ns));
    cpu = std::max(cpu, ShareOf(use->cpu_ns, use->wall_ns));
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

void FindPlacementNotes(const SweepResult& sweep, int index, Findings& findings) {
  const PlannedCell& planned = sweep.plan.cells[static_cast<size_t>(index)];
  const int asked = planned.cell.Parallelism();
  const int usable = sweep.facts.UsableCpus();
  if (planned.placement.oversubscribed && asked > usable) {
    findings.Add(fmt::format("{} workers × threads share {} usable CPUs: use at most {}", asked,
                             usable, usable));
  } else if (planned.placement.oversubscribed) {
    findings.Add(
        fmt::format("threads share CPUs although {} are usable for {}: placement {} has no more "
                    "for this shape; "
                    "use another one, or fewer threads",
                    usable, asked, planned.cell.placement));
  }
  for (const std::string& note : planned.placement.notes)
    findings.Add(note);
}

constexpr size_t kMostChunksNamed = 8;

/// "chunks 17, 18 were sent again", without all of many.
std::string ResentText(const std::vector<uint64_t>& chunks) {
  if (chunks.empty()) return "no chunk had to be sent again";
  const auto named = static_cast<std::ptrdiff_t>(std::min(chunks.size(), kMostChunksNamed));
  std::string text = fmt::format("{} {}", chunks.size() == 1 ? "chunk" : "chunks",
                                 fmt::join(chunks.begin(), chunks.begin() + named, ", "));
  if (chunks.size() > kMostChunksNamed)
    text += fmt::format(" and {} more", chunks.size() - kMostChunksNamed);
  return text + (chunks.size() == 1 ? " was sent again" : " were sent again");
}

/// One finding for each worker of each trial, however often it was replaced.
void FindReplacements(const TrialMeasurement& trial, Findings& findings) {
  std::map<int, std::vector<const Replacement*>> by_worker;
  for (const Replacement& replacement : trial.replacements)
    by_worker[replacement.worker].push_back(&replacement);
  for (const auto& [worker, replacements] : by_worker) {
    std::set<std::string> how;
    std::vector<uint64_t> resent;
    for (const Replacement* replacement : replacements) {
      how.insert(replacement->how);
      resent.insert(resent.end(), replacement->resent.begin(), replacement->resent.end());
    }
    const std::string times =
        replacements.size() == 1 ? "once" : fmt::format("{} times", replacements.size());
    findings.Add(fmt::format(
        "worker {} was replaced {}: {}; {}: read the figures as without it for that time", worker,
        times, fmt::join(how, ", "), ResentText(resent)));
  }
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
                           sweep.plan.cells[static_cast<size_t>(judge)].cell.Id(),
                           judgement.verdict));
}

}  // namespace

std::vector<std::string> CellWarnings(const SweepResult& sweep, const CellResult& cell) {
  const int index = cell.cell_index;
  const PlannedCell& planned = sweep.plan.cells[static_cast<size_t>(index)];
  const auto trials = TrialsOf(sweep, index);
  Findings findings;
  FindPlacementNotes(sweep, index, findings);
  FindWorkerDifferences(trials, findings);
  FindUnboundMemory(sweep, trials, findings);
  FindDispatcherSeat(planned.placement.dispatcher, trials, findings);
  FindDispatcherCost(trials, findings);
  FindMissingRepetitions(sweep, cell, findings);
  if (cell.repetitions > 0) {
    FindDoubtfulControl(sweep, index, Mode::kSerial, "speedup", findings);
    if (planned.cell.mode == Mode::kProcesses)
      FindDoubtfulControl(sweep, index, Mode::kIndependent, "dispatch efficiency", findings);
    if (!cell.latency.why_null.empty()) findings.Add("latency: " + cell.latency.why_null);
  }
  for (const TrialResult* trial : trials)
    FindReplacements(trial->measurement, findings);
  for (const TrialResult* trial : trials)
    for (const std::string& warning : trial->measurement.warnings)
      findings.Add(warning);
  return findings.Take();
}

}  // namespace coresweep
