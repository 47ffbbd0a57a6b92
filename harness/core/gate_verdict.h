// The gate's seven verdicts: names, exit codes, which outranks which.
#pragma once

#include <span>
#include <string_view>

namespace coresweep {

/// The number is the exit code of `coresweep gate`.
enum class GateVerdict {
  kPass = 0,          ///< no regression of the must-catch margin: proven for every gated metric
  kFail = 1,          ///< regression beyond the tolerated margin, confirmed, null control clean
  kUsage = 2,         ///< arguments, arms or rule make no sense
  kInconclusive = 3,  ///< blocks or budget ended before a proof
  kUnfit = 4,         ///< machine or run contaminated
  kIntegrity = 5,     ///< an answer lost, doubled, moved or changed
  kWorkload = 6,      ///< crash, time-out, zero items, no usable value
};

/// "PASS", "FAIL", "USAGE", "INCONCLUSIVE", "UNFIT", "INTEGRITY", "WORKLOAD".
std::string_view NameOf(GateVerdict verdict);
/// nullopt-free inverse of `NameOf`, for reading reports. @throws Error for any other name.
GateVerdict GateVerdictFromName(std::string_view name);
int ExitCodeOf(GateVerdict verdict);

/// The verdict that outranks the others: USAGE, WORKLOAD, INTEGRITY, UNFIT, FAIL, INCONCLUSIVE,
/// PASS. Of no verdicts at all: INCONCLUSIVE (nothing was proven).
GateVerdict Combine(std::span<const GateVerdict> verdicts);

}  // namespace coresweep
