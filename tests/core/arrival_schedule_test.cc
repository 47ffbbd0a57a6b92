#include "harness/core/arrival_schedule.h"

#include <gtest/gtest.h>

#include <vector>

namespace coresweep {
namespace {

using Times = std::vector<int64_t>;

Times First(const ArrivalSpec& spec, size_t count, int64_t origin_ns = 0) {
  ArrivalSchedule schedule(spec, origin_ns);
  Times times;
  for (; times.size() < count; schedule.Next())
    times.push_back(schedule.due_ns());
  return times;
}

int64_t At(const ArrivalSpec& spec, uint64_t index) {
  ArrivalSchedule schedule(spec, 0);
  while (schedule.index() < index)
    schedule.Next();
  return schedule.due_ns();
}

TEST(ArrivalSchedule, ConstantGapsAreMultiplesOfThePeriodFromTheOriginOn) {
  EXPECT_EQ(First({Arrivals::kConstant, 1000, 1, 0}, 3, 77), (Times{77, 1'000'077, 2'000'077}));
}

TEST(ArrivalSchedule, ConstantGapsDoNotAddUpTheirRounding) {
  // A period of 333,333,333.3 ns: after a million requests 333,333 s and a third are over.
  EXPECT_EQ(First({Arrivals::kConstant, 3, 1, 0}, 4),
            (Times{0, 333'333'333, 666'666'667, 1'000'000'000}));
  EXPECT_EQ(At({Arrivals::kConstant, 3, 1, 0}, 1'000'000), 333'333'333'333'333);
}

// Worked out by an independent Python program with 50 digits.
TEST(ArrivalSchedule, PoissonTimesAreTheSameEverywhere) {
  EXPECT_EQ(First({Arrivals::kPoisson, 1000, 1, 0}, 5),
            (Times{1'182'577, 4'749'835, 5'305'953, 6'946'919, 7'391'664}));
  EXPECT_EQ(First({Arrivals::kPoisson, 1000, 1, 3}, 3), (Times{1'559'882, 7'285'396, 7'860'251}));
  EXPECT_EQ(First({Arrivals::kPoisson, 1000, 7, 0}, 3), (Times{940'057, 1'466'300, 7'191'464}));
  EXPECT_EQ(At({Arrivals::kPoisson, 1000, 1, 0}, 9999), 10'108'967'246);
}

TEST(ArrivalSchedule, AnotherRateStretchesTheSameArrivals) {
  EXPECT_EQ(First({Arrivals::kPoisson, 250, 1, 0}, 5),
            (Times{4'730'309, 18'999'341, 21'223'810, 27'787'675, 29'566'658}));
}

TEST(ArrivalSchedule, PoissonGapsAreExponential) {
  constexpr int kGaps = 100'000;
  ArrivalSchedule schedule({Arrivals::kPoisson, 1e6, 5, 0}, 0);
  int64_t last_ns = 0;
  double squares = 0;
  int beyond_mean = 0;
  for (int i = 0; i < kGaps; ++i, schedule.Next()) {
    const auto gap = static_cast<double>(schedule.due_ns() - last_ns) / 1000;
    last_ns = schedule.due_ns();
    squares += gap * gap;
    beyond_mean += gap > 1 ? 1 : 0;
  }
  // Mean 1, mean square 2, P(gap > mean) = 1/e; five standard errors each.
  EXPECT_NEAR(static_cast<double>(last_ns) / 1e3 / kGaps, 1, 0.016);
  EXPECT_NEAR(squares / kGaps, 2, 0.071);
  EXPECT_NEAR(static_cast<double>(beyond_mean) / kGaps, 0.36788, 0.0077);
}

}  // namespace
}  // namespace coresweep
