#include "reports/json_values.h"

#include <gtest/gtest.h>

#include <limits>

namespace coresweep {
namespace {

TEST(JsonValue, OfWhatWasNotMeasuredIsNull) {
  EXPECT_TRUE(OrNull(std::optional<double>()).is_null());
  EXPECT_EQ(OrNull(std::optional<double>(0)), 0);
  EXPECT_TRUE(TextOrNull("").is_null());
  EXPECT_TRUE(MsOrNull(0).is_null());
  EXPECT_EQ(MsOrNull(1'500'000), 1.5);
  EXPECT_TRUE(SpreadJson(std::nullopt)["median"].is_null());
  EXPECT_EQ(DumpLine(SpreadJson(Spread{2, 1, 3})), R"({"median":2.0,"low":1.0,"high":3.0})");
}

TEST(JsonValue, OfATimeIsRfc3339InUtc) {
  EXPECT_EQ(TimestampJson(1'767'225'600'007), "2026-01-01T00:00:00.007Z");
  EXPECT_TRUE(TimestampJson(0).is_null());
}

TEST(DumpLine, MakesNullOfNanAndInfinity) {
  EXPECT_EQ(DumpLine({std::numeric_limits<double>::quiet_NaN(),
                      std::numeric_limits<double>::infinity(), 1}),
            "[null,null,1]");
}

TEST(DumpLine, EscapesHostileTextAndReplacesWhatIsNotUtf8) {
  const std::string line = DumpLine(OrderedJson("\"}\n\x01\\ \xff"));
  EXPECT_EQ(line, "\"\\\"}\\n\\u0001\\\\ \xEF\xBF\xBD\"");
  EXPECT_TRUE(OrderedJson::accept(line));
}

}  // namespace
}  // namespace coresweep
