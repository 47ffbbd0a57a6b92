#include "reports/github_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/azure_summary.h"

namespace coresweep {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST(CutSummary, WhatFitsStays) {
  EXPECT_EQ(CutSummary("a\nb\n", 4), "a\nb\n");
}

TEST(CutSummary, CutsBetweenLinesAndSaysSo) {
  std::string text;
  for (int i = 0; i < 1000; ++i)
    text += "one line of many\n";
  const std::string cut = CutSummary(text, 200);
  EXPECT_LE(cut.size(), 200U);
  EXPECT_THAT(cut, StartsWith("one line of many\n"));
  EXPECT_THAT(cut, EndsWith("many\n\n… cut off here: the rest is in the report.\n"));
  EXPECT_THAT(CutSummary(text, 10), IsEmpty());
  EXPECT_THAT(CutSummary(std::string(500, 'x'), 100), HasSubstr("cut off"));
}

TEST(AnnotationLines, AreEscaped) {
  EXPECT_EQ(AnnotationLines({{AnnotationLevel::kError, "a:b,c%", "x\r\n::error::50% a:b,c"}}),
            "::error title=a%3Ab%2Cc%25::x%0D%0A::error::50%25 a:b,c\n");
}

TEST(AzureIssueLines, AreEscapedAndAsManyAsGithubGets) {
  EXPECT_EQ(AzureIssueLines({{AnnotationLevel::kError, "a;b]%", "x\r\n##vso[task.complete]50%"}}),
            "##vso[task.logissue type=error]a;b]%AZP25: x%0D%0A##vso[task.complete]50%AZP25\n");
  std::vector<Annotation> many(7, {AnnotationLevel::kWarning, "w", "warned"});
  many.push_back({AnnotationLevel::kError, "e", "wrong"});
  const std::string lines = AzureIssueLines(many);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 5);
  EXPECT_THAT(lines, StartsWith("##vso[task.logissue type=error]e: wrong\n##vso[task.logissue "
                                "type=warning]w: warned\n"));
}

TEST(AnnotationLines, AreFiveAtMostErrorsFirst) {
  std::vector<Annotation> many(7, {AnnotationLevel::kWarning, "w", "warned"});
  many.push_back({AnnotationLevel::kError, "e", "wrong"});
  const std::string lines = AnnotationLines(many);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 5);
  EXPECT_THAT(lines, StartsWith("::error title=e::wrong\n::warning"));
  EXPECT_THAT(lines, HasSubstr("and 4 more"));
}

TEST(Annotations, OfCellsThatFailedAndSweepsThatDidNotEnd) {
  StoredPage page;
  page.finished = true;
  page.cells.resize(2);
  page.cells[0].verdict = "throttled";
  page.cells[1].id = "processes/w2";
  page.cells[1].verdict = "incorrect";
  page.cells[1].reason = "1 answer differs";
  ASSERT_THAT(AnnotationsOf(page), SizeIs(1));
  EXPECT_EQ(AnnotationsOf(page)[0].message, "processes/w2: 1 answer differs");
  page.finished = false;
  EXPECT_THAT(AnnotationsOf(page), SizeIs(2));
}

TEST(Annotations, OfAGateFollowItsVerdict) {
  EXPECT_THAT(GateAnnotations("PASS", "fine"), IsEmpty());
  EXPECT_EQ(GateAnnotations("INCONCLUSIVE", "s")[0].level, AnnotationLevel::kWarning);
  for (const char* verdict : {"FAIL", "UNFIT", "INTEGRITY", "WORKLOAD", "USAGE"})
    EXPECT_EQ(GateAnnotations(verdict, "s")[0].level, AnnotationLevel::kError) << verdict;
}

TEST(GateSummary, ShowsTheTextAsItIs) {
  EXPECT_EQ(GateSummary("FAIL", "FAIL: @all <b>\n```\nlast"),
            "### coresweep gate: FAIL\n\n    FAIL: @all <b>\n    ```\n    last\n");
}

}  // namespace
}  // namespace coresweep
