#include "harness/host/memory_binding.h"

#include <fmt/format.h>
#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <optional>

#include "harness/base/cpu_set.h"
#include "harness/host/small_file.h"

namespace coresweep {
namespace {

// Younger than the oldest headers that this compiles with.
constexpr int kPreferredMany = 5;
constexpr int kWeightedInterleave = 6;
constexpr int kModeFlags = (1 << 15) | (1 << 14) | (1 << 13);  // MPOL_MODE_FLAGS

constexpr size_t kBitsPerWord = 8 * sizeof(unsigned long);
constexpr size_t kUsualNodes = 1024;
constexpr size_t kMostNodes = 32768;  // the kernel takes masks of one page at most

/// A node mask as the kernel takes it.
class NodeMask {
 public:
  explicit NodeMask(size_t nodes) : words_((nodes + kBitsPerWord - 1) / kBitsPerWord) {}
  void Add(size_t node) { words_[node / kBitsPerWord] |= 1UL << (node % kBitsPerWord); }
  [[nodiscard]] std::string ToList() const {
    CpuSet nodes;  // the same list format
    for (size_t node = 0; node < words_.size() * kBitsPerWord; ++node) {
      if ((words_[node / kBitsPerWord] >> (node % kBitsPerWord) & 1UL) != 0) {
        nodes.Add(static_cast<int>(node));
      }
    }
    return nodes.ToList();
  }
  unsigned long* data() { return words_.data(); }
  [[nodiscard]] const unsigned long* data() const { return words_.data(); }
  /// What the system calls want to be told: they read one bit less than they are told.
  [[nodiscard]] unsigned long told_bits() const { return words_.size() * kBitsPerWord + 1; }

 private:
  std::vector<unsigned long> words_;
};

struct Policy {
  int mode = MPOL_DEFAULT;
  NodeMask nodes{kUsualNodes};
};

/// nullopt when get_mempolicy is refused, with its errno in `*error_number`.
std::optional<Policy> GetPolicy(int* error_number) {
  for (size_t nodes = kUsualNodes; nodes <= kMostNodes; nodes *= 2) {
    Policy policy{MPOL_DEFAULT, NodeMask(nodes)};
    if (syscall(SYS_get_mempolicy, &policy.mode, policy.nodes.data(), policy.nodes.told_bits(),
                nullptr, 0UL) == 0) {
      return policy;
    }
    *error_number = errno;
    if (errno != EINVAL) break;  // EINVAL: the kernel's mask is larger than ours
  }
  return std::nullopt;
}

/// Returns 0 or the errno of the refusal.
int SetPolicy(int mode, const NodeMask& nodes) {
  return syscall(SYS_set_mempolicy, mode, nodes.data(), nodes.told_bits()) == 0 ? 0 : errno;
}

std::string ModeName(int mode) {
  switch (mode) {
    case MPOL_PREFERRED:
      return "preferred";
    case MPOL_BIND:
      return "bind";
    case MPOL_INTERLEAVE:
      return "interleave";
    case kPreferredMany:
      return "preferred-many";
    case kWeightedInterleave:
      return "weighted-interleave";
    default:
      return fmt::format("policy {}", mode);
  }
}

std::string Describe(const Policy& policy) {
  const int mode = policy.mode & ~kModeFlags;
  const std::string nodes = policy.nodes.ToList();
  if (mode == MPOL_DEFAULT) return "default";
  // Older kernels show "local" as a preference without nodes.
  if (mode == MPOL_LOCAL || (mode == MPOL_PREFERRED && nodes.empty())) return "local";
  return fmt::format("{}:{}", ModeName(mode), nodes);
}

/// `nodes` is not empty.
int Bind(const std::vector<int>& nodes) {
  const auto [least, greatest] = std::minmax_element(nodes.begin(), nodes.end());
  if (*least < 0 || static_cast<size_t>(*greatest) >= kMostNodes) return EINVAL;
  NodeMask mask(std::max(kUsualNodes, static_cast<size_t>(*greatest) + 1));
  for (const int node : nodes)
    mask.Add(static_cast<size_t>(node));
  return SetPolicy(MPOL_BIND, mask);
}

}  // namespace

std::string BindMemory(const std::vector<int>& nodes) {
  if (nodes.empty()) return "";
  const int error = Bind(nodes);
  if (error != 0) return fmt::format("first touch: set_mempolicy: {}", ErrnoName(error));
  return "bind:" + CpuSet(nodes).ToList();  // the same list format
}

std::string ReadMemoryPolicy() {
  int error = 0;
  const auto policy = GetPolicy(&error);
  return policy ? Describe(*policy) : fmt::format("unknown: get_mempolicy: {}", ErrnoName(error));
}

std::string TryMemoryBinding() {
  int error = 0;
  const auto policy = GetPolicy(&error);
  if (!policy) return fmt::format("get_mempolicy: {}", ErrnoName(error));
  const bool has_nodes = (policy->mode & ~kModeFlags) != MPOL_DEFAULT;
  error = has_nodes ? SetPolicy(policy->mode, policy->nodes)
                    : SetPolicy(MPOL_DEFAULT, NodeMask(kUsualNodes));
  return error == 0 ? "" : fmt::format("set_mempolicy: {}", ErrnoName(error));
}

}  // namespace coresweep
