#include "harness/core/gate_record.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "tests/support/gate_blocks.h"

namespace coresweep {
namespace {

using example::BadLaunch;
using example::GoodLaunch;
using example::Planted;
using example::QuickSetup;
using example::RunBlocks;
using Json = nlohmann::json;
using testing::HasSubstr;

GateLaunch ResultOfOne(const Launch& launch) {
  GateRecord record;
  record.launches = {launch};
  return ResultOf(record, QuickSetup()).launches.at(0);
}

TEST(ResultOfRecord, AGoodLaunchHasItsValuesAndNoFault) {
  const GateLaunch result = ResultOfOne(GoodLaunch(120));
  EXPECT_EQ(result.values, (std::vector<std::optional<double>>{120.0}));
  EXPECT_EQ(result.integrity_fault, "");
  EXPECT_EQ(result.workload_fault, "");
}

TEST(ResultOfRecord, AWrongOrMovedAnswerIsAFaultOfIntegrity) {
  for (const Outcome outcome : {Outcome::kIncorrect, Outcome::kDisordered}) {
    const GateLaunch result = ResultOfOne(BadLaunch(outcome, "8 answers"));
    EXPECT_EQ(result.integrity_fault, "8 answers");
    EXPECT_EQ(result.workload_fault, "");
  }
}

TEST(ResultOfRecord, AFailureIsAFaultOfTheWorkload) {
  for (const Outcome outcome : {Outcome::kFailed, Outcome::kTimedOut, Outcome::kInterrupted}) {
    const GateLaunch result = ResultOfOne(BadLaunch(outcome, "worker 0 died"));
    EXPECT_EQ(result.integrity_fault, "");
    EXPECT_EQ(result.workload_fault, "worker 0 died");
  }
}

TEST(ResultOfRecord, AFaultWithoutAMessageIsStillOne) {
  EXPECT_EQ(ResultOfOne(BadLaunch(Outcome::kIncorrect, "")).integrity_fault, "incorrect");
  EXPECT_EQ(ResultOfOne(BadLaunch(Outcome::kFailed, "")).workload_fault, "failed");
}

TEST(ResultOfRecord, NotOneItemIsAFaultOfTheWorkload) {
  Launch launch = GoodLaunch(100);
  launch.items = 0;
  EXPECT_EQ(ResultOfOne(launch).workload_fault, "not one item was answered");
}

TEST(ResultOfRecord, GivesTheGatedMetricsInTheirOrderAndNoneForTheUnmeasured) {
  GateSetup setup = QuickSetup();
  setup.metrics = {{"latency_p99", "us", false}, {"throughput", "items/s", true}};
  GateRecord record;
  record.block.order = BlockOrder::kBaab;
  record.launches = {GoodLaunch(120), GoodLaunch(130)};
  record.invalid = "moved";
  const BlockResult result = ResultOf(record, setup);
  ASSERT_EQ(result.launches.size(), 2u);
  EXPECT_EQ(result.launches[0].arm, GateArm::kCandidate);
  EXPECT_EQ(result.launches[1].arm, GateArm::kBase);
  EXPECT_EQ(result.launches[1].values, (std::vector<std::optional<double>>{std::nullopt, 130.0}));
  EXPECT_EQ(result.invalid, "moved");
}

Launch OnCpus(int cpus) {
  Launch launch = GoodLaunch(100);
  launch.system.cpus = cpus;
  return launch;
}

TEST(WhyInvalid, OnlyWhenTheNumberOfCpusChanges) {
  EXPECT_EQ(WhyInvalid({}), "");
  EXPECT_EQ(WhyInvalid({OnCpus(4), OnCpus(4), OnCpus(4), OnCpus(4)}), "");
  EXPECT_EQ(WhyInvalid({OnCpus(4), OnCpus(4), OnCpus(2), OnCpus(4)}),
            "the CPUs that this container may use changed from 4 to 2");
  EXPECT_EQ(WhyInvalid({OnCpus(4), OnCpus(0)}), "") << "not read is no change";
}

Json Written(const GateRecord& record) {
  return Json::parse(ToJson(record).dump());
}

GateRecord AnyRecord() {
  GateRecord record{{GatePhase::kConfirmation, 3, BlockOrder::kBaab}, 1'700'000'000'123, {}, ""};
  record.launches = {GoodLaunch(100), GoodLaunch(100.0 / 3), OnCpus(4),
                     BadLaunch(Outcome::kDisordered, "1 missing")};
  return record;
}

TEST(GateRecordJson, GivesTheSameRecordAgain) {
  for (const char* invalid : {"", "the CPUs changed"}) {
    GateRecord record = AnyRecord();
    record.invalid = invalid;
    const GateRecord read = GateRecordFromJson(Written(record));
    EXPECT_EQ(read.block.phase, GatePhase::kConfirmation);
    EXPECT_EQ(read.block.attempt, 3);
    EXPECT_EQ(read.block.order, BlockOrder::kBaab);
    EXPECT_EQ(read.started_unix_ms, 1'700'000'000'123);
    EXPECT_EQ(read.launches, record.launches);
    EXPECT_EQ(read.invalid, invalid);
  }
}

TEST(GateRecordJson, SaysTheArmOfEachLaunch) {
  const Json json = Written(AnyRecord());
  std::string arms;
  for (const Json& launch : json["launches"])
    arms += launch["arm"].get<std::string>();
  EXPECT_EQ(arms, "BAAB");
}

std::string RecordRefusal(const char* field, const Json& value) {
  Json json = Written(AnyRecord());
  json[Json::json_pointer(field)] = value;
  try {
    (void)GateRecordFromJson(json);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(GateRecordJson, NamesTheFieldThatIsDamaged) {
  EXPECT_THAT(RecordRefusal("/phase", "warmup"), HasSubstr("\"warmup\" is unknown"));
  EXPECT_THAT(RecordRefusal("/phase", 1), HasSubstr("phase"));
  EXPECT_THAT(RecordRefusal("/attempt", "first"), HasSubstr("attempt"));
  EXPECT_THAT(RecordRefusal("/order", "ABAB"), HasSubstr("\"ABAB\" is unknown"));
  EXPECT_THAT(RecordRefusal("/started_unix_ms", nullptr), HasSubstr("started_unix_ms"));
  EXPECT_THAT(RecordRefusal("/launches", nullptr), HasSubstr("launches"));
  EXPECT_THAT(RecordRefusal("/launches/0/arm", "A"), HasSubstr("launch 1 of a block BAAB"));
  EXPECT_THAT(RecordRefusal("/launches/3/outcome", "so so"), HasSubstr("outcome"));
  const Json launch = Written(AnyRecord())["launches"][0];
  EXPECT_THAT(RecordRefusal("/launches", Json{launch, launch, launch, launch, launch}),
              HasSubstr("at most 4"));
}

TEST(GateSetupJson, GivesTheSameSetupAgain) {
  GateSetup setup;
  setup.rule = {0.013, 0.07, 0.003, 5, 3, 77};
  setup.metrics = {{"throughput", "items/s", true}, {"peak_memory", "bytes", false}};
  setup.seed = UINT64_MAX;
  setup.block_value = BlockValue::kBest;
  setup.identical_arms = true;
  setup.same_arms_asked = true;
  const auto json = ToJson(setup);
  const GateSetup read = GateSetupFromJson(Json::parse(json.dump()));
  EXPECT_EQ(ToJson(read), json);
  EXPECT_EQ(read.seed, UINT64_MAX);
  EXPECT_EQ(read.block_value, BlockValue::kBest);
  for (const BlockValue value : {BlockValue::kMean, BlockValue::kBest, BlockValue::kBoth})
    EXPECT_EQ(ParseBlockValue(NameOf(value)), value);
  EXPECT_EQ(read.rule.tolerated, 0.013);
  EXPECT_EQ(read.rule.most_blocks, 77);
  ASSERT_EQ(read.metrics.size(), 2u);
  EXPECT_EQ(read.metrics[1].unit, "bytes");
  EXPECT_TRUE(read.identical_arms && read.same_arms_asked);
}

std::string SetupRefusal(const char* field, const Json& value) {
  Json json = Json::parse(ToJson(QuickSetup()).dump());
  json[Json::json_pointer(field)] = value;
  try {
    (void)GateSetupFromJson(json);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(GateSetupJson, NamesTheFieldThatIsDamaged) {
  EXPECT_THAT(SetupRefusal("/rule", 1), HasSubstr("tolerated"));
  for (const char* field :
       {"tolerated", "must_catch", "alpha", "first_look", "look_every", "most_blocks"}) {
    EXPECT_THAT(SetupRefusal((std::string("/rule/") + field).c_str(), "x"), HasSubstr(field));
  }
  EXPECT_THAT(SetupRefusal("/metrics", nullptr), HasSubstr("metrics"));
  EXPECT_THAT(SetupRefusal("/metrics/0/name", "speed"), HasSubstr("\"speed\" is unknown"));
  EXPECT_THAT(SetupRefusal("/block_value", "worst"), HasSubstr("block_value \"worst\" is unknown"));
  EXPECT_THAT(SetupRefusal("/metrics/0/unit", 1), HasSubstr("unit"));
  EXPECT_THAT(SetupRefusal("/metrics/0/higher_is_better", "yes"), HasSubstr("higher_is_better"));
  EXPECT_THAT(SetupRefusal("/seed", nullptr), HasSubstr("seed"));
  EXPECT_THAT(SetupRefusal("/identical_arms", 3), HasSubstr("identical_arms"));
}

/// The numbers that a verdict shows, of every phase.
std::vector<double> Numbers(const GateOutcome& outcome) {
  std::vector<double> numbers;
  for (const auto& phase : outcome.phases) {
    numbers.push_back(phase ? static_cast<double>(phase->blocks) : -1);
    if (!phase) continue;
    for (const MetricJudgement& judgement : phase->judgements)
      numbers.insert(numbers.end(), {judgement.ratio.value_or(-1), judgement.e_regressed,
                                     judgement.e_clean, judgement.low.value_or(-1)});
  }
  return numbers;
}

void ExpectSame(const GateSession& live, const GateSession& again) {
  EXPECT_EQ(again.Outcome().verdict, live.Outcome().verdict);
  EXPECT_EQ(again.Outcome().reason, live.Outcome().reason);
  EXPECT_EQ(again.Outcome().failed, live.Outcome().failed);
  EXPECT_EQ(again.Over(), live.Over());
  EXPECT_EQ(Numbers(again.Outcome()), Numbers(live.Outcome()));
}

/// The log as a report keeps it.
GateLog Stored(const GateLog& log) {
  GateLog stored{GateSetupFromJson(Json::parse(ToJson(log.setup).dump())), {}, log.stopped};
  for (const GateRecord& record : log.records)
    stored.records.push_back(GateRecordFromJson(Written(record)));
  return stored;
}

TEST(Replay, GivesAFailWithConfirmationAndNullControlAgain) {
  GateSession live(QuickSetup());
  const GateLog log = RunBlocks(live, Planted(70));
  ASSERT_EQ(live.Outcome().verdict, GateVerdict::kFail);
  ASSERT_TRUE(live.Outcome().Phase(GatePhase::kNullControl).has_value());
  ExpectSame(live, Replay(log));
  ExpectSame(live, Replay(Stored(log)));
}

TEST(Replay, GivesAPassAndAFaultAgain) {
  GateSession pass(QuickSetup());
  const GateLog good = RunBlocks(pass, Planted(100));
  ASSERT_EQ(pass.Outcome().verdict, GateVerdict::kPass);
  ExpectSame(pass, Replay(Stored(good)));

  GateSession fault(QuickSetup());
  GateLog bad = RunBlocks(fault, Planted(100), 2);
  GateRecord record{*fault.Next(), 0, {BadLaunch(Outcome::kIncorrect, "wrong")}, ""};
  bad.records.push_back(record);
  fault.Add(ResultOf(record, bad.setup));
  ASSERT_EQ(fault.Outcome().verdict, GateVerdict::kIntegrity);
  ExpectSame(fault, Replay(Stored(bad)));
}

TEST(Replay, GivesAGateThatWasStoppedOrIsNotOverAgain) {
  GateSession live(QuickSetup());
  GateLog log = RunBlocks(live, Planted(70), 3);
  ExpectSame(live, Replay(Stored(log)));
  EXPECT_FALSE(Replay(log).Over());
  log.stopped = "the time budget ended";
  live.Stop(log.stopped);
  ExpectSame(live, Replay(Stored(log)));
  EXPECT_TRUE(Replay(log).Over());
}

TEST(Replay, CountsInvalidBlocksAsTheLiveSessionDid) {
  GateSession live(QuickSetup());
  GateLog log = RunBlocks(live, Planted(70), 2);
  GateRecord record = example::RecordOf(*live.Next(), Planted(70));
  record.invalid = "the CPUs changed";
  log.records.push_back(record);
  live.Add(ResultOf(record, log.setup));
  while (const auto block = live.Next()) {
    log.records.push_back(example::RecordOf(*block, Planted(70)));
    live.Add(ResultOf(log.records.back(), log.setup));
  }
  ASSERT_EQ(live.Outcome().verdict, GateVerdict::kFail);
  ExpectSame(live, Replay(Stored(log)));
}

std::string ReplayRefusal(const GateLog& log) {
  try {
    (void)Replay(log);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Replay, RefusesBlocksThatTheRuleDidNotAskFor) {
  GateSession live(QuickSetup());
  const GateLog log = RunBlocks(live, Planted(70));
  ASSERT_EQ(ReplayRefusal(log), "no error");
  const auto with = [&](size_t block, const std::function<void(GateBlock&)>& change) {
    GateLog changed = log;
    change(changed.records.at(block).block);
    return ReplayRefusal(changed);
  };
  EXPECT_THAT(with(2,
                   [](GateBlock& block) {
                     block.order =
                         block.order == BlockOrder::kAbba ? BlockOrder::kBaab : BlockOrder::kAbba;
                   }),
              HasSubstr("block 2 is not the one"));
  EXPECT_THAT(with(1, [](GateBlock& block) { block.attempt = 2; }), HasSubstr("block 1 is not"));
  EXPECT_THAT(with(0, [](GateBlock& block) { block.phase = GatePhase::kNullControl; }),
              HasSubstr("block 0 is not"));
}

TEST(Replay, RefusesBlocksLeftOutAddedOrOfAnotherSeed) {
  GateSession live(QuickSetup());
  const GateLog log = RunBlocks(live, Planted(70));
  GateLog fewer = log;
  fewer.records.erase(fewer.records.begin() + 1);
  EXPECT_THAT(ReplayRefusal(fewer), HasSubstr("block 1 is not"));
  GateLog more = log;
  more.records.push_back(log.records.back());
  EXPECT_THAT(ReplayRefusal(more), HasSubstr(fmt::format("block {} is not", log.records.size())));
  GateLog reseeded = log;
  ++reseeded.setup.seed;
  EXPECT_THAT(ReplayRefusal(reseeded), HasSubstr("is not the one that this rule and seed ask for"));
}

}  // namespace
}  // namespace coresweep
