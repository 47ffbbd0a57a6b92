// `--baseline history`: what a history holds that a run can be compared with.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/history_gate.h"

namespace coresweep {

/// The database that a value of --baseline names: "history" (the default one, unless a file or
/// folder of this name is here), "history:" (the default one), "history:DB"; nullopt for a file or
/// folder.
std::optional<std::string> HistoryNamedBy(const std::string& baseline,
                                          const std::vector<std::string>& environment);

struct HistoryBaseline {
  std::vector<StoredRun> runs;
  std::string told;  ///< how many were taken of how many, and why not the others
};

/// The runs that may stand for the base of `candidate`, which is left out itself. Throws
/// `UsageError` where there is no history in the file `path`.
HistoryBaseline BaselineFromHistory(const std::string& path, const StoredRun& candidate,
                                    const HistorySetup& setup);

}  // namespace coresweep
