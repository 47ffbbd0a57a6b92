#include "harness/host/memory_binding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <functional>
#include <thread>

namespace coresweep {
namespace {

using testing::StartsWith;

/// In a thread of its own, whose policy goes with it.
void InThread(const std::function<void()>& body) {
  std::thread(body).join();
}

bool Allowed() {
  return TryMemoryBinding().empty();
}

TEST(MemoryBinding, ToNoNodeDoesNothing) {
  InThread([] {
    const std::string before = ReadMemoryPolicy();
    EXPECT_EQ(BindMemory({}), "");
    EXPECT_EQ(ReadMemoryPolicy(), before);
  });
}

TEST(MemoryBinding, IsReadBackAndInherited) {
  if (!Allowed()) GTEST_SKIP() << TryMemoryBinding();
  InThread([] {
    const std::string bound = BindMemory({0});
    if (bound != "bind:0") GTEST_SKIP() << bound;  // node 0 may be without memory
    EXPECT_EQ(ReadMemoryPolicy(), "bind:0");
    InThread([] { EXPECT_EQ(ReadMemoryPolicy(), "bind:0"); });
    EXPECT_EQ(TryMemoryBinding(), "");
    EXPECT_EQ(ReadMemoryPolicy(), "bind:0");
  });
}

TEST(MemoryBinding, SaysWhatWasAskedInOrder) {
  if (!Allowed()) GTEST_SKIP() << TryMemoryBinding();
  InThread([] {
    // The kernel drops nodes that it does not have: what is left is in the readback.
    const std::string bound = BindMemory({1023, 0, 1});
    if (bound != "bind:0-1,1023") GTEST_SKIP() << bound;
    EXPECT_THAT(ReadMemoryPolicy(), StartsWith("bind:0"));
  });
}

TEST(MemoryBinding, ToANodeThatDoesNotExistLeavesFirstTouch) {
  InThread([] {
    const std::string before = ReadMemoryPolicy();
    for (const int node : {1023, 1024, 31'000, 40'000, -1}) {
      EXPECT_THAT(BindMemory({node}), StartsWith("first touch: set_mempolicy: E")) << node;
      EXPECT_EQ(ReadMemoryPolicy(), before) << node;
    }
    EXPECT_EQ(BindMemory({-1, 0}), "first touch: set_mempolicy: EINVAL");
    if (Allowed()) {
      EXPECT_EQ(BindMemory({1023}), "first touch: set_mempolicy: EINVAL");
    }
  });
}

TEST(MemoryPolicy, NamesEachKind) {
  if (!Allowed()) GTEST_SKIP() << TryMemoryBinding();
  const unsigned long node_0 = 1;
  const struct {
    int mode;
    bool has_node;
    const char* name;
  } policies[] = {{MPOL_INTERLEAVE, true, "interleave:0"},
                  {MPOL_PREFERRED, true, "preferred:0"},
                  {MPOL_LOCAL, false, "local"},
                  {MPOL_BIND | MPOL_F_STATIC_NODES, true, "bind:0"},
                  {MPOL_DEFAULT, false, "default"}};
  InThread([&] {
    for (const auto& policy : policies) {
      if (syscall(SYS_set_mempolicy, policy.mode, policy.has_node ? &node_0 : nullptr,
                  policy.has_node ? 64UL : 0UL) != 0) {
        continue;  // node 0 without memory, a mode of another kernel
      }
      EXPECT_EQ(ReadMemoryPolicy(), policy.name);
      EXPECT_EQ(TryMemoryBinding(), "");
      EXPECT_EQ(ReadMemoryPolicy(), policy.name);
    }
  });
}

}  // namespace
}  // namespace coresweep
