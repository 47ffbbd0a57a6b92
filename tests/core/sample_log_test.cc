#include "harness/core/sample_log.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace coresweep {
namespace {

static_assert(std::is_trivially_copyable_v<ChunkSample>);

SampleLog Filled(size_t capacity, uint64_t count) {
  SampleLog log(capacity);
  for (uint64_t i = 0; i < count; ++i) {
    ChunkSample sample;
    sample.sequence = i;
    log.Add(sample);
  }
  return log;
}

std::vector<uint64_t> SequencesOf(const SampleLog& log) {
  std::vector<uint64_t> sequences;
  for (const ChunkSample& sample : log.samples())
    sequences.push_back(sample.sequence);
  return sequences;
}

TEST(SampleLog, KeepsAllUntilItIsFull) {
  const SampleLog log = Filled(4, 4);
  EXPECT_EQ(SequencesOf(log), (std::vector<uint64_t>{0, 1, 2, 3}));
  EXPECT_EQ(log.stride(), 1u);
}

TEST(SampleLog, DropsEveryOtherWhenFullAndGoesOnWithTwiceTheStride) {
  const SampleLog log = Filled(4, 7);
  EXPECT_EQ(SequencesOf(log), (std::vector<uint64_t>{0, 2, 4, 6}));
  EXPECT_EQ(log.stride(), 2u);
  EXPECT_EQ(log.added(), 7u);
}

TEST(SampleLog, StaysEvenAndWithinItsCapacityForAnyNumber) {
  for (const size_t capacity : {2u, 3u, 4u, 5u, 8u}) {
    for (uint64_t count = 0; count < 200; ++count) {
      const SampleLog log = Filled(capacity, count);
      ASSERT_LE(log.samples().size(), capacity);
      ASSERT_EQ(log.added(), count);
      const auto sequences = SequencesOf(log);
      ASSERT_EQ(sequences.size(), (count + log.stride() - 1) / log.stride())
          << "capacity " << capacity << " count " << count;
      for (size_t i = 0; i < sequences.size(); ++i)
        ASSERT_EQ(sequences[i], i * log.stride()) << "capacity " << capacity << " count " << count;
    }
  }
}

TEST(SampleLog, NeverReallocates) {
  SampleLog log(64);
  log.Add({});
  const auto* const before = log.samples().data();
  for (int i = 0; i < 10'000; ++i)
    log.Add({});
  EXPECT_EQ(log.samples().data(), before);
}

TEST(SampleLog, HasRoomForTwoAtLeast) {
  EXPECT_EQ(Filled(0, 1).samples().size(), 1u);
  EXPECT_EQ(Filled(0, 2).samples().size(), 2u);
}

}  // namespace
}  // namespace coresweep
