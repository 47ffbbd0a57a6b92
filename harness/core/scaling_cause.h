// Why a cell scales badly: named causes, each from something that was measured. Pure.
#pragma once

#include <string>
#include <vector>

namespace coresweep {

struct CellResult;
struct SweepResult;

/// One cause with its evidence.
struct ScalingCause {
  std::string name;      ///< "quota", "memory bandwidth", … as listed at `FindCauses`
  std::string evidence;  ///< one sentence with the numbers
  std::string remedy;    ///< what to try
  bool operator==(const ScalingCause&) const = default;
};

/// Below this parallel efficiency a cell scales badly.
inline constexpr double kGoodEfficiency = 0.9;

/// The causes of a cell whose parallel efficiency is below `kGoodEfficiency`, the weightiest first;
/// none for others, and for `serial`. Figures are medians over the trials that gave a throughput.
///
/// | name | evidence |
/// |---|---|
/// | quota | throttled in more than 5 % of its periods, and workers × threads exceed the quota |
/// | throttling | throttled as much, though they fit the quota |
/// | oversubscription | the placement has more threads than CPUs |
/// | foreign load | others, or the hypervisor, took more than 5 % of the allowed CPUs' time |
/// | dispatcher saturated | its CPU time is 90 % or more of the time, and it does not spin |
/// | head of line | workers compute less than 90 % of the time; a chunk that has come waits for
///   earlier ones more than half as long as it was computed |
/// | imbalance | a worker did less than 80 % of the items of another |
/// | transport | workers compute less than 90 % of the time, and none of the three above |
/// | clock | a chunk takes 10 % longer than in one process, and cycles came as much more slowly |
/// | memory bandwidth | a chunk takes 10 % longer than in one process; instructions per cycle fell,
///   or are not counted |
/// | unknown | none of all these |
///
/// `cell` is complete but for its causes.
std::vector<ScalingCause> FindCauses(const SweepResult& sweep, const CellResult& cell);

}  // namespace coresweep
