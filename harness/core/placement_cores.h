// The cores of a topology and how near they are to each other: what all steps of placement look at.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/placement_policy.h"
#include "harness/core/topology.h"

namespace coresweep {

/// What each thread of each worker sits on: positions in `Topology::pus`.
struct Seating {
  std::vector<std::vector<size_t>> workers;  ///< of each worker one PU a thread
  int moved = 0;                             ///< workers outside their object, which had no room
};

/// A core with at least one PU; a PU whose core is unknown is a core by itself.
struct CoreSite {
  std::vector<size_t> pus;      ///< positions in the topology
  std::vector<size_t> domains;  ///< the domain of each level that it is in
  CoreKind kind = CoreKind::kOnlyOne;
};

/// Cores in the topology's order, and nested domains of them: level 0 is the machine, each next one
/// divides the domains before it by package, die, NUMA node, L3, group or L2, coarse to fine as
/// they nest on this machine (on some a node holds several L3s, on others an L3 several nodes).
class CoreMap {
 public:
  explicit CoreMap(const Topology& topology);

  [[nodiscard]] const std::vector<CoreSite>& cores() const { return cores_; }
  [[nodiscard]] size_t pu_count() const { return core_of_.size(); }
  [[nodiscard]] size_t CoreOf(size_t pu) const { return core_of_[pu]; }
  [[nodiscard]] size_t levels() const { return domains_.size(); }
  /// Cores of each domain of `level`.
  [[nodiscard]] const std::vector<std::vector<size_t>>& DomainsAt(size_t level) const {
    return domains_[level];
  }
  /// Different kinds of core, performance cores first.
  [[nodiscard]] const std::vector<CoreKind>& kinds() const { return kinds_; }
  /// Domains that have to be left to come from core `a` to core `b`.
  [[nodiscard]] int Distance(size_t a, size_t b) const;

 private:
  void AddCore(const Pu& pu, const std::vector<int Pu::*>& levels);

  std::vector<CoreSite> cores_;
  std::vector<size_t> core_of_;
  std::vector<std::vector<std::vector<size_t>>> domains_;
  std::vector<std::map<std::pair<size_t, int>, size_t>> domain_of_place_;  // by parent and index
  std::vector<CoreKind> kinds_;
};

/// The objects of one type.
struct ObjectMap {
  std::vector<size_t> of_pu;  ///< the object of each PU, numbered in the topology's order
  size_t count = 0;
  std::string note;  ///< that another type had to be taken, else ""
};

/// The objects of `type`, or of the nearest other type where the machine has none; PUs outside of
/// any are one object together.
ObjectMap MapObjects(const Topology& topology, const CoreMap& map, ObjectType type);

/// The smallest object above the core that shares a cache (L3, L2), else NUMA node, package,
/// machine: the object of policies that have none of their own.
ObjectType SharedDomain(const Topology& topology, const CoreMap& map);

}  // namespace coresweep
