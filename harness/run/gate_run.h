// Runs a gate: launches the blocks that its session asks for until there is a verdict.
#pragma once

#include <functional>

#include "harness/base/clock.h"
#include "harness/base/stop_signal.h"
#include "harness/core/gate_record.h"
#include "harness/run/arm.h"
#include "harness/run/machine_watch.h"

namespace coresweep {

/// What watches a gate run; all may be empty.
struct GateWatch {
  std::function<void()> burnt_in;  ///< the machine is fit, or not asked: blocks are next
  std::function<void(const GateSession&, const GateBlock&, int slot)> launch_starts;
  std::function<void(const GateSession&)> block_ended;  ///< the log has it already
};

struct GateTask {
  Arm& base;
  Arm& candidate;
  StopSignal* stop = nullptr;
  Deadline deadline;  ///< no launch starts after it
  GateWatch watch;
  MachineWatch* machine = nullptr;  ///< nullptr: blocks are not looked at from outside
  double burn_in_s = 0;             ///< at most 5; 0: none
};

/// First the burn-in, where one is asked for: a machine that is not fit ends it with UNFIT before
/// any launch. Around each block the machine is read and before it the sentinel run; what changed
/// under it makes it invalid. Appends each block to `log.records` before the session judges it, and
/// to `log.stopped` why it ended early. In the null control the base arm is launched in the
/// candidate's place. A block that a fault ended is kept with the launches that there were; one
/// that the deadline or a signal cut off is not.
void RunGate(GateLog& log, GateSession& session, const GateTask& task);

}  // namespace coresweep
