#include "harness/core/reorder_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace coresweep {
namespace {

using Arrival = ReorderBuffer::Arrival;

std::vector<uint64_t> PopAll(ReorderBuffer& buffer) {
  std::vector<uint64_t> popped;
  while (const auto merged = buffer.PopReady())
    popped.push_back(merged->sequence);
  return popped;
}

TEST(ReorderBuffer, PopsAtOnceWhatComesInOrder) {
  ReorderBuffer buffer(4);
  for (uint64_t i = 0; i < 10; ++i) {
    EXPECT_EQ(buffer.Arrive(i, 7), Arrival::kAccepted);
    EXPECT_EQ(PopAll(buffer), (std::vector<uint64_t>{i}));
  }
  EXPECT_EQ(buffer.inversions(), 0);
  EXPECT_EQ(buffer.max_depth(), 0);
}

TEST(ReorderBuffer, HoldsBackWhatComesTooEarly) {
  ReorderBuffer buffer(4);
  buffer.Arrive(2, 20);
  buffer.Arrive(1, 21);
  EXPECT_TRUE(PopAll(buffer).empty());
  buffer.Arrive(0, 22);
  EXPECT_EQ(PopAll(buffer), (std::vector<uint64_t>{0, 1, 2}));
  EXPECT_EQ(buffer.inversions(), 2);  // 1 and 0 came after 2
  EXPECT_EQ(buffer.max_depth(), 2);   // 2 and 1 waited for 0
}

TEST(ReorderBuffer, TellsWhenEachArrived) {
  ReorderBuffer buffer(4);
  buffer.Arrive(1, 20);
  buffer.Arrive(0, 30);
  EXPECT_EQ(buffer.PopReady()->arrived_ns, 30);
  EXPECT_EQ(buffer.PopReady()->arrived_ns, 20);
}

TEST(ReorderBuffer, RefusesWhatCameBefore) {
  ReorderBuffer buffer(4);
  buffer.Arrive(1, 1);
  EXPECT_EQ(buffer.Arrive(1, 2), Arrival::kDuplicate);  // waits
  buffer.Arrive(0, 3);
  PopAll(buffer);
  EXPECT_EQ(buffer.Arrive(0, 4), Arrival::kDuplicate);  // merged
  EXPECT_EQ(buffer.Arrive(1, 4), Arrival::kDuplicate);
  EXPECT_EQ(buffer.inversions(), 1);
}

TEST(ReorderBuffer, RefusesWhatIsOutsideTheWindow) {
  ReorderBuffer buffer(4);
  EXPECT_EQ(buffer.Arrive(4, 1), Arrival::kUnknown);
  EXPECT_EQ(buffer.Arrive(UINT64_MAX, 1), Arrival::kUnknown);
  EXPECT_TRUE(buffer.MayIssue(3));
  EXPECT_FALSE(buffer.MayIssue(4));
  buffer.Arrive(0, 1);
  PopAll(buffer);
  EXPECT_TRUE(buffer.MayIssue(4));
  EXPECT_FALSE(buffer.MayIssue(5));
}

TEST(ReorderBuffer, GoesOnPastWhatIsGivenUp) {
  ReorderBuffer buffer(4);
  buffer.Arrive(1, 1);
  buffer.GiveUp(0);
  const auto first = buffer.PopReady();
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->missing);
  EXPECT_EQ(first->sequence, 0u);
  const auto second = buffer.PopReady();
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->missing);
  EXPECT_EQ(second->sequence, 1u);
  EXPECT_FALSE(buffer.PopReady());
}

TEST(ReorderBuffer, RefusesWhatComesAfterItWasGivenUp) {
  ReorderBuffer buffer(4);
  buffer.GiveUp(1);
  EXPECT_EQ(buffer.Arrive(1, 1), Arrival::kDuplicate);
}

TEST(ReorderBuffer, CannotGiveUpWhatIsThere) {
  ReorderBuffer buffer(4);
  buffer.Arrive(0, 1);
  buffer.GiveUp(0);
  EXPECT_FALSE(buffer.PopReady()->missing);
  buffer.GiveUp(0);    // merged already
  buffer.GiveUp(100);  // never issued
  EXPECT_EQ(buffer.Arrive(1, 1), Arrival::kAccepted);
}

TEST(ReorderBuffer, GivenUpChunksAreNoDepth) {
  ReorderBuffer buffer(4);
  buffer.GiveUp(1);
  buffer.GiveUp(2);
  EXPECT_FALSE(buffer.PopReady());
  EXPECT_EQ(buffer.max_depth(), 0);
}

TEST(ReorderBuffer, HasRoomForOneAtLeast) {
  EXPECT_EQ(ReorderBuffer(0).capacity(), 1u);
}

TEST(ReorderBuffer, LiveChunksHaveDifferentSlots) {
  const ReorderBuffer buffer(5);
  std::set<size_t> slots;
  for (uint64_t i = 1000; i < 1005; ++i)
    slots.insert(buffer.SlotOf(i));
  EXPECT_EQ(slots, (std::set<size_t>{0, 1, 2, 3, 4}));
}

/// The same with maps, slow and plain.
struct Model {
  uint64_t capacity;
  uint64_t next = 0;
  std::map<uint64_t, bool> here;  ///< arrived or given up, and whether it is missing
  int64_t inversions = 0;
  int64_t highest = -1;

  Arrival Arrive(uint64_t sequence) {
    if (sequence < next || here.contains(sequence)) return Arrival::kDuplicate;
    if (sequence >= next + capacity) return Arrival::kUnknown;
    if (static_cast<int64_t>(sequence) < highest) ++inversions;
    highest = std::max(highest, static_cast<int64_t>(sequence));
    here[sequence] = false;
    return Arrival::kAccepted;
  }
  void GiveUp(uint64_t sequence) {
    if (sequence >= next && sequence < next + capacity) here.try_emplace(sequence, true);
  }
  std::vector<std::pair<uint64_t, bool>> PopAll() {
    std::vector<std::pair<uint64_t, bool>> popped;
    while (here.contains(next)) {
      popped.emplace_back(next, here[next]);
      here.erase(next++);
    }
    return popped;
  }
};

TEST(ReorderBuffer, DoesWhatASimpleModelDoesForRandomTraffic) {
  std::mt19937_64 random(1);  // NOLINT(cert-msc51-cpp): the same traffic every time
  for (int round = 0; round < 200; ++round) {
    const uint64_t capacity = 1 + random() % 12;
    ReorderBuffer buffer(capacity);
    Model model{capacity, 0, {}, 0, -1};
    int64_t depth = 0;
    for (int step = 0; step < 300; ++step) {
      const uint64_t sequence = model.next + random() % (capacity + 3) - (model.next > 1 ? 2 : 0);
      if (random() % 8 == 0) {
        buffer.GiveUp(sequence);
        model.GiveUp(sequence);
      } else {
        ASSERT_EQ(buffer.Arrive(sequence, step), model.Arrive(sequence));
      }
      std::vector<std::pair<uint64_t, bool>> popped;
      while (const auto merged = buffer.PopReady())
        popped.emplace_back(merged->sequence, merged->missing);
      ASSERT_EQ(popped, model.PopAll());
      ASSERT_EQ(buffer.next(), model.next);
      depth = std::max<int64_t>(depth, std::count_if(model.here.begin(), model.here.end(),
                                                     [](auto& entry) { return !entry.second; }));
      ASSERT_EQ(buffer.max_depth(), depth);
    }
    ASSERT_EQ(buffer.inversions(), model.inversions);
  }
}

}  // namespace
}  // namespace coresweep
