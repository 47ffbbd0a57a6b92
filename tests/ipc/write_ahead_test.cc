#include "harness/ipc/write_ahead.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace coresweep {
namespace {

/// The lengths of the places that are fetched when nothing has come, looked for `looks` times.
std::vector<size_t> Fetched(WriteAhead& ahead, int looks) {
  static std::vector<std::byte> room(2 * kMostWriteAheadBytes);
  std::vector<size_t> lengths;
  for (int look = 0; look < looks; ++look) {
    ahead.Idle([&](size_t bytes) {
      lengths.push_back(bytes);
      return room.data();
    });
  }
  return lengths;
}

TEST(WriteAhead, FetchesOnePlaceAMessageAsLongAsTheLastOne) {
  WriteAhead ahead(true);
  EXPECT_THAT(Fetched(ahead, 3), testing::IsEmpty());
  ahead.Published(4096);
  EXPECT_THAT(Fetched(ahead, 3), testing::ElementsAre(4096));
  ahead.Published(100);
  ahead.Published(200);
  EXPECT_THAT(Fetched(ahead, 3), testing::ElementsAre(200));
}

TEST(WriteAhead, FetchesTheBeginningOfALongOneAndNothingBesideASlot) {
  WriteAhead ahead(true);
  ahead.Published(kMostWriteAheadBytes + 1);
  EXPECT_THAT(Fetched(ahead, 1), testing::ElementsAre(kMostWriteAheadBytes));
  ahead.Published(0);
  EXPECT_THAT(Fetched(ahead, 1), testing::IsEmpty());
}

TEST(WriteAhead, WhoeverSleepsFetchesNothing) {
  WriteAhead ahead(false);
  ahead.Published(4096);
  EXPECT_THAT(Fetched(ahead, 1), testing::IsEmpty());
}

TEST(WriteAhead, NoRoomIsNoPlace) {
  WriteAhead ahead(true);
  ahead.Published(4096);
  int asked = 0;
  for (int look = 0; look < 3; ++look) {
    ahead.Idle([&](size_t) -> const std::byte* {
      ++asked;
      return nullptr;
    });
  }
  EXPECT_EQ(asked, 1);
}

TEST(FetchForWriting, ChangesNothing) {
  const std::vector<std::byte> before(300, std::byte{7});
  std::vector<std::byte> place = before;
  FetchForWriting(place.data() + 1, 290);
  EXPECT_EQ(place, before);
}

}  // namespace
}  // namespace coresweep
