// A placement policy as data: its name parsed. Used by harness/core/placement*.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace coresweep {

enum class PolicyKind {
  kNone,
  kCompact,
  kScatter,
  kCore,
  kNoSmt,
  kSmt,
  kObject,  ///< l2, l3, numa, package: round robin over these
  kPCore,
  kECore,
  kPpr,   ///< a number of workers on each object
  kList,  ///< explicit CPUs, the order counts
  kMask,  ///< explicit CPUs, sets without order
  kModulo,
};

/// What contains PUs, fine to coarse.
enum class ObjectType { kPu, kCore, kL2, kL3, kDie, kGroup, kNuma, kPackage, kMachine };

std::string_view ToString(ObjectType type);  ///< as in `ppr:N:OBJ`: "pu", "core", "l2", ...

struct Policy {
  PolicyKind kind = PolicyKind::kNone;
  ObjectType object = ObjectType::kMachine;  ///< of kObject and kPpr
  int per_object = 0;                        ///< N of kPpr
  /// CPUs by OS index of kList (as given) and kMask (ascending); no CPU twice.
  std::vector<std::vector<int>> sections;

  /// Whether the user named the CPUs.
  [[nodiscard]] bool Explicit() const {
    return kind == PolicyKind::kList || kind == PolicyKind::kMask;
  }
  /// Whether workers are kept to CPUs that this program chose or checked.
  [[nodiscard]] bool Bound() const {
    return kind != PolicyKind::kNone && kind != PolicyKind::kModulo;
  }
};

/// Parses a policy's name, alias or spelling. Throws `UsageError` saying what is wrong and what is
/// accepted, without repeating `text`.
Policy ParsePolicy(std::string_view text);

/// The canonical text; `ParsePolicy` makes the same policy of it.
std::string ToText(const Policy& policy);

}  // namespace coresweep
