// What the machine under a gate did, by its own process's readings: for console and page.
#pragma once

#include <string>
#include <vector>

#include "harness/core/gate_record.h"

namespace coresweep {

/// "burn-in: 50 times 20.1 ms of fixed work on one core: spread 1.2 %, worst 1.4 times the median,
/// waited 3 % of its time, CPU pressure 12 %"; "" without one.
std::string GateBurnInNote(const GateLog& log);

/// The same of the sentinel before each block; "" without one.
std::string GateSentinelNote(const GateLog& log);

/// "the machine itself became 7.0 % slower during the run: …"; "" where no drift is beyond chance.
std::string GateDriftNote(const GateLog& log);

/// Of each gated metric whose launches differ by their place in the block beyond chance: how much.
std::vector<std::string> GateOrderNotes(const GateLog& log);

}  // namespace coresweep
