// What runs of the sentinel say of a machine: how even it is, whether it became slower, whether it
// is fit for a gate at all. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/core/gate_session.h"
#include "harness/core/machine_edge.h"

namespace coresweep {

/// Runs of the sentinel, summed up.
struct SentinelFigures {
  double median_ms = 0;  ///< of the wall times
  /// 1.4826 · median absolute deviation / median: of normal noise its standard deviation, as a
  /// share (Rousseeuw and Croux 1993).
  double spread = 0;
  double worst = 1;   ///< greatest wall time / median
  double waited = 0;  ///< share of all wall time without a CPU
};
/// nullopt for no runs.
std::optional<SentinelFigures> FiguresOf(std::span<const SentinelTime> times);

/// Whether the machine became slower or faster from the first half of the runs to the second.
struct SentinelDrift {
  double ratio = 1;            ///< median of time i + n/2 / time i: above 1 it became slower
  bool beyond_chance = false;  ///< the signs of these, by a sign test at 1 % (Cox and Stuart 1955)
};
/// In the order run; nullopt for fewer than four.
std::optional<SentinelDrift> DriftOf(std::span<const SentinelTime> times);

/// What is no longer fit.
struct BurnInBounds {
  double spread = 0.75;
  double worst = 50;
  double waited = 0.95;
  bool operator==(const BurnInBounds&) const = default;
};
/// For this gate: the spread may be 15 times the margin that must be caught, at least 75 %.
BurnInBounds BurnInBoundsFor(const GateRule& rule);

/// Runs of the sentinel one after the other, before the first block.
struct BurnIn {
  double asked_s = 0;
  int64_t steps = 0;  ///< of the fixed work
  std::vector<SentinelTime> times;
  SystemUse system;  ///< of the container meanwhile
  BurnInBounds bounds;
  bool operator==(const BurnIn&) const = default;
};

/// Why no verdict is to be had on this machine and what to do about it, in one line; "" where it is
/// fit. Pressure refuses nothing by itself: beside a compile job it is near 100 % and the sign test
/// copes. Gates of memory alone are always fit.
std::string WhyUnfit(const BurnIn& burn_in, const GateSetup& setup);

nlohmann::ordered_json ToJson(const BurnIn& burn_in);
/// Throws `Error` naming the field that is missing or of another type.
BurnIn BurnInFromJson(const nlohmann::json& json);

}  // namespace coresweep
