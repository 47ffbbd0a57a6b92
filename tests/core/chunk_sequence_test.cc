#include "harness/core/chunk_sequence.h"

#include <gtest/gtest.h>

namespace coresweep {
namespace {

TEST(ChunkSequence, EndsAPassWithASmallerChunk) {
  const ChunkSequence sequence(10, 4);
  EXPECT_EQ(sequence.chunks_per_pass(), 3);
  EXPECT_EQ(sequence.Range(0).first, 0);
  EXPECT_EQ(sequence.Range(0).count, 4);
  EXPECT_EQ(sequence.Range(2).first, 8);
  EXPECT_EQ(sequence.Range(2).count, 2);
}

TEST(ChunkSequence, HoldsTheSameItemsInEveryPass) {
  const ChunkSequence sequence(10, 4);
  for (uint64_t k = 0; k < 3; ++k) {
    EXPECT_EQ(sequence.Range(k + 3'000'000'000).first, sequence.Range(k).first);
    EXPECT_EQ(sequence.Range(k + 3'000'000'000).count, sequence.Range(k).count);
  }
}

TEST(ChunkSequence, CoversEveryItemOnceAPass) {
  for (int64_t items = 1; items <= 20; ++items) {
    for (int64_t chunk = 1; chunk <= items; ++chunk) {
      const ChunkSequence sequence(items, chunk);
      int64_t next = 0;
      for (int64_t k = 0; k < sequence.chunks_per_pass(); ++k) {
        const ItemRange range = sequence.Range(static_cast<uint64_t>(k));
        ASSERT_EQ(range.first, next);
        ASSERT_GE(range.count, 1);
        ASSERT_LE(range.count, chunk);
        next += range.count;
      }
      ASSERT_EQ(next, items) << items << " items in chunks of " << chunk;
    }
  }
}

TEST(ChunkSequence, HasOneChunkAPassWhenTheChunkHoldsAll) {
  const ChunkSequence sequence(7, 7);
  EXPECT_EQ(sequence.chunks_per_pass(), 1);
  EXPECT_EQ(sequence.Range(5).first, 0);
  EXPECT_EQ(sequence.Range(5).count, 7);
}

}  // namespace
}  // namespace coresweep
