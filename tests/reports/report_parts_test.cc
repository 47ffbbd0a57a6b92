#include "reports/report_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/core/sku_report.h"
#include "reports/json_report.h"
#include "reports/report_schema.h"
#include "tests/support/example_sweep.h"

namespace coresweep {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Json = nlohmann::json;

std::string ReportText() {
  return RenderJsonReport(example::FullSweep(), {"", R"({"name":"coresweep","version":"0.1.0"})",
                                                 "{}", "coresweep run", 1'767'225'600'000});
}

ReportParts PartsOf(const std::string& key, const std::string& below) {
  ReportParts parts;
  parts.keys[key].keys[below];
  return parts;
}

TEST(ReportParts, TakesTheChosenKeysAlone) {
  const auto taken = ReadReportParts(
      R"({"a": [{"b": 1, "c": [1, 2]}, {"c": "}"}], "d": {"b": {"deep": [true, null, -1.5]}}})",
      PartsOf("a", "b"));
  EXPECT_EQ(*taken, Json::parse(R"({"a": [{"b": 1}, {}]})"));
}

TEST(ReportParts, TakesWholeValuesAsTheyAre) {
  const std::string text =
      R"({"a": {"b": {"deep": [true, null, -1.5, 18446744073709551615, "\u00e9\n"]}}})";
  EXPECT_EQ(*ReadReportParts(text, PartsOf("a", "b")), Json::parse(text));
}

TEST(ReportParts, IsNothingOfWhatIsNoJson) {
  for (const char* text : {"", "{", R"({"a": )", R"({"a": {"b": tru}})", "{} {}", "\xff", "[1 2]"})
    EXPECT_FALSE(ReadReportParts(text, PartsOf("a", "b"))) << text;
}

TEST(ReportParts, HaveAllThatAComparisonReads) {
  const auto taken = ReadReportParts(ReportText(), SkuReportParts());
  ASSERT_TRUE(taken);
  EXPECT_THAT(CheckReportParts(*taken, SkuReportParts()), IsEmpty());
  const SkuReport by_parts = ReadSkuReport(*taken, "r");
  const SkuReport whole = ReadSkuReport(Json::parse(ReportText()), "r");
  EXPECT_EQ(by_parts.identity, whole.identity);
  EXPECT_EQ(by_parts.created, whole.created);
  EXPECT_EQ(by_parts.cpu_model, whole.cpu_model);
  EXPECT_EQ(by_parts.limits.Description(), whole.limits.Description());
  ASSERT_EQ(by_parts.cells.size(), whole.cells.size());
  ASSERT_FALSE(whole.cells.empty());
  for (size_t i = 0; i < whole.cells.size(); ++i) {
    EXPECT_EQ(by_parts.cells[i].costed.id, whole.cells[i].costed.id);
    EXPECT_EQ(by_parts.cells[i].costed.throughput.value, whole.cells[i].costed.throughput.value);
    EXPECT_EQ(by_parts.cells[i].costed.start_s, whole.cells[i].costed.start_s);
    EXPECT_EQ(by_parts.cells[i].costed.memory_bytes, whole.cells[i].costed.memory_bytes);
    EXPECT_EQ(by_parts.cells[i].p99_us, whole.cells[i].p99_us);
    EXPECT_EQ(by_parts.cells[i].speedup, whole.cells[i].speedup);
  }
}

TEST(ReportParts, AreHeldAgainstTheirPartOfTheSchema) {
  Json parts = *ReadReportParts(ReportText(), SkuReportParts());
  parts["cells"][0]["throughput"]["median"] = "fast";
  parts["trials"][0].erase("cell");
  const auto findings = CheckReportParts(parts, SkuReportParts());
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(findings[0].pointer, "/cells/0/throughput/median");
  EXPECT_THAT(findings[1].text, HasSubstr("lacks \"cell\""));
  EXPECT_THAT(CheckReportParts(Json::array(), SkuReportParts()), SizeIs(1));
}

}  // namespace
}  // namespace coresweep
