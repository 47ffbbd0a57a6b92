// What the program's exit code says; the list that README and --help show.
#pragma once

namespace coresweep {

enum ExitCode : int {
  kExitOk = 0,           ///< every cell was measured and its answers are right and in order
  kExitError = 1,        ///< the system refused something, or a fault of the program
  kExitUsage = 2,        ///< an option, suite, model or input file that the user can mend
  kExitFailedCells = 3,  ///< some cells failed or timed out; the others are in the report
  kExitIncomplete = 4,   ///< the time budget ended before every cell had a trial
  kExitIntegrity = 5,    ///< an answer was wrong, missing, repeated or out of place
  kExitSignalled = 128,  ///< plus the number of the signal: 130 for Ctrl-C, 143 for SIGTERM
};

constexpr const char* kExitCodeHelp =
    "Exit codes: 0 all cells ok; 1 error; 2 bad option, suite, model or input; 3 some cells failed "
    "or timed out; 4 the time budget ended before every cell was tried; 5 an answer was wrong or "
    "out of order; 130 interrupted (Ctrl-C), 143 "
    "terminated.";

constexpr const char* kGateExitCodeHelp =
    "Exit codes: 0 PASS: no change for the worse of the must-catch margin, proven for every gated "
    "metric; 1 FAIL: worse by more than is tolerated, found again in a fresh batch, and A against "
    "itself is clean; 2 USAGE; 3 INCONCLUSIVE; 4 UNFIT: the machine, or this program on it; 5 "
    "INTEGRITY: an answer was lost, doubled, moved or wrong; 6 WORKLOAD: an arm crashed, timed out "
    "or did nothing; 130 interrupted (Ctrl-C), 143 terminated.";

}  // namespace coresweep
