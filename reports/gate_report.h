// The report of a gate: JSON from which the verdict can be made again, and what one reads.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/gate_power.h"
#include "harness/core/gate_record.h"

namespace coresweep {

/// One of several builds of an arm.
struct GateBuild {
  std::string program;
  std::string program_digest;
};

/// What the report says of one arm, besides its launches.
struct GateArmFacts {
  std::string program;                 ///< "" = this program
  std::string program_digest;          ///< of its file; "" = not read
  std::string workload_digest;         ///< of model and options; "" = not known here
  std::string config_json;             ///< effective configuration, rendered
  std::vector<GateBuild> builds = {};  ///< all of them where there are several, else empty
};

struct GateReportHead {
  std::string tool_json;  ///< rendered
  std::string host_json;  ///< rendered: facts and fingerprint
  std::string argv;
  int64_t created_unix_ms = 0;
  GateArmFacts base;
  GateArmFacts candidate;
};

/// {"schema": "coresweep.gate", "schema_version", …, "setup", "stopped", "blocks", "outcome"}.
/// `outcome` follows from setup, burn_in, stopped and blocks alone.
nlohmann::ordered_json GateReportJson(const GateReportHead& head, const GateLog& log,
                                      const GateSession& session);

/// Verdict, exit code, sentence, and of each phase every metric's numbers; with what could have
/// been detected and how many blocks are still needed where `power` is asked for (a second or so).
nlohmann::ordered_json GateOutcomeJson(const GateSession& session, bool power);

/// What a stored report's verdict follows from. Throws `UsageError` naming `origin` and the field
/// when the text is no JSON, no gate report, one of an unknown major version, or damaged.
GateLog GateLogFromReport(const nlohmann::json& report, const std::string& origin);

/// Sentence first; then each metric with interval, evidence, what was detectable; the integrity of
/// the answers; what the machine did. Ends in '\n'.
std::string RenderGateConsole(const GateLog& log, const GateSession& session, size_t width);

}  // namespace coresweep
