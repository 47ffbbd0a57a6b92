// What is to be thought of a cell's figures: its verdict and its warnings, each with a remedy.
// Pure; used by the summary of a sweep.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/result.h"

namespace coresweep {

/// The trials that give cells[index] its values, in the order in which they ran: no references,
/// no probes.
std::vector<const TrialResult*> TrialsOf(const SweepResult& sweep, int index);

/// Verdict with its reason; the reason is empty for "ok".
struct Judgement {
  std::string verdict;
  std::string reason;
};

/// The worst over the trials of cells[index]: incorrect, disordered, failed, timed_out,
/// interrupted (these over references and probes, too); displaced (a thread did not have the CPUs
/// asked for, in any trial); throttled (in more than 5 % of the quota's periods, in any trial);
/// stolen (the hypervisor gave more than 5 % of the time of the allowed CPUs to others, in the
/// median trial); migrated (a worker changed CPUs more than 100 times a second, in the median
/// trial); unstable (of three or more repetitions, greatest − least exceeds 20 % of the median);
/// ok. A cell without a trial is "interrupted" when the sweep was, else "pending", with what ended
/// the sweep before it.
Judgement JudgeCell(const SweepResult& sweep, int index);

/// What is wrong with one trial: its own warnings, and for displaced, throttled, stolen and
/// migrated "throttled: " and the reason, judged by this trial alone.
std::vector<std::string> TrialWarnings(const SweepResult& sweep, const TrialResult& trial);

/// What a reader of `cell` must know besides its verdict. `cell` is complete but for its warnings.
std::vector<std::string> CellWarnings(const SweepResult& sweep, const CellResult& cell);

}  // namespace coresweep
