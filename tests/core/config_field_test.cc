#include "harness/core/config_field.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

template <typename Read>
std::string MessageOf(const Json& value, Read read) {
  try {
    (void)read(Field(value, "--thing"));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Field, ReadsNumbersWithinTheirBounds) {
  const auto read = [](const Field& field) { return field.Int(-1, 3); };
  EXPECT_EQ(read(Field(-1, "")), -1);
  EXPECT_EQ(read(Field(3, "")), 3);
  for (const Json& bad : {Json(4), Json(-2), Json(1.0), Json("1"), Json(18446744073709551615U)})
    EXPECT_THAT(MessageOf(bad, read), StartsWith("--thing: expected a whole number from -1 to 3"));
}

TEST(Field, ReadsUnsignedNumbersUpToTheLargest) {
  const auto read = [](const Field& field) { return field.Unsigned(); };
  EXPECT_EQ(read(Field(18446744073709551615U, "")), 18446744073709551615U);
  EXPECT_THAT(MessageOf(-1, read), HasSubstr("0 or more, found -1"));
  EXPECT_THAT(MessageOf(0.5, read), HasSubstr("0 or more, found 0.5"));
}

TEST(Field, ReadsSecondsWithinTheirBounds) {
  const auto read = [](const Field& field) { return field.Seconds(0.5, 2); };
  EXPECT_EQ(read(Field(0.5, "")), 0.5);
  EXPECT_EQ(read(Field(2, "")), 2);
  EXPECT_THAT(MessageOf(0.4, read), HasSubstr("seconds from 0.5 to 2, found 0.4"));
  EXPECT_THAT(MessageOf("1", read), HasSubstr("found \"1\""));
}

TEST(Field, ReadsTextsOnly) {
  EXPECT_EQ(Field("a", "").Text(), "a");
  EXPECT_THAT(MessageOf(1, [](const Field& field) { return field.Text(); }),
              HasSubstr("expected a text, found 1"));
}

TEST(Field, ReadsAListOrOneValueAndDropsRepeats) {
  const auto read = [](const Field& field) {
    return field.List<int64_t>([](const Field& element) { return element.Int(0, 9); }, "a number");
  };
  EXPECT_THAT(read(Field(7, "")), ElementsAre(7));
  EXPECT_THAT(read(Field(Json({3, 1, 3}), "")), ElementsAre(3, 1));
  EXPECT_THAT(MessageOf(Json::array(), read), HasSubstr("a number, or a list of at least one"));
}

TEST(Field, ShortensWhatItFound) {
  EXPECT_THAT(MessageOf(std::string(100, 'x'), [](const Field& field) { return field.Int(0, 1); }),
              testing::EndsWith("xxx…"));
}

}  // namespace
}  // namespace coresweep
