#include "harness/run/held_chunks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

HeldChunks Holding(const std::vector<uint64_t>& chunks) {
  HeldChunks held;
  for (const uint64_t chunk : chunks)
    held.Add(chunk, static_cast<int64_t>(10 * chunk), static_cast<int64_t>(9 * chunk));
  return held;
}

TEST(HeldChunks, AreTakenOnceInAnyOrder) {
  HeldChunks held = Holding({3, 4, 5});
  const auto taken = held.Take(4);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->issued_ns, 40);
  EXPECT_EQ(taken->due_ns, 36);
  EXPECT_FALSE(held.Take(4));
  EXPECT_FALSE(held.Take(6));
  EXPECT_EQ(held.size(), 2u);
  EXPECT_THAT(held.TakeAll(), ElementsAre(3, 5));
  EXPECT_TRUE(held.empty());
}

TEST(HeldChunks, AreLostOnceTheWholeCreditHasOvertakenThem) {
  HeldChunks held = Holding({1, 2, 3, 4});
  (void)held.Take(2);
  EXPECT_THAT(held.TakeOvertaken(2), IsEmpty());
  (void)held.Take(3);
  EXPECT_THAT(held.TakeOvertaken(2), ElementsAre(1));
  EXPECT_THAT(held.TakeAll(), ElementsAre(4));
}

TEST(HeldChunks, ThoseBehindALostOneAreNotLostWithIt) {
  HeldChunks held = Holding({1, 2, 3});
  (void)held.Take(3);
  EXPECT_THAT(held.TakeOvertaken(1), ElementsAre(1, 2));
  held = Holding({1, 2, 3});
  (void)held.Take(2);
  EXPECT_THAT(held.TakeOvertaken(1), ElementsAre(1));
  EXPECT_EQ(held.size(), 1u);
}

TEST(HeldChunks, AreDescribedForPeople) {
  EXPECT_EQ(HeldChunks().Describe(), "while it held no chunk");
  EXPECT_EQ(Holding({7}).Describe(), "while it held chunk 7");
  EXPECT_EQ(Holding({7, 9}).Describe(), "while it held chunks 7, 9");
}

}  // namespace
}  // namespace coresweep
