// A set of CPUs (PUs) by operating-system index, as a value.
#pragma once

#include <sys/types.h>

#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace coresweep {

/// Any number of CPUs; not limited to 1,024 as cpu_set_t is.
class CpuSet {
 public:
  CpuSet() = default;
  CpuSet(std::initializer_list<int> cpus) : cpus_(cpus) {}
  explicit CpuSet(const std::vector<int>& cpus) : cpus_(cpus.begin(), cpus.end()) {}

  /// Parses the kernel's list format, "0-3,8" (an empty text is the empty set); nullopt when
  /// malformed, negative, descending or above 1,048,575.
  static std::optional<CpuSet> Parse(std::string_view list);

  /// The kernel's list format, ascending: "0-3,8"; "" for the empty set.
  [[nodiscard]] std::string ToList() const;

  void Add(int cpu) { cpus_.insert(cpu); }
  [[nodiscard]] bool Contains(int cpu) const { return cpus_.contains(cpu); }
  [[nodiscard]] bool Empty() const { return cpus_.empty(); }
  [[nodiscard]] int Count() const { return static_cast<int>(cpus_.size()); }
  [[nodiscard]] std::vector<int> ToVector() const { return {cpus_.begin(), cpus_.end()}; }
  [[nodiscard]] CpuSet Intersect(const CpuSet& other) const;
  [[nodiscard]] CpuSet Union(const CpuSet& other) const;
  bool operator==(const CpuSet&) const = default;

 private:
  std::set<int> cpus_;
};

/// Affinity mask of thread `tid` (0 = the calling thread) by sched_getaffinity, with a buffer grown
/// until it fits. Throws `Error`.
CpuSet GetAffinity(pid_t tid = 0);

/// Sets the mask of thread `tid`; returns 0 or the errno of the refusal (EINVAL: no CPU of the set
/// is allowed or online; EPERM). An accepted mask may still be narrowed: read it back.
[[nodiscard]] int SetAffinity(const CpuSet& cpus, pid_t tid = 0);

}  // namespace coresweep
