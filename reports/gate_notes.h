// What a gate's launches say besides their values: for its console, its page, its warnings.
#pragma once

#include <string>
#include <vector>

#include "harness/core/gate_record.h"

namespace coresweep {

/// "cold_start was not measured in every launch: …": of each gated metric without a value
/// somewhere, with the first reason.
std::vector<std::string> GateUnmeasuredNotes(const GateLog& log);

/// What launches warned of, each text with its arm and how many said it, and of each arm whose
/// windows began before it was warm (see `JudgeSteadiness`).
std::vector<std::string> GateLaunchNotes(const GateLog& log);

/// "answers: 96816 items in 152 launches, 152 of them whole, right and in order"; "" without a
/// launch.
std::string GateAnswersNote(const GateLog& log);

/// "layout: 4 builds of A and 4 of B, drawn anew for each block: …", or what one build each leaves
/// open; "" where both arms are the same program.
std::string GateLayoutNote(const GateLog& log);

/// "machine: throttled in 1 % of the launches, …"; "" where no launch was disturbed.
std::string GateMachineNote(const GateLog& log);

}  // namespace coresweep
