#include "harness/core/ends_place.h"

#include <gtest/gtest.h>

#include "harness/base/error.h"

namespace coresweep {
namespace {

Pu At(int os_index, int core, int l3 = 0) {
  Pu pu;
  pu.os_index = os_index;
  pu.core = core;
  pu.l3 = l3;
  pu.package = 0;
  return pu;
}

Topology Of(std::vector<Pu> pus, int cores) {
  Topology topology;
  topology.pus = std::move(pus);
  topology.cores = cores;
  return topology;
}

TEST(SeatEnds, SameIsOneCpuAndShared) {
  const EndsSeats seats = SeatEnds(EndsPlace::kSame, Of({At(4, 0), At(5, 1)}, 2), 2);
  EXPECT_EQ(seats.dispatcher.ToList(), "4");
  EXPECT_EQ(seats.worker.ToList(), "4");
  EXPECT_TRUE(seats.shares_core);
  EXPECT_EQ(seats.why_not, "");
}

TEST(SeatEnds, NeighbourIsTheNearestOtherCore) {
  // The second PU is of the same core, the third behind another L3.
  const Topology topology = Of({At(0, 0), At(8, 0), At(1, 1, 1), At(2, 2), At(3, 3)}, 4);
  const EndsSeats seats = SeatEnds(EndsPlace::kNeighbour, topology, 5);
  EXPECT_EQ(seats.dispatcher.ToList(), "0");
  EXPECT_EQ(seats.worker.ToList(), "2");
  EXPECT_FALSE(seats.shares_core);
}

TEST(SeatEnds, NeighbourOnOneCoreIsItsOtherHardwareThread) {
  const EndsSeats seats = SeatEnds(EndsPlace::kNeighbour, Of({At(0, 0), At(1, 0)}, 1), 2);
  EXPECT_EQ(seats.worker.ToList(), "1");
  EXPECT_TRUE(seats.shares_core);
}

TEST(SeatEnds, OneUsableCpuHasNoNeighbour) {
  EXPECT_NE(SeatEnds(EndsPlace::kNeighbour, Of({At(0, 0)}, 1), 1).why_not, "");
  EXPECT_NE(SeatEnds(EndsPlace::kNeighbour, Of({At(0, 0), At(1, 1)}, 2), 1).why_not, "")
      << "a quota of one CPU";
}

TEST(SeatEnds, UnpinnedSharesWhereThereAreNotTwoCores) {
  EXPECT_FALSE(SeatEnds(EndsPlace::kUnpinned, Of({At(0, 0), At(1, 1)}, 2), 2).shares_core);
  EXPECT_TRUE(SeatEnds(EndsPlace::kUnpinned, Of({At(0, 0), At(1, 1)}, 2), 1).shares_core);
  EXPECT_TRUE(SeatEnds(EndsPlace::kUnpinned, Of({At(0, 0), At(1, 0)}, 1), 2).shares_core);
  EXPECT_TRUE(SeatEnds(EndsPlace::kUnpinned, Of({At(0, 0)}, 1), 1).worker.Empty());
}

TEST(SeatEnds, NoCpuIsAnError) {
  EXPECT_THROW(SeatEnds(EndsPlace::kSame, {}, 1), Error);
}

TEST(EndsPlace, NamesAreReadBack) {
  for (const EndsPlace place : {EndsPlace::kSame, EndsPlace::kNeighbour, EndsPlace::kUnpinned})
    EXPECT_EQ(ParseEndsPlace(ToString(place)), place);
  EXPECT_EQ(ParseEndsPlace("beside"), std::nullopt);
}

}  // namespace
}  // namespace coresweep
