// A set of CPUs (PUs) by operating-system index, as a value.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coresweep {

/// Any number of CPUs; not limited to 1,024 as cpu_set_t is.
class CpuSet {
 public:
  CpuSet() = default;
  CpuSet(std::initializer_list<int> cpus) {
    for (const int cpu : cpus)
      Add(cpu);
  }
  explicit CpuSet(const std::vector<int>& cpus) {
    for (const int cpu : cpus)
      Add(cpu);
  }

  /// Parses the kernel's list format, "0-3,8" (an empty text is the empty set); nullopt when
  /// malformed, negative, descending or above 1,048,575.
  static std::optional<CpuSet> Parse(std::string_view list);

  /// The kernel's list format, ascending: "0-3,8"; "" for the empty set.
  [[nodiscard]] std::string ToList() const;

  /// `cpu` is 0 or more.
  void Add(int cpu);
  [[nodiscard]] bool Contains(int cpu) const;
  [[nodiscard]] bool Empty() const { return words_.empty(); }
  [[nodiscard]] int Count() const;
  /// Ascending.
  [[nodiscard]] std::vector<int> ToVector() const;
  [[nodiscard]] CpuSet Intersect(const CpuSet& other) const;
  [[nodiscard]] CpuSet Union(const CpuSet& other) const;
  bool operator==(const CpuSet&) const = default;

 private:
  std::vector<uint64_t> words_;  ///< a bit a CPU; the last word is never 0
};

/// Affinity mask of thread `tid` (0 = the calling thread) by sched_getaffinity, with a buffer grown
/// until it fits. Throws `Error`.
CpuSet GetAffinity(pid_t tid = 0);

/// Sets the mask of thread `tid`; returns 0 or the errno of the refusal (EINVAL: no CPU of the set
/// is allowed or online; EPERM). An accepted mask may still be narrowed: read it back.
[[nodiscard]] int SetAffinity(const CpuSet& cpus, pid_t tid = 0);

}  // namespace coresweep
