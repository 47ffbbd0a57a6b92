#include "harness/core/price_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "tests/core/price_books_testing.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

/// What is said of `book` when it is refused; "" when it is not.
std::string Refusal(const Json& book) {
  try {
    ParsePriceBook(book, "book.json");
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

/// The same after one value was replaced.
std::string RefusalOf(const char* pointer, const Json& value) {
  Json book = BookJson();
  book[Json::json_pointer(pointer)] = value;
  return Refusal(book);
}

TEST(PriceBook, IsReadWhole) {
  const PriceBook book = ParsePriceBook(BookJson(), "book.json");
  EXPECT_EQ(book.name, "example");
  EXPECT_EQ(book.currency, "USD");
  EXPECT_EQ(book.price->per_vcpu_s, 1e-5);
  EXPECT_EQ(book.price->per_memory_s, 2e-6);
  EXPECT_EQ(book.grid.kind, GridKind::kFree);
  EXPECT_EQ(book.grid.vcpus.most, 8);
  EXPECT_EQ(book.grid.memory.step, 0.5);
  EXPECT_EQ(book.billing.starts, BillingStart::kImagePull);
  EXPECT_EQ(book.billing.minimum_s, 60);
  EXPECT_EQ(book.billing.vcpu_step, 1);
  EXPECT_EQ(book.billing.memory_step, std::nullopt);
  EXPECT_EQ(book.as_of, "2026-10-09");
}

TEST(PriceBook, GigabytesAreDecimalAndGibibytesAreNot) {
  Json json = BookJson();
  EXPECT_EQ(ParsePriceBook(json, "").BytesPerMemoryUnit(), 1e9);
  json["memory_unit"] = "GiB";
  EXPECT_EQ(ParsePriceBook(json, "").BytesPerMemoryUnit(), 1073741824.0);
}

TEST(PriceBook, EveryMissingKeyIsNamed) {
  const Json whole = BookJson();
  for (const auto& [key, value] : whole.items()) {
    Json book = whole;
    book.erase(key);
    EXPECT_EQ(Refusal(book), "book.json: " + key + ": is missing");
  }
}

TEST(PriceBook, KeysOfALaterMinorVersionAreIgnored) {
  EXPECT_EQ(RefusalOf("/discount", 0.3), "");
  EXPECT_EQ(RefusalOf("/billing/maximum_s", 1), "");
  EXPECT_EQ(RefusalOf("/grid/memory/unit", "GB"), "");
  EXPECT_EQ(RefusalOf("/price/per_gpu_s", 1), "");
}

TEST(PriceBook, NegativePricesAndTextsForNumbersAreRefused) {
  EXPECT_EQ(RefusalOf("/price/per_vcpu_s", -1e-5),
            "book.json: price.per_vcpu_s: must be a number from 0 to 1e9, not -1e-05");
  EXPECT_THAT(RefusalOf("/price/per_memory_s", "2e-6"), HasSubstr("price.per_memory_s: must be"));
  EXPECT_EQ(RefusalOf("/price/per_vcpu_s", 0), "");  // free of charge is a price
}

TEST(PriceBook, StepsOfNothingAreRefused) {
  EXPECT_EQ(RefusalOf("/billing/granularity_s", 0),
            "book.json: billing.granularity_s: must be greater than 0");
  EXPECT_EQ(RefusalOf("/grid/vcpu/step", 0), "book.json: grid.vcpu.step: must be greater than 0");
  EXPECT_EQ(RefusalOf("/grid/vcpu/most", 0.5), "book.json: grid.vcpu.most: 0.5 is below least, 1");
}

TEST(PriceBook, WordsAreOfAList) {
  EXPECT_EQ(RefusalOf("/memory_unit", "MB"),
            "book.json: memory_unit: must be one of GB, GiB, not MB");
  EXPECT_EQ(RefusalOf("/billing/starts", "soon"),
            "book.json: billing.starts: must be one of image_pull, container_start, not soon");
  EXPECT_THAT(RefusalOf("/grid/kind", "any"), HasSubstr("free, table, ratio, fixed, not any"));
}

TEST(PriceBook, CurrencyAndDayHaveTheirForm) {
  EXPECT_THAT(RefusalOf("/currency", "$"), AllOf(HasSubstr("currency"), HasSubstr("not $")));
  EXPECT_THAT(RefusalOf("/currency", "usd"), HasSubstr("as USD, not usd"));
  EXPECT_THAT(RefusalOf("/currency", 1), HasSubstr("currency: must be a text, not 1"));
  EXPECT_THAT(RefusalOf("/as_of", "9 October"), HasSubstr("as_of: must be a day as 2026-10-09"));
  EXPECT_THAT(RefusalOf("/source", ""), HasSubstr("source: must be a text"));
}

TEST(PriceBook, AMissingPriceNeedsAReasonAndAPriceNone) {
  EXPECT_EQ(RefusalOf("/price", nullptr),
            "book.json: why_no_price: must say why there is no price");
  EXPECT_EQ(RefusalOf("/why_no_price", "secret"),
            "book.json: why_no_price: must be null where there is a price");
}

TEST(PriceBook, OtherSchemasAndMajorVersionsAreRefused) {
  EXPECT_THAT(RefusalOf("/schema", "coresweep.report"), HasSubstr("schema: must be one of"));
  EXPECT_EQ(RefusalOf("/schema_version/major", 2),
            "book.json: schema_version.major: 2, this program reads 1");
  EXPECT_EQ(RefusalOf("/schema_version/minor", 7), "");
  EXPECT_EQ(Refusal(Json::array()), "book.json: must be an object");
}

TEST(PriceBook, FixedSizesHaveTheirOwnPrices) {
  Json book = BookJson();
  book["grid"] = {{"kind", "fixed"},
                  {"sizes",
                   {{{"name", "D4"}, {"vcpu", 4}, {"memory", 16}, {"price_per_s", 5e-5}},
                    {{"name", "D2"}, {"vcpu", 2}, {"memory", 8}, {"price_per_s", nullptr}}}}};
  EXPECT_EQ(Refusal(book),
            "book.json: price: must be null where sizes are fixed: each has its price_per_s");
  book["price"] = nullptr;
  const PriceBook parsed = ParsePriceBook(book, "");
  ASSERT_EQ(parsed.grid.sizes.size(), 2U);
  EXPECT_EQ(parsed.grid.sizes[0].name, "D2");  // by size
  EXPECT_TRUE(parsed.HasPrice());
  book["grid"]["sizes"][1]["vcpu"] = -2;
  EXPECT_THAT(Refusal(book), HasSubstr("grid.sizes[1].vcpu: must be a number"));
}

}  // namespace
}  // namespace coresweep
