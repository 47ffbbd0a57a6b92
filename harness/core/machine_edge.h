// The machine before and after a block of a gate, and whether it is still the same: decided without
// a look at any value or arm.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "harness/core/use.h"

namespace coresweep {

/// A machine at one moment. Counters are since its boot, or since this process began.
struct MachineEdge {
  int64_t monotonic_ns = 0;  ///< CLOCK_MONOTONIC
  int64_t raw_ns = 0;        ///< CLOCK_MONOTONIC_RAW: no NTP touches its rate
  int64_t boot_ns = 0;       ///< CLOCK_BOOTTIME: runs on while the machine is suspended
  std::optional<int64_t> swapped_in_pages;  ///< of the whole machine; nullopt: not readable
  int64_t major_faults = 0;                 ///< of ended children of this process
  std::string boot_id;                      ///< "" = not readable, here and below
  std::string kernel;
  std::string cpu_model;
  std::string online_cpus;          ///< list format
  std::string allowed_cpus;         ///< of this process, list format
  std::optional<double> cpu_quota;  ///< CPUs' worth of time; nullopt: none
};

/// One run of the sentinel, a fixed piece of integer work on one core.
struct SentinelTime {
  int64_t wall_ns = 0;
  int64_t cpu_ns = 0;  ///< CPU time that it got; the rest it waited
  bool operator==(const SentinelTime&) const = default;
};

/// What the gate's own process read around a block.
struct BlockMachine {
  SentinelTime sentinel;     ///< run just before the block
  SystemUse since_last;      ///< of the container since the block before, its launches and all
  int64_t length_ns = 0;     ///< of the block, by CLOCK_MONOTONIC
  int64_t clock_gap_ns = 0;  ///< CLOCK_MONOTONIC against CLOCK_MONOTONIC_RAW over the block
  int64_t suspended_ns = 0;  ///< CLOCK_BOOTTIME against CLOCK_MONOTONIC over the block
  std::optional<int64_t> swapped_in_pages;  ///< by the whole machine during the block
  int64_t major_faults = 0;                 ///< of the block's launches, both arms together
  bool operator==(const BlockMachine&) const = default;
};

/// The differences; sentinel and `since_last` are left as they are.
BlockMachine BlockMachineOf(const MachineEdge& before, const MachineEdge& after);

/// Why a block between these edges counts for nothing, or "". `first` is the edge before the first
/// block: boot id, kernel, CPU model, CPUs or quota that are no longer those of then; a clock whose
/// rate was off by more than 0.1 % (NTP's discipline stays below that, a slew of chrony does not)
/// and 1 ms; a suspension of more than 1 ms; 256 pages or more swapped in while the launches took
/// 64 major faults or more: by one of the two alone others, or a file read for the first time, are
/// meant.
std::string WhyInvalid(const MachineEdge& first, const MachineEdge& before,
                       const MachineEdge& after);

nlohmann::ordered_json ToJson(const BlockMachine& machine);
/// Throws `Error` naming the field that is missing or of another type.
BlockMachine BlockMachineFromJson(const nlohmann::json& json);

}  // namespace coresweep
