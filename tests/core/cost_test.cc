// Costs recomputed by hand. The example book: 1e-5 USD per vCPU-second, 2e-6 per GB-second.
#include "harness/core/cost.h"

#include <gtest/gtest.h>

#include "tests/core/price_books_testing.h"

namespace coresweep {
namespace {

TEST(PricePerSecond, IsVcpusAndMemory) {
  // 2 · 1e-5 + 4 · 2e-6 = 2.8e-5
  EXPECT_DOUBLE_EQ(*PricePerSecond(ExampleBook(), {"", 2, 4}), 2.8e-5);
}

TEST(PricePerSecond, BillsWholeVcpusWhereTheServiceDoes) {
  // 1.2 vCPUs are billed as 2: 2 · 1e-5 + 1.5 · 2e-6 = 2.3e-5
  EXPECT_DOUBLE_EQ(*PricePerSecond(ExampleBook(), {"", 1.2, 1.5}), 2.3e-5);
  PriceBook book = ExampleBook();
  book.billing.vcpu_step = std::nullopt;
  book.billing.memory_step = 1;
  // 1.2 · 1e-5 + 2 · 2e-6 = 1.6e-5
  EXPECT_DOUBLE_EQ(*PricePerSecond(book, {"", 1.2, 1.5}), 1.6e-5);
}

TEST(PricePerSecond, OfAFixedSizeIsItsOwn) {
  PriceBook book = ExampleBook();
  book.price = std::nullopt;
  book.grid.kind = GridKind::kFixed;
  book.grid.sizes = {{"A", 2, 4, 7e-5}, {"B", 4, 8, std::nullopt}};
  EXPECT_EQ(PricePerSecond(book, {"A", 2, 4}), 7e-5);
  EXPECT_EQ(PricePerSecond(book, {"B", 4, 8}), std::nullopt);
}

TEST(BilledSeconds, RoundsUpToTheGranularity) {
  Billing billing;
  billing.granularity_s = 1;
  EXPECT_EQ(BilledSeconds(billing, {0, 0, 100}), 100);
  EXPECT_EQ(BilledSeconds(billing, {0, 0, 100.001}), 101);
  billing.granularity_s = 0.1;
  EXPECT_DOUBLE_EQ(BilledSeconds(billing, {0, 0, 100.3}), 100.3);  // on a step: stays
  EXPECT_DOUBLE_EQ(BilledSeconds(billing, {0, 0, 100.31}), 100.4);
}

TEST(BilledSeconds, HasAMinimum) {
  Billing billing;
  billing.minimum_s = 60;
  EXPECT_EQ(BilledSeconds(billing, {0, 0, 59.5}), 60);
  EXPECT_EQ(BilledSeconds(billing, {0, 0, 60}), 60);
  EXPECT_EQ(BilledSeconds(billing, {0, 0, 60.5}), 61);
}

TEST(BilledSeconds, CountThePullWhereItIsBilled) {
  Billing billing;
  billing.minimum_s = 60;
  billing.starts = BillingStart::kContainerStart;
  EXPECT_EQ(BilledSeconds(billing, {40, 5, 50}), 60);
  billing.starts = BillingStart::kImagePull;
  EXPECT_EQ(BilledSeconds(billing, {40, 5, 50}), 90);
}

TEST(SteadyCost, IsPriceOverThroughputAndItsIntervalIsTurnedRound) {
  // 2.8e-5 USD/s / 100 inferences/s · 1e6 = 0.28 USD; /80: 0.35; /112: 0.25.
  const Estimate cost = SteadyCost(2.8e-5, {100, 80, 112});
  EXPECT_DOUBLE_EQ(cost.value, 0.28);
  EXPECT_DOUBLE_EQ(*cost.low, 0.25);
  EXPECT_DOUBLE_EQ(*cost.high, 0.35);
  EXPECT_FALSE(SteadyCost(2.8e-5, {100, {}, {}}).low);
}

TEST(BilledCost, SpreadsPullAndStartOverWhatIsInferred) {
  // Life 110 s of which 10 start-up: 100 s · 100/s = 10,000 inferences. Billed 140 s (pull 30):
  // 140 · 2.8e-5 = 3.92e-3 USD / 10,000 · 1e6 = 0.392; at 80/s 0.49, at 112/s 0.35.
  const Estimate cost = BilledCost(2.8e-5, 140, {100, 80, 112}, {30, 10, 110});
  EXPECT_DOUBLE_EQ(cost.value, 0.392);
  EXPECT_DOUBLE_EQ(*cost.low, 0.35);
  EXPECT_DOUBLE_EQ(*cost.high, 0.49);
}

TEST(CostOf, HasAllOfIt) {
  const SizeCost cost = CostOf(ExampleBook(), {"", 2, 4}, {100, 80, 112}, {30, 10, 110});
  EXPECT_DOUBLE_EQ(*cost.per_hour, 0.1008);  // 2.8e-5 · 3600
  EXPECT_EQ(cost.billed_s, 140);
  EXPECT_DOUBLE_EQ(cost.steady->value, 0.28);
  EXPECT_DOUBLE_EQ(cost.as_billed->value, 0.392);
}

TEST(CostOf, WithoutAPriceHasNoFigure) {
  PriceBook book = ExampleBook();
  book.price = std::nullopt;
  const SizeCost cost = CostOf(book, {"", 2, 4}, {100, 80, 112}, {30, 10, 110});
  EXPECT_FALSE(cost.per_hour || cost.steady || cost.as_billed || cost.billed_s);
}

}  // namespace
}  // namespace coresweep
