// What a gate ran, as it is kept: every launch of every block, from which the verdict follows.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/burn_in.h"
#include "harness/core/gate_calibration.h"
#include "harness/core/gate_session.h"
#include "harness/core/launch.h"
#include "harness/core/machine_edge.h"

namespace coresweep {

/// A block that was run, with its launches in slot order: four, or as many as there were before one
/// ended it.
struct GateRecord {
  GateBlock block;
  int64_t started_unix_ms = 0;
  std::vector<Launch> launches;
  std::string invalid;  ///< as in `BlockResult`
  /// Read around it by the gate's own process; nullopt: not read.
  std::optional<BlockMachine> machine = std::nullopt;
};

/// What the session is told of a record: the gated metrics' values; an answer that was wrong, lost,
/// doubled or moved is an integrity fault; a launch that failed, timed out or answered nothing is a
/// workload fault.
BlockResult ResultOf(const GateRecord& record, const GateSetup& setup);

/// The machine changed under the block, whoever's launch it hit: why, or "".
std::string WhyInvalid(const std::vector<Launch>& launches);

/// Refuses with UNFIT where the burn-in says so. No effect when the session is over.
void JudgeBurnIn(const BurnIn& burn_in, GateSession& session);

/// Everything that a verdict follows from.
struct GateLog {
  GateSetup setup;
  std::vector<GateRecord> records;
  std::string stopped;                           ///< why it ended early; "" when it did not
  std::optional<BurnIn> burn_in = std::nullopt;  ///< nullopt: none was asked for, or came to an end
  /// What the launches were given; nullopt: what was asked for. No verdict follows from it.
  std::optional<GateCalibration> calibration = std::nullopt;
};

/// The session after all of `log`. Throws `Error` when a record is not the block that the session
/// asked for: it was then not made by this rule and seed. `added` is told of each record and the
/// session right after it.
using GateRecordAdded = std::function<void(const GateRecord&, const GateSession&)>;
GateSession Replay(const GateLog& log, const GateRecordAdded& added = {});

nlohmann::ordered_json ToJson(const GateRecord& record);
nlohmann::ordered_json ToJson(const GateSetup& setup);
/// Both throw `Error` naming the field that is missing, of another type or unknown.
GateRecord GateRecordFromJson(const nlohmann::json& json);
GateSetup GateSetupFromJson(const nlohmann::json& json);

}  // namespace coresweep
