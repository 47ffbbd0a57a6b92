#include "harness/core/machine_edge.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/core/json_field.h"
#include "harness/core/system_use_json.h"

namespace coresweep {
namespace {

constexpr int64_t kLeastGapNs = kNsPerMs;
constexpr int64_t kGapPart = 1000;  // of the block: 0.1 %
constexpr int64_t kSwappedPages = 256;
constexpr int64_t kMajorFaults = 64;

struct IdentityField {
  const char* name;
  std::string MachineEdge::*value;
};
constexpr std::array<IdentityField, 5> kIdentity{{
    {"boot id", &MachineEdge::boot_id},
    {"kernel", &MachineEdge::kernel},
    {"CPU model", &MachineEdge::cpu_model},
    {"CPUs online", &MachineEdge::online_cpus},
    {"CPUs that this process may use", &MachineEdge::allowed_cpus},
}};

std::string QuotaText(const std::optional<double>& quota) {
  return quota ? fmt::format("{:g} CPUs", *quota) : "none";
}

/// What is no longer as it was, or "". What was not readable once is no change.
std::string Changed(const MachineEdge& first, const MachineEdge& now) {
  for (const IdentityField& field : kIdentity) {
    const std::string& was = first.*field.value;
    const std::string& is = now.*field.value;
    if (was == is || was.empty() || is.empty()) continue;
    // Who reads a report need not know the boot id of its machine.
    if (field.value == &MachineEdge::boot_id) return "the boot id changed: another boot or machine";
    return fmt::format("{} changed from {} to {}", field.name, was, is);
  }
  if (first.cpu_quota == now.cpu_quota) return "";
  return fmt::format("CPU quota changed from {} to {}", QuotaText(first.cpu_quota),
                     QuotaText(now.cpu_quota));
}

double InMs(int64_t ns) {
  return static_cast<double>(ns) / 1e6;
}

std::string Disturbed(const BlockMachine& block) {
  if (std::abs(block.clock_gap_ns) > std::max(kLeastGapNs, block.length_ns / kGapPart)) {
    return fmt::format(
        "the clock was corrected under it: CLOCK_MONOTONIC and CLOCK_MONOTONIC_RAW differ by "
        "{:.1f} ms in {:.0f} ms",
        InMs(std::abs(block.clock_gap_ns)), InMs(block.length_ns));
  }
  if (block.suspended_ns > kLeastGapNs)
    return fmt::format("the machine was suspended for {:.0f} ms", InMs(block.suspended_ns));
  if (block.swapped_in_pages.value_or(0) >= kSwappedPages && block.major_faults >= kMajorFaults) {
    return fmt::format("the machine swapped {} pages in, and the launches took {} major faults",
                       *block.swapped_in_pages, block.major_faults);
  }
  return "";
}

}  // namespace

BlockMachine BlockMachineOf(const MachineEdge& before, const MachineEdge& after) {
  BlockMachine block;
  block.length_ns = after.monotonic_ns - before.monotonic_ns;
  block.clock_gap_ns = block.length_ns - (after.raw_ns - before.raw_ns);
  block.suspended_ns = after.boot_ns - before.boot_ns - block.length_ns;
  if (before.swapped_in_pages && after.swapped_in_pages)
    block.swapped_in_pages = *after.swapped_in_pages - *before.swapped_in_pages;
  block.major_faults = after.major_faults - before.major_faults;
  return block;
}

std::string WhyInvalid(const MachineEdge& first, const MachineEdge& before,
                       const MachineEdge& after) {
  for (const MachineEdge* now : {&before, &after})
    if (std::string why = Changed(first, *now); !why.empty()) return why;
  return Disturbed(BlockMachineOf(before, after));
}

nlohmann::ordered_json ToJson(const BlockMachine& machine) {
  return {{"sentinel_wall_ns", machine.sentinel.wall_ns},
          {"sentinel_cpu_ns", machine.sentinel.cpu_ns},
          {"since_last", nlohmann::ordered_json(ToJson(machine.since_last))},
          {"length_ns", machine.length_ns},
          {"clock_gap_ns", machine.clock_gap_ns},
          {"suspended_ns", machine.suspended_ns},
          {"swapped_in_pages", machine.swapped_in_pages
                                   ? nlohmann::ordered_json(*machine.swapped_in_pages)
                                   : nlohmann::ordered_json(nullptr)},
          {"major_faults", machine.major_faults}};
}

BlockMachine BlockMachineFromJson(const nlohmann::json& json) {
  BlockMachine machine;
  machine.sentinel.wall_ns = FieldOf<int64_t>(json, "sentinel_wall_ns");
  machine.sentinel.cpu_ns = FieldOf<int64_t>(json, "sentinel_cpu_ns");
  if (machine.sentinel.wall_ns <= 0) throw Error("sentinel_wall_ns is not above 0");
  try {
    machine.since_last = SystemUseFromJson(PartOf(json, "since_last"));
  } catch (const nlohmann::json::exception&) {
    throw Error("since_last is not as coresweep writes it");
  }
  machine.length_ns = FieldOf<int64_t>(json, "length_ns");
  machine.clock_gap_ns = FieldOf<int64_t>(json, "clock_gap_ns");
  machine.suspended_ns = FieldOf<int64_t>(json, "suspended_ns");
  machine.swapped_in_pages = OptionalFieldOf<int64_t>(json, "swapped_in_pages");
  machine.major_faults = FieldOf<int64_t>(json, "major_faults");
  return machine;
}

}  // namespace coresweep
