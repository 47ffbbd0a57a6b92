#include "harness/run/transport_survey.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "harness/ipc/channel.h"

namespace coresweep {
namespace {

using testing::HasSubstr;

HostFacts Host(int cpus) {
  HostFacts facts;
  for (int cpu = 0; cpu < cpus; ++cpu) {
    Pu pu;
    pu.os_index = cpu;
    pu.core = cpu;
    facts.topology.pus.push_back(pu);
    facts.allowed.Add(cpu);
  }
  facts.topology.cores = cpus;
  facts.memory_total_bytes = uint64_t{4} << 30;
  return facts;
}

SurveyRequest Request() {
  SurveyRequest request;
  request.transports = {"pipe", "shm"};
  request.sizes = {0, 64};
  request.waits = {Wait::kBlock, Wait::kAdaptive};
  request.places = {EndsPlace::kSame, EndsPlace::kNeighbour};
  request.seconds = 0.003;
  return request;
}

TEST(SpinOf, AdaptiveSpinsOnlyWhereNoCoreIsShared) {
  EndsSeats apart;
  EndsSeats together;
  together.shares_core = true;
  EXPECT_GT(SpinOf(Wait::kAdaptive, apart), 0);
  EXPECT_LT(SpinOf(Wait::kAdaptive, apart), kSpinForever);
  EXPECT_EQ(SpinOf(Wait::kAdaptive, together), 0);
  EXPECT_EQ(SpinOf(Wait::kSpin, together), kSpinForever);
  EXPECT_EQ(SpinOf(Wait::kBlock, apart), 0);
}

TEST(PlanSurvey, HasARowForEachCombination) {
  const TransportSurvey survey = PlanSurvey(Request(), Host(2));
  EXPECT_EQ(survey.rows.size(), 2U * 2 * 2 * 2);
  for (const TransportRow& row : survey.rows)
    EXPECT_EQ(row.skipped, "");
}

TEST(PlanSurvey, ALendingTransportHasARowUntouchedBesides) {
  SurveyRequest request = Request();
  request.transports = {"shm_loan"};
  const TransportSurvey survey = PlanSurvey(request, Host(2));
  EXPECT_EQ(survey.rows.size(), 2U * 2 * 2 * 2);
  EXPECT_EQ(survey.rows[1].of.Row(), "shm_loan, untouched");
}

TEST(PlanSurvey, SkipsTheNeighbourOfTheOnlyCpu) {
  for (const TransportRow& row : PlanSurvey(Request(), Host(1)).rows)
    EXPECT_EQ(row.skipped.empty(), row.of.place == EndsPlace::kSame) << row.skipped;
}

TEST(PlanSurvey, SkipsWhatTheMemoryDoesNotHold) {
  SurveyRequest request = Request();
  request.sizes = {size_t{1} << 30};
  for (const TransportRow& row : PlanSurvey(request, Host(2)).rows)
    EXPECT_THAT(row.skipped, HasSubstr("memory"));
}

class RunSurveyTest : public testing::Test {
 protected:
  RunSurveyTest() {
    SurveyRequest request = Request();
    request.waits = {Wait::kBlock};
    request.places = {EndsPlace::kUnpinned};
    request.seconds = 0.03;  // on a busy machine 20 round trips may take some milliseconds
    survey_ = PlanSurvey(request, Host(2));
  }
  void Run() {
    RunSurvey(context_, survey_, [&](size_t done, const TransportCase&) { told_.push_back(done); });
  }

  StopSignal stop_;
  ProcessContext context_{CORESWEEP_PROGRAM, {}, &stop_};
  TransportSurvey survey_;
  std::vector<size_t> told_;
};

TEST_F(RunSurveyTest, MeasuresEachRowBesideItsLimit) {
  Run();
  EXPECT_THAT(told_, testing::ElementsAre(0, 1, 2, 3));
  for (const TransportRow& row : survey_.rows) {
    SCOPED_TRACE(row.of.Row());
    ASSERT_TRUE(row.round_trip && row.one_way && row.limit) << row.failed;
    EXPECT_GE(row.round_trip->samples, 20) << "enough for a median";
    EXPECT_TRUE(row.round_trip->p50_ns);
    EXPECT_EQ(row.round_trip->p99_ns.has_value(), row.round_trip->samples >= 1000);
    EXPECT_TRUE(row.round_trip_times_limit);
    EXPECT_EQ(row.one_way_share_of_limit.has_value(), row.of.transport == "pipe");
    EXPECT_EQ(row.limit->round_trip, row.of.transport == "pipe" ? "raw pipe, blocking" : "futex");
  }
}

TEST_F(RunSurveyTest, SharedMemoryStandsBesideWhatCrossesFromCoreToCore) {
  for (TransportRow& row : survey_.rows)
    row.of.bytes = 4096;
  Run();
  for (const TransportRow& row : survey_.rows) {
    const bool crosses = row.of.transport != "pipe" && row.of.touched;
    EXPECT_EQ(row.one_way_share_of_crossing.has_value(), crosses) << row.of.Row() << row.failed;
  }
}

TEST_F(RunSurveyTest, AStopSignalEndsIt) {
  ASSERT_EQ(raise(SIGTERM), 0);
  Run();
  EXPECT_TRUE(survey_.interrupted);
  EXPECT_FALSE(survey_.rows[0].round_trip);
}

TEST_F(RunSurveyTest, AFailureStaysInItsRow) {
  survey_.rows[0].of.transport = "pigeon";
  Run();
  EXPECT_THAT(survey_.rows[0].failed + survey_.rows[0].skipped, HasSubstr("pigeon"));
  EXPECT_THAT(survey_.rows[0].no_limit, HasSubstr("no limit"));
  EXPECT_TRUE(survey_.rows[1].round_trip);
}

}  // namespace
}  // namespace coresweep
