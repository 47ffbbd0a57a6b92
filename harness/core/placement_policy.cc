#include "harness/core/placement_policy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <utility>

#include "harness/base/cpu_set.h"
#include "harness/base/error.h"
#include "harness/core/placement.h"
#include "harness/core/placement_sections.h"

namespace coresweep {
namespace {

constexpr int kMaxPerObject = 4096;

constexpr PolicyRow kPolicyRows[] = {
    {"none", "unpinned, off", "every worker on all allowed CPUs; the scheduler decides"},
    {"compact", "close, packed",
     "neighbours first: cores that share caches, hardware threads of a core last"},
    {"scatter", "spread",
     "as far apart as possible: over packages, NUMA nodes, caches, then cores"},
    {"core", "cores", "as compact, each thread on a whole core"},
    {"nosmt", "no-smt, physical",
     "as compact, never two hardware threads of a core for one worker"},
    {"smt", "hyperthreads, hwthread", "a worker's threads fill a core before they take the next"},
    {"l2", "l2cache", "workers in turn over the L2 caches"},
    {"l3", "llc, ccx, l3cache, ll_caches", "workers in turn over the last-level caches"},
    {"numa", "node, ldom, ldoms, numa_domains", "workers in turn over the NUMA nodes"},
    {"package", "socket, sockets", "workers in turn over the packages"},
    {"pcore", "p-core, big, performance", "as compact, on performance cores only"},
    {"ecore", "e-core, little, efficiency", "as compact, on efficiency cores only"},
    {"ppr:N:OBJ", "",
     "N workers on each pu, core, l2, l3, die, group, numa, package or machine, then the next; "
     "spread where they would share a core while others are free"},
    {"list:CPUS", "",
     "CPUs by OS index in the order given, 0-3,8; sections divided by | take workers in turn"},
    {"mask:HEX", "", "CPUs by OS index, 0xff; sections divided by comma take workers in turn"},
    {"modulo", "naive",
     "worker i on CPU i modulo the online CPUs, allowed or not: the naive way, to show its cost"},
};

/// The policies that a bare name makes, in the order of `kPolicyRows`.
struct NamedPolicy {
  std::string_view name;
  PolicyKind kind;
  ObjectType object = ObjectType::kMachine;
};

constexpr NamedPolicy kNamed[] = {
    {"none", PolicyKind::kNone},
    {"compact", PolicyKind::kCompact},
    {"scatter", PolicyKind::kScatter},
    {"core", PolicyKind::kCore},
    {"nosmt", PolicyKind::kNoSmt},
    {"smt", PolicyKind::kSmt},
    {"l2", PolicyKind::kObject, ObjectType::kL2},
    {"l3", PolicyKind::kObject, ObjectType::kL3},
    {"numa", PolicyKind::kObject, ObjectType::kNuma},
    {"package", PolicyKind::kObject, ObjectType::kPackage},
    {"pcore", PolicyKind::kPCore},
    {"ecore", PolicyKind::kECore},
    {"modulo", PolicyKind::kModulo},
};

constexpr std::pair<std::string_view, ObjectType> kObjectNames[] = {
    {"pu", ObjectType::kPu},           {"core", ObjectType::kCore},
    {"l2", ObjectType::kL2},           {"l3", ObjectType::kL3},
    {"die", ObjectType::kDie},         {"group", ObjectType::kGroup},
    {"numa", ObjectType::kNuma},       {"package", ObjectType::kPackage},
    {"machine", ObjectType::kMachine},
};

/// The name of the row that `text` names or is an alias of; "" if none.
std::string_view RowName(std::string_view text) {
  for (const PolicyRow& row : kPolicyRows) {
    if (text == row.name) return row.name;
    for (std::string_view rest = row.aliases; !rest.empty();) {
      const size_t comma = rest.find(", ");
      if (text == rest.substr(0, comma)) return row.name;
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 2);
    }
  }
  return "";
}

std::optional<Policy> ParseNamed(std::string_view text) {
  const std::string_view name = RowName(text);
  for (const NamedPolicy& named : kNamed) {
    if (named.name == name) return Policy{named.kind, named.object, 0, {}};
  }
  return std::nullopt;
}

std::optional<ObjectType> ParseObject(std::string_view text) {
  // Names mean the same as in a policy, but for the hardware thread, which there is a way to fill.
  if (text == "hwthread") return ObjectType::kPu;
  const std::string_view alias_of = RowName(text);
  for (const auto& [name, type] : kObjectNames) {
    if (text == name || alias_of == name) return type;
  }
  return std::nullopt;
}

Policy ParsePpr(std::string_view text) {
  const size_t colon = text.find(':');
  const std::string_view count = text.substr(0, colon);
  int number = 0;
  const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), number);
  const bool whole = error == std::errc() && end == count.data() + count.size();
  if (!whole || number < 1 || number > kMaxPerObject)
    throw UsageError(fmt::format("ppr:N:OBJ: N is a number from 1 to {}", kMaxPerObject));
  const auto object = ParseObject(colon == std::string_view::npos ? "" : text.substr(colon + 1));
  if (!object) {
    throw UsageError(
        "ppr:N:OBJ: OBJ is pu, core, l2, l3, die, group, numa, package or machine, for example "
        "ppr:2:l3");
  }
  return {PolicyKind::kPpr, *object, number, {}};
}

std::string AcceptedNames() {
  std::vector<std::string_view> names;
  for (const PolicyRow& row : kPolicyRows)
    names.push_back(row.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::string_view ToString(ObjectType type) {
  const auto* row = std::find_if(std::begin(kObjectNames), std::end(kObjectNames),
                                 [&](const auto& entry) { return entry.second == type; });
  return row->first;
}

std::span<const PolicyRow> PolicyTable() {
  return kPolicyRows;
}

Policy ParsePolicy(std::string_view text) {
  if (const auto named = ParseNamed(text)) return *named;
  if (text.starts_with("ppr:")) return ParsePpr(text.substr(4));
  if (text.starts_with("list:"))
    return {PolicyKind::kList, ObjectType::kMachine, 0, ParseListSections(text.substr(5))};
  if (text.starts_with("mask:"))
    return {PolicyKind::kMask, ObjectType::kMachine, 0, ParseMaskSections(text.substr(5))};
  throw UsageError(
      fmt::format("no such placement policy; accepted are {} and their aliases", AcceptedNames()));
}

std::string ToText(const Policy& policy) {
  if (policy.kind == PolicyKind::kPpr)
    return fmt::format("ppr:{}:{}", policy.per_object, ToString(policy.object));
  if (policy.kind == PolicyKind::kList) return "list:" + FormatListSections(policy.sections);
  if (policy.kind == PolicyKind::kMask) return "mask:" + FormatMaskSections(policy.sections);
  const auto* named = std::find_if(std::begin(kNamed), std::end(kNamed), [&](const auto& row) {
    return row.kind == policy.kind && row.object == policy.object;
  });
  return std::string(named->name);
}

std::string CanonicalPolicy(std::string_view text) {
  return ToText(ParsePolicy(text));
}

bool UsesWidth(std::string_view policy) {
  return ParsePolicy(policy).Bound();
}

}  // namespace coresweep
