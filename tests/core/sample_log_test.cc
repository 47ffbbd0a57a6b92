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

TEST(SampleLog, KeepsOneOfEachTwoWhenFullAndGoesOnWithTwiceTheStride) {
  const SampleLog log = Filled(4, 8);
  EXPECT_EQ(log.stride(), 2u);
  EXPECT_EQ(log.added(), 8u);
  const auto sequences = SequencesOf(log);
  ASSERT_EQ(sequences.size(), 4u);
  for (size_t i = 0; i < sequences.size(); ++i)
    EXPECT_EQ(sequences[i] / 2, i);
}

TEST(SampleLog, KeepsExactlyOneOfEachWholeGroupForAnyNumber) {
  for (const size_t capacity : {2u, 4u, 6u, 8u}) {
    for (uint64_t count = 0; count < 200; ++count) {
      const SampleLog log = Filled(capacity, count);
      ASSERT_LE(log.samples().size(), capacity);
      ASSERT_EQ(log.added(), count);
      const auto sequences = SequencesOf(log);
      const uint64_t whole = count / log.stride();
      ASSERT_GE(sequences.size(), whole) << "capacity " << capacity << " count " << count;
      ASSERT_LE(sequences.size(), whole + 1) << "capacity " << capacity << " count " << count;
      for (size_t i = 0; i < sequences.size(); ++i)
        ASSERT_EQ(sequences[i] / log.stride(), i) << "capacity " << capacity << " count " << count;
    }
  }
}

TEST(SampleLog, APeriodInTheChunksDoesNotFallIntoStepWithTheStride) {
  const SampleLog log = Filled(256, 100'000);
  ASSERT_GE(log.stride(), 128u);
  int of_each[4] = {};
  for (const uint64_t sequence : SequencesOf(log))
    ++of_each[sequence % 4];
  for (const int count : of_each)
    EXPECT_GT(count, 20);  // of about 195; always 0 or all if in step
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
