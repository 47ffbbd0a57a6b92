#include "harness/core/placement_cores.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>
#include <string_view>

namespace coresweep {
namespace {

size_t CountDistinct(const std::vector<Pu>& pus, int Pu::*index) {
  std::set<int> values;
  for (const Pu& pu : pus)
    values.insert(pu.*index);
  return values.size();
}

/// The objects that divide this machine, coarse to fine.
std::vector<int Pu::*> DividingLevels(const std::vector<Pu>& pus) {
  std::vector<std::pair<size_t, int Pu::*>> counted;
  for (int Pu::*index : {&Pu::package, &Pu::die, &Pu::numa_node, &Pu::l3, &Pu::group, &Pu::l2}) {
    const size_t count = CountDistinct(pus, index);
    if (count > 1) counted.emplace_back(count, index);
  }
  std::stable_sort(counted.begin(), counted.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<int Pu::*> levels;
  levels.reserve(counted.size());
  for (const auto& [count, index] : counted)
    levels.push_back(index);
  return levels;
}

/// Where to look for objects of a type, and how many of them are called in a note.
struct TypeFact {
  ObjectType type;
  int Pu::*index;  // nullptr: found otherwise
  std::string_view plural;
};

constexpr TypeFact kTypes[] = {
    {ObjectType::kPu, nullptr, "hardware threads"},
    {ObjectType::kCore, nullptr, "cores"},
    {ObjectType::kL2, &Pu::l2, "L2"},
    {ObjectType::kL3, &Pu::l3, "L3"},
    {ObjectType::kDie, &Pu::die, "dies"},
    {ObjectType::kGroup, &Pu::group, "groups"},
    {ObjectType::kNuma, &Pu::numa_node, "NUMA nodes"},
    {ObjectType::kPackage, &Pu::package, "packages"},
    {ObjectType::kMachine, nullptr, "the whole machine"},
};

const TypeFact& FactOf(ObjectType type) {
  return *std::find_if(std::begin(kTypes), std::end(kTypes),
                       [&](const TypeFact& fact) { return fact.type == type; });
}

/// What stands in for a type that the machine does not have, best first.
std::vector<ObjectType> StandIns(ObjectType type) {
  switch (type) {
    case ObjectType::kL2:
      return {ObjectType::kCore};
    case ObjectType::kL3:
      return {ObjectType::kDie, ObjectType::kGroup, ObjectType::kNuma, ObjectType::kPackage,
              ObjectType::kMachine};
    case ObjectType::kGroup:
      return {ObjectType::kNuma, ObjectType::kPackage, ObjectType::kMachine};
    case ObjectType::kDie:
    case ObjectType::kNuma:
      return {ObjectType::kPackage, ObjectType::kMachine};
    default:
      return {ObjectType::kMachine};
  }
}

bool Exists(const Topology& topology, ObjectType type) {
  int Pu::*const index = FactOf(type).index;
  return index == nullptr || std::any_of(topology.pus.begin(), topology.pus.end(),
                                         [&](const Pu& pu) { return pu.*index >= 0; });
}

bool Divides(const Topology& topology, ObjectType type) {
  int Pu::*const index = FactOf(type).index;
  return index == nullptr || CountDistinct(topology.pus, index) > 1;
}

/// A stand-in that divides the machine is better than one that does not.
ObjectType StandInFor(const Topology& topology, ObjectType missing) {
  const std::vector<ObjectType> candidates = StandIns(missing);
  for (const ObjectType type : candidates) {
    if (type != ObjectType::kMachine && Exists(topology, type) && Divides(topology, type))
      return type;
  }
  return *std::find_if(candidates.begin(), candidates.end(),
                       [&](ObjectType type) { return Exists(topology, type); });
}

}  // namespace

CoreMap::CoreMap(const Topology& topology) {
  const std::vector<int Pu::*> levels = DividingLevels(topology.pus);
  domains_.resize(levels.size() + 1);
  domain_of_place_.resize(levels.size() + 1);
  std::map<int, size_t> core_of_index;
  for (size_t at = 0; at < topology.pus.size(); ++at) {
    const Pu& pu = topology.pus[at];
    const auto known = core_of_index.find(pu.core);
    const bool is_new = pu.core < 0 || known == core_of_index.end();
    const size_t core = is_new ? cores_.size() : known->second;
    if (is_new) AddCore(pu, levels);
    if (pu.core >= 0) core_of_index[pu.core] = core;
    cores_[core].pus.push_back(at);
    core_of_.push_back(core);
  }
}

void CoreMap::AddCore(const Pu& pu, const std::vector<int Pu::*>& levels) {
  CoreSite core;
  core.kind = pu.kind;
  size_t parent = 0;
  for (size_t level = 0; level < domains_.size(); ++level) {
    const int index = level == 0 ? 0 : pu.*levels[level - 1];
    const auto [entry, is_new] =
        domain_of_place_[level].try_emplace({parent, index}, domains_[level].size());
    if (is_new) domains_[level].emplace_back();
    parent = entry->second;
    core.domains.push_back(parent);
    domains_[level][parent].push_back(cores_.size());
  }
  if (std::find(kinds_.begin(), kinds_.end(), pu.kind) == kinds_.end()) {
    kinds_.push_back(pu.kind);
    std::sort(kinds_.begin(), kinds_.end());  // as the enumerators are
  }
  cores_.push_back(std::move(core));
}

int CoreMap::Distance(size_t a, size_t b) const {
  const std::vector<size_t>& from = cores_[a].domains;
  const std::vector<size_t>& to = cores_[b].domains;
  size_t level = from.size();
  // Domains nest: the same one means the same ones above it.
  while (level > 0 && from[level - 1] != to[level - 1])
    --level;
  return static_cast<int>(from.size() - level);
}

ObjectMap MapObjects(const Topology& topology, const CoreMap& map, ObjectType type) {
  ObjectMap objects;
  if (!Exists(topology, type)) {
    const ObjectType stand_in = StandInFor(topology, type);
    objects.note =
        fmt::format("no {} here: {} instead", FactOf(type).plural, FactOf(stand_in).plural);
    type = stand_in;
  }
  int Pu::*const index = FactOf(type).index;
  std::map<int, size_t> number_of;
  for (size_t at = 0; at < topology.pus.size(); ++at) {
    int key = 0;
    if (index != nullptr) key = topology.pus[at].*index;
    if (type == ObjectType::kPu) key = static_cast<int>(at);
    if (type == ObjectType::kCore) key = static_cast<int>(map.CoreOf(at));
    objects.of_pu.push_back(number_of.try_emplace(key, number_of.size()).first->second);
  }
  objects.count = number_of.size();
  return objects;
}

ObjectType SharedDomain(const Topology& topology, const CoreMap& map) {
  if (Exists(topology, ObjectType::kL3)) return ObjectType::kL3;
  if (Exists(topology, ObjectType::kL2) &&
      MapObjects(topology, map, ObjectType::kL2).count < map.cores().size())
    return ObjectType::kL2;
  for (const ObjectType type : {ObjectType::kNuma, ObjectType::kPackage}) {
    if (Exists(topology, type)) return type;
  }
  return ObjectType::kMachine;
}

}  // namespace coresweep
