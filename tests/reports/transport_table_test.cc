#include "reports/transport_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/reports/transport_report_test.h"

namespace coresweep {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

TEST(ByteCount, UsesPowersOf1024) {
  EXPECT_EQ(ByteCount(0), "0 B");
  EXPECT_EQ(ByteCount(1000), "1000 B");
  EXPECT_EQ(ByteCount(4096), "4 KiB");
  EXPECT_EQ(ByteCount(size_t{3} << 19), "1.5 MiB");
  EXPECT_EQ(ByteCount(size_t{1} << 30), "1 GiB");
}

TEST(RenderTransports, GroupsByPlaceAndSize) {
  const std::string text = RenderTransports(SurveyForTest(), 120);
  EXPECT_THAT(text, HasSubstr("neighbours (CPUs 0 and 1), 64 KiB\n"));
  EXPECT_THAT(text, Not(HasSubstr("same CPU")));
}

TEST(RenderTransports, ShowsFiguresBesideTheirLimit) {
  const std::string text = RenderTransports(SurveyForTest(), 120);
  EXPECT_THAT(text, ContainsRegex("pipe +spin +30.0 µs +40.0 µs +15.0 µs +2.00 +655 MB/s +50 %"));
  EXPECT_THAT(text, ContainsRegex(" 3.00 µs +2.50\n")) << "CPU and switches of both ends";
}

TEST(RenderTransports, WhatWasNotMeasuredIsADash) {
  EXPECT_THAT(RenderTransports(SurveyForTest(), 120),
              ContainsRegex("shm_loan, untouched +spin +– +– +– +– +2,000 k/s +–"));
}

TEST(RenderTransports, SaysWhatIsMissingAndWhy) {
  const std::string text = RenderTransports(SurveyForTest(), 200);
  EXPECT_THAT(text, HasSubstr("skipped: mq 64 KiB spin neighbour: mq_open: Function"));
  EXPECT_THAT(text, HasSubstr("failed: tcp 64 KiB spin neighbour: the echo worker exited"));
  EXPECT_THAT(text, HasSubstr("no limit: shm_loan, untouched 64 KiB spin neighbour: no futex"));
}

TEST(RenderTransports, ManyRowsWithOneReasonAreNotAllNamed) {
  TransportSurvey survey = SurveyForTest();
  for (int i = 0; i < 10; ++i)
    survey.rows.push_back(survey.rows[2]);
  EXPECT_THAT(RenderTransports(survey, 1000), HasSubstr(" and 5 more: mq_open"));
}

TEST(RenderTransports, ANarrowTerminalKeepsRoundTripAndLimit) {
  const std::string text = RenderTransports(SurveyForTest(), 55);
  EXPECT_THAT(text, HasSubstr("x limit"));
  EXPECT_THAT(text, Not(HasSubstr("p99")));
}

TEST(RenderTransports, SaysThatItWasInterrupted) {
  TransportSurvey survey = SurveyForTest();
  EXPECT_THAT(RenderTransports(survey, 100), Not(HasSubstr("interrupted")));
  survey.interrupted = true;
  EXPECT_THAT(RenderTransports(survey, 100), HasSubstr("interrupted"));
}

}  // namespace
}  // namespace coresweep
