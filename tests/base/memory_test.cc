#include "harness/base/memory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstddef>
#include <cstdlib>

#include "harness/base/sanitizers.h"

namespace coresweep {
namespace {

constexpr size_t kBlockBytes = size_t{16} << 20;
constexpr size_t kPageBytes = 4096;

/// Pages that the kernel had to give us while `blocks` blocks were made, written and freed in turn.
long FaultsOfBlocks(int blocks) {
  rusage before{};
  getrusage(RUSAGE_SELF, &before);
  for (int i = 0; i < blocks; ++i) {
    auto* block = static_cast<volatile std::byte*>(std::malloc(kBlockBytes));
    for (size_t at = 0; at < kBlockBytes; at += kPageBytes)
      block[at] = std::byte{1};
    std::free(const_cast<std::byte*>(block));
  }
  rusage after{};
  getrusage(RUSAGE_SELF, &after);
  return after.ru_minflt - before.ru_minflt;
}

TEST(KeepFreedMemory, SparesTheFaultsOfMemoryUsedAgain) {
#if defined(__GLIBC__)
  constexpr bool kOfGlibc = !kAddressSanitizer && !kThreadSanitizer;
#else
  constexpr bool kOfGlibc = false;
#endif
  if (!kOfGlibc) GTEST_SKIP() << "another allocator than glibc's is in use";
  KeepFreedMemory();
  (void)FaultsOfBlocks(1);
  constexpr long kPagesOfABlock = static_cast<long>(kBlockBytes / kPageBytes);
  EXPECT_LT(FaultsOfBlocks(10), kPagesOfABlock);  // ten times that when each is given back
}

}  // namespace
}  // namespace coresweep
