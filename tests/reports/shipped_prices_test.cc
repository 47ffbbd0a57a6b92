#include "reports/shipped_prices.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "harness/core/cost.h"
#include "harness/core/price_book.h"

namespace coresweep {
namespace {

std::map<std::string, PriceBook> Books() {
  std::map<std::string, PriceBook> books;
  for (const ShippedPriceBook& shipped : ShippedPriceBooks()) {
    const std::string name(shipped.name);
    books.emplace(name, ParsePriceBook(nlohmann::json::parse(shipped.text), name));
  }
  return books;
}

double PerHour(const char* name, double vcpus, double memory) {
  const PriceBook book = Books().at(name);
  const auto size = SizeNamed(book.grid, fmt::format("{}x{}", vcpus, memory));
  if (!size) return -1;
  return PricePerSecond(book, *size).value_or(-2) * 3600;
}

TEST(ShippedPrices, AllAreThereUnderTheirOwnNames) {
  std::vector<std::string> names;
  for (const auto& [name, book] : Books()) {
    EXPECT_EQ(name, book.name);
    EXPECT_FALSE(book.source.empty());
    EXPECT_GE(book.as_of, "2026-01-01");
    names.push_back(name);
  }
  EXPECT_THAT(names, testing::ElementsAre("aca-consumption-swedencentral", "aci-confidential",
                                          "aci-spot-eastus", "aci-standard-eastus",
                                          "aci-standard-swedencentral", "cloud-run-tier-1",
                                          "fargate-arm-us-east-1", "fargate-x86-us-east-1"));
}

// The reference notes have, for 4 vCPU and 16 GB an hour: 0.2332, 0.0700, 0.2330, 0.1865, 0.3744;
// Container Apps has no 4/16, 4 vCPU and 8 GiB are 0.4320.
TEST(ShippedPrices, GiveTheReferenceFiguresOfFourVcpus) {
  EXPECT_NEAR(PerHour("aci-standard-eastus", 4, 16), 0.2332, 5e-5);
  EXPECT_NEAR(PerHour("aci-spot-eastus", 4, 16), 0.0700, 5e-5);
  EXPECT_NEAR(PerHour("fargate-x86-us-east-1", 4, 16), 0.2330, 6e-5);
  EXPECT_NEAR(PerHour("fargate-arm-us-east-1", 4, 16), 0.1865, 5e-5);
  EXPECT_NEAR(PerHour("cloud-run-tier-1", 4, 16), 0.3744, 5e-5);
  EXPECT_NEAR(PerHour("aca-consumption-swedencentral", 4, 8), 0.4320, 5e-5);
  EXPECT_EQ(PerHour("aca-consumption-swedencentral", 4, 16), -1);
  // 4 · 0.0466 + 16 · 0.00511
  EXPECT_NEAR(PerHour("aci-standard-swedencentral", 4, 16), 0.26816, 1e-6);
}

TEST(ShippedPrices, ConfidentialSizesHaveNoPriceRatherThanAnInventedOne) {
  const PriceBook book = Books().at("aci-confidential");
  EXPECT_FALSE(book.HasPrice());
  EXPECT_THAT(book.why_no_price, testing::HasSubstr("no public price"));
  EXPECT_TRUE(SizeNamed(book.grid, "31x180"));
  EXPECT_FALSE(SizeNamed(book.grid, "31x181"));
}

TEST(ShippedPrices, GridsEndWhereTheServicesDo) {
  const auto books = Books();
  EXPECT_TRUE(SizeNamed(books.at("aci-standard-eastus").grid, "31x240"));
  EXPECT_FALSE(SizeNamed(books.at("aci-standard-eastus").grid, "32x240"));
  EXPECT_FALSE(SizeNamed(books.at("aci-spot-eastus").grid, "4x17"));
  EXPECT_TRUE(SizeNamed(books.at("fargate-x86-us-east-1").grid, "8x20"));
  EXPECT_FALSE(SizeNamed(books.at("fargate-x86-us-east-1").grid, "8x18"));
  EXPECT_FALSE(SizeNamed(books.at("fargate-x86-us-east-1").grid, "3x8"));
}

TEST(ShippedPrices, SayWhatIsBilled) {
  const auto books = Books();
  EXPECT_EQ(books.at("aci-standard-eastus").billing.starts, BillingStart::kImagePull);
  EXPECT_EQ(books.at("aci-standard-eastus").billing.vcpu_step, 1);
  EXPECT_EQ(books.at("fargate-x86-us-east-1").billing.minimum_s, 60);
  EXPECT_EQ(books.at("cloud-run-tier-1").billing.granularity_s, 0.1);
}

}  // namespace
}  // namespace coresweep
