#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/core/doctor_rules.h"

namespace coresweep {
namespace {

using Found = std::optional<Finding>;

constexpr uint64_t kSmallPerCpuBytes = uint64_t{512} << 20;
constexpr uint64_t kSmallSharedBytes = uint64_t{64} << 20;

Found SmallMemoryLimit(const HostFacts& facts) {
  if (!facts.memory_limit_bytes) return std::nullopt;
  const uint64_t limit = facts.memory_limit_bytes->value;
  const auto cpus = static_cast<uint64_t>(facts.UsableCpus());
  const bool small = limit / cpus < kSmallPerCpuBytes;
  if (!small && limit >= facts.memory_total_bytes / 2) return std::nullopt;
  return Finding{
      "memory-limit-small", small ? kWarning : kNote,
      fmt::format("memory is limited to {} ({}), {} for each usable CPU, of {} that the machine "
                  "has: who takes more is killed",
                  BytesText(limit), facts.memory_limit_bytes->source, BytesText(limit / cpus),
                  BytesText(facts.memory_total_bytes)),
      fmt::format("workers x (model + buffers) must stay below {}: each worker loads the model "
                  "for itself in mode processes, so try fewer workers with more threads, or mode "
                  "threads",
                  BytesText(limit))};
}

Found SwapAllowed(const HostFacts& facts) {
  const bool refused = facts.swap_limit_bytes && facts.swap_limit_bytes->value == 0;
  if (!facts.memory_limit_bytes || facts.swap_total_bytes == 0 || refused) return std::nullopt;
  const uint64_t most = facts.swap_limit_bytes
                            ? std::min(facts.swap_limit_bytes->value, facts.swap_total_bytes)
                            : facts.swap_total_bytes;
  return Finding{"swap-allowed", kWarning,
                 fmt::format("up to {} may be swapped out ({}): at the memory limit work becomes "
                             "slow instead of failing",
                             BytesText(most),
                             facts.swap_limit_bytes ? facts.swap_limit_bytes->source
                                                    : "SwapTotal of /proc/meminfo"),
                 "look at the major faults of the workers, or forbid swap (memory.swap.max 0, "
                 "docker run --memory-swap equal to --memory)"};
}

Found HighBelowMax(const HostFacts& facts) {
  if (!facts.memory_high_bytes) return std::nullopt;
  const uint64_t high = facts.memory_high_bytes->value;
  if (high >= facts.UsableMemoryBytes()) return std::nullopt;
  return Finding{
      "memory-high-below-max", kWarning,
      fmt::format("above {} ({}) the kernel slows everything down to get memory back, before the "
                  "limit of {} is reached",
                  BytesText(high), facts.memory_high_bytes->source,
                  BytesText(facts.UsableMemoryBytes())),
      fmt::format("keep all workers together below {}, or raise memory.high to the limit",
                  BytesText(high))};
}

/// A library that starts a thread a CPU in each of as many workers, and the harness itself.
uint64_t TasksOfAFullHouse(const HostFacts& facts) {
  const auto cpus = static_cast<uint64_t>(facts.allowed.Count());
  return cpus * cpus + 2 * cpus + 16;
}

Found FewProcesses(const HostFacts& facts) {
  const uint64_t needed = TasksOfAFullHouse(facts);
  if (!facts.pids_max || facts.pids_max->value >= needed) return std::nullopt;
  return Finding{"pids-max-small", kWarning,
                 fmt::format("at most {} processes and threads are allowed ({}): {} workers with a "
                             "library that starts {} threads each need about {}",
                             facts.pids_max->value, facts.pids_max->source, facts.allowed.Count(),
                             facts.allowed.Count(), needed),
                 fmt::format("raise it to {} (docker run --pids-limit {}), or keep workers x "
                             "threads well below {}",
                             needed, needed, facts.pids_max->value)};
}

Found FewProcessesOfUser(const HostFacts& facts) {
  const auto limit = facts.system.rlimits.find("nproc");
  const auto& granted = facts.system.capabilities;
  const bool exempt =
      std::any_of(granted.begin(), granted.end(), [](const std::string& capability) {
        return capability == "CAP_SYS_RESOURCE" || capability == "CAP_SYS_ADMIN";
      });
  const uint64_t needed = TasksOfAFullHouse(facts);
  if (exempt || limit == facts.system.rlimits.end() || limit->second >= needed) return std::nullopt;
  return Finding{
      "nproc-small", kWarning,
      fmt::format("this user may have {} processes and threads on the whole machine "
                  "(RLIMIT_NPROC); a full sweep needs about {}",
                  limit->second, needed),
      fmt::format("raise it: ulimit -u {} (docker run --ulimit nproc={})", needed, needed)};
}

Found SmallSharedMemory(const HostFacts& facts) {
  if (facts.memory_total_bytes == 0) return std::nullopt;  // nothing of this machine is known
  if (facts.dev_shm_bytes && *facts.dev_shm_bytes > kSmallSharedBytes) return std::nullopt;
  return Finding{"dev-shm-small", kNote,
                 facts.dev_shm_bytes
                     ? fmt::format("/dev/shm holds {}", BytesText(*facts.dev_shm_bytes))
                     : "/dev/shm is not mounted",
                 "nothing for coresweep, whose shared memory is not kept there (memfd); others, "
                 "such as PyTorch's DataLoader, need docker run --shm-size or an emptyDir of "
                 "medium Memory"};
}

constexpr std::array<Rule, 6> kMemoryRules = {SmallMemoryLimit,   SwapAllowed,
                                              HighBelowMax,       FewProcesses,
                                              FewProcessesOfUser, SmallSharedMemory};

}  // namespace

std::span<const Rule> MemoryRules() {
  return kMemoryRules;
}

}  // namespace coresweep
