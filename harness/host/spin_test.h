// How many CPUs' worth of time the container really gets: the only answer to limits that cannot be
// read (private cgroup namespaces, hypervisor caps).
#pragma once

#include <cstdint>
#include <optional>

#include "harness/base/cpu_set.h"
#include "harness/core/host_facts.h"

namespace coresweep {

/// The CPU time that one spinning thread really got between two moments. A pure function of the
/// readings that it is given, one pair a turn of the loop.
class SpinShare {
 public:
  SpinShare(int64_t begin_ns, int64_t end_ns) : begin_ns_(begin_ns), end_ns_(end_ns) {}

  /// `cpu_ns` of the thread's clock, read just before `now_ns`. False when the end is reached: no
  /// more are wanted. The first readings at or after an edge stand for it, which is exact for a
  /// throttled thread: it reads late, but its clock stood still.
  bool Turn(int64_t cpu_ns, int64_t now_ns) noexcept;

  /// CPU time between the edges, without pauses of a millisecond and more during which the clock
  /// of the thread ran on: it was the machine under the kernel that stood still then.
  [[nodiscard]] int64_t got_ns() const { return got_ns_; }

 private:
  int64_t begin_ns_;
  int64_t end_ns_;
  int64_t got_ns_ = 0;
  int64_t last_cpu_ns_ = 0;
  int64_t last_now_ns_ = 0;
  int64_t last_pause_ns_ = 0;
  bool begun_ = false;
};

/// Spins one thread bound to each of `allowed`, at most 1,024, and divides the CPU time that they
/// got by the wall time. Begins with one CFS period unmeasured, then measures `seconds`, rounded up
/// to whole periods of `cpu_period_us` (0 = no quota known: the usual 100 ms) and at least 3 of
/// them. Threads that cannot be started or bound are left out and not counted in `threads`: with
/// fewer of them than `allowed` the result is a lower bound. nullopt when `seconds` is 0 or no
/// thread is left. Uses all allowed CPUs meanwhile and blocks.
std::optional<MeasuredCpus> MeasureCpus(const CpuSet& allowed, double seconds,
                                        int64_t cpu_period_us);

/// Fills `facts.measured` by `MeasureCpus`. Where that falls short of what was read it is done
/// again, three times in all, and the most counts: a limit stays, other load often goes.
void MeasureUsableCpus(HostFacts& facts, double seconds);

}  // namespace coresweep
