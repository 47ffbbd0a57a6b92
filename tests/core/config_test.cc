#include "harness/core/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

/// The configuration of workload "null" with the keys of `json`.
SweepConfig Parse(Json json, const ConfigOrigins& origins = {}) {
  json["workload"] = json.value("workload", "null");
  return ParseConfig(json, origins);
}

std::string MessageOf(Json json, const ConfigOrigins& origins = {}) {
  try {
    (void)Parse(std::move(json), origins);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

/// Every key with a value that is not its default, but `search`: there is none under open load.
Json EveryKey() {
  return {{"name", "n"},
          {"sku", "4x16"},
          {"workload", "torchscript"},
          {"model", "m.pt"},
          {"inputs", "i.pt"},
          {"input_shape", {{3, 4}, {5}}},
          {"input_dtype", {"int64", "float64"}},
          {"items", 77},
          {"options", {{"a", "x"}, {"b", 2}, {"c", true}}},
          {"modes", {"threads", "processes"}},
          {"workers", {1, 2}},
          {"threads", {3, 4}},
          {"placement", {"scatter", "list:3,0-1"}},
          {"width", {"core", "object"}},
          {"dispatcher", {"own", "beside"}},
          {"chunk", {4, 9}},
          {"transport", {"pipe", "unix"}},
          {"dispatch", {"static", "pull"}},
          {"credit", {3, "auto", 1024}},
          {"wait", {"spin", "block"}},
          {"scenario", "server"},
          {"load", "open"},
          {"arrivals", "poisson"},
          {"rate", {120.5, "80%"}},
          {"latency_bound_ms", 20},
          {"order", "completion"},
          {"on_worker_death", "replace"},
          {"worker_start", "zygote"},
          {"repetitions", 5},
          {"search", "grid"},
          {"reference_every", 3},
          {"seed", 18446744073709551615U},
          {"window_s", 1.25},
          {"work_items", 0},
          {"warmup_s", 0.0},
          {"measure_cpus_s", 0.25},
          {"startup_timeout_s", 12.5},
          {"chunk_timeout_s", 3},
          {"budget", 5400},
          {"fault", "drop:1"},
          {"fault_cell", "w2"}};
}

TEST(Config, EveryKeyIsRead) {
  const SweepConfig config = ParseConfig(EveryKey(), {});
  EXPECT_EQ(config.name, "n");
  EXPECT_EQ(config.workload.name, "torchscript");
  EXPECT_EQ(config.workload.model, "m.pt");
  EXPECT_EQ(config.workload.inputs, "i.pt");
  EXPECT_EQ(config.workload.input_specs,
            (std::vector<TensorSpec>{{DType::kInt64, {3, 4}}, {DType::kFloat64, {5}}}));
  EXPECT_EQ(config.workload.items, 77);
  EXPECT_EQ(config.workload.options,
            (std::map<std::string, std::string>{{"a", "x"}, {"b", "2"}, {"c", "true"}}));
  EXPECT_EQ(config.modes, (std::vector<Mode>{Mode::kThreads, Mode::kProcesses}));
  EXPECT_FALSE(config.workers.automatic);
  EXPECT_EQ(config.workers.values, (std::vector<int>{1, 2}));
  EXPECT_FALSE(config.threads.automatic);
  EXPECT_EQ(config.threads.values, (std::vector<int>{3, 4}));
  EXPECT_EQ(config.placements, (std::vector<std::string>{"scatter", "list:3,0-1"}));
  EXPECT_EQ(config.widths, (std::vector<Width>{Width::kCore, Width::kObject}));
  EXPECT_EQ(config.dispatchers,
            (std::vector<DispatcherPlace>{DispatcherPlace::kOwn, DispatcherPlace::kBeside}));
  EXPECT_EQ(config.measure_cpus_s, 0.25);
  EXPECT_EQ(config.chunks, (std::vector<int64_t>{4, 9}));
  EXPECT_EQ(config.transports, (std::vector<std::string>{"pipe", "unix"}));
  EXPECT_EQ(config.repetitions, 5);
  EXPECT_EQ(config.reference_every, 3);
  EXPECT_EQ(config.seed, 18446744073709551615U);
  EXPECT_EQ(config.dispatches, (std::vector<Dispatch>{Dispatch::kStatic, Dispatch::kPull}));
  EXPECT_EQ(config.credits, (std::vector<int>{3, 0, 1024}));
  EXPECT_EQ(config.waits, (std::vector<Wait>{Wait::kSpin, Wait::kBlock}));
  EXPECT_EQ(config.scenario, Scenario::kServer);
  EXPECT_TRUE(config.open_load);
  EXPECT_EQ(config.rates, (std::vector<Rate>{{120.5, 0}, {0, 0.8}}));
  EXPECT_EQ(config.latency_bound_ms, 20);
  EXPECT_EQ(config.sku, "4x16");
  EXPECT_EQ(config.order, Order::kCompletion);
  EXPECT_EQ(config.on_worker_death, OnWorkerDeath::kReplace);
  EXPECT_EQ(config.worker_start, WorkerStart::kZygote);
  EXPECT_EQ(config.window_s, 1.25);
  EXPECT_EQ(config.warmup_s, 0.0);
  EXPECT_EQ(config.startup_timeout_s, 12.5);
  EXPECT_EQ(config.chunk_timeout_s, 3.0);
  EXPECT_EQ(config.budget_s, 5400.0);
  EXPECT_EQ(config.fault, "drop:1");
  EXPECT_EQ(config.fault_cell, "w2");
}

TEST(Config, ABudgetIsADurationOrSeconds) {
  EXPECT_EQ(Parse({{"budget", "1h30m"}}).budget_s, 5400.0);
  EXPECT_EQ(Parse({{"budget", "90"}}).budget_s, 90.0);
  EXPECT_EQ(Parse({{"budget", 0.5}}).budget_s, 0.5);
  for (const Json& bad : {Json("soon"), Json(0), Json(-1), Json(true), Json(nullptr), Json("8d")}) {
    EXPECT_THAT(MessageOf({{"budget", bad}}, {{"budget", "--budget"}}),
                AllOf(StartsWith("--budget: expected a time"), HasSubstr("1h30m")))
        << bad;
  }
}

TEST(Config, KnownKeysAreThoseOfThisTest) {
  std::vector<std::string> keys;
  const Json every = EveryKey();
  for (const auto& [key, value] : every.items())
    keys.push_back(key);
  EXPECT_THAT(ConfigKeys(), testing::UnorderedElementsAreArray(keys));
}

TEST(Config, WorkloadGetsTheSeedAndTheLargestChunk) {
  const SweepConfig config = Parse({{"seed", 9}, {"chunk", {4, 64, 8}}});
  EXPECT_EQ(config.workload.seed, 9u);
  EXPECT_EQ(config.workload.least_items, 64);
}

TEST(Config, DefaultsHoldForKeysThatAreNotGiven) {
  const SweepConfig config = Parse(Json::object());
  EXPECT_TRUE(config.workers.automatic);
  EXPECT_EQ(config.threads.values, (std::vector<int>{1}));
  EXPECT_EQ(config.modes, (std::vector<Mode>{Mode::kProcesses}));
  EXPECT_EQ(config.chunks, (std::vector<int64_t>{1, 8}));
  EXPECT_EQ(config.workload.items, std::nullopt);
  EXPECT_EQ(config.chunk_timeout_s, std::nullopt);
  EXPECT_EQ(config.budget_s, std::nullopt);
  EXPECT_EQ(config.dispatches, (std::vector<Dispatch>{Dispatch::kDynamic}));
  EXPECT_EQ(config.credits, (std::vector<int>{0}));
  EXPECT_EQ(config.waits, (std::vector<Wait>{Wait::kAdaptive}));
  EXPECT_EQ(config.order, Order::kInput);
  EXPECT_EQ(config.on_worker_death, OnWorkerDeath::kFail);
  EXPECT_EQ(config.worker_start, WorkerStart::kSpawn);
}

TEST(Config, UnknownKeyNamesItsOriginAndTheKeysThereAre) {
  const std::string message = MessageOf({{"wrokers", 2}}, {{"wrokers", "s.json: wrokers"}});
  EXPECT_THAT(message, StartsWith("s.json: wrokers: unknown key"));
  for (const std::string& key : ConfigKeys())
    EXPECT_THAT(message, HasSubstr(key));
}

TEST(Config, WithoutAWorkloadItSaysHowToNameOne) {
  try {
    (void)ParseConfig(Json::object(), {});
    FAIL() << "no error";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("--workload"));
  }
}

TEST(Config, OnlyAnObjectIsASuite) {
  EXPECT_THROW((void)ParseConfig(Json::array(), {}), UsageError);
  EXPECT_THROW((void)ParseConfig(Json(3), {}), UsageError);
}

struct BadValue {
  const char* key;
  Json value;
  const char* expectation;
};

class ConfigBadValue : public testing::TestWithParam<BadValue> {};

TEST_P(ConfigBadValue, MessageNamesOriginExpectationAndWhatWasFound) {
  const auto& [key, value, expectation] = GetParam();
  const std::string origin = std::string("--") + key;
  const std::string message = MessageOf({{key, value}}, {{key, origin}});
  EXPECT_THAT(message, StartsWith(origin + ": expected "));
  EXPECT_THAT(message, HasSubstr(expectation));
  EXPECT_THAT(message, HasSubstr("found "));
}

INSTANTIATE_TEST_SUITE_P(
    Values, ConfigBadValue,
    testing::Values(
        BadValue{"name", 3, "a text"}, BadValue{"model", Json::array(), "a text"},
        BadValue{"inputs", nullptr, "a text"}, BadValue{"items", 0, "a whole number from 1"},
        BadValue{"items", "many", "a whole number from 1"},
        BadValue{"options", Json::array({"a"}), "an object of option names"},
        BadValue{"modes", "process", "one of serial, independent, threads, processes"},
        BadValue{"modes", Json::array(), "a list of at least one"},
        BadValue{"workers", 0, "a whole number from 1 to 4096"},
        BadValue{"workers", -2, "a whole number from 1 to 4096"},
        BadValue{"workers", 4097, "a whole number from 1 to 4096"},
        BadValue{"workers", 1.5, "a whole number or \"auto\" alone"},
        BadValue{"workers", "two", "a whole number or \"auto\" alone"},
        BadValue{"workers", Json::array({"auto", 2}), "\"auto\" alone"},
        BadValue{"workers", Json::array(), "a list of at least one"},
        BadValue{"threads", 1025, "a whole number from 1 to 1024"},
        BadValue{"placement", "round", "accepted are none, compact, scatter"},
        BadValue{"placement", Json::array(), "a list of at least one"},
        BadValue{"chunk", 0, "a whole number from 1 to 1000000"},
        BadValue{"chunk", Json::array({8, "x"}), "a whole number from 1 to 1000000"},
        BadValue{"chunk", Json::array(), "a list of at least one"},
        BadValue{"transport", "pigeon",
                 "one of pipe, unix, seqpacket, tcp, mq, zeromq, shm, shm_loan"},
        BadValue{"transport", 3, "one of pipe, unix, seqpacket, tcp, mq, zeromq, shm, shm_loan"},
        BadValue{"transport", Json::array(), "a list of at least one"},
        BadValue{"repetitions", 0, "from 1 to 1000"}, BadValue{"repetitions", 1001, "to 1000"},
        BadValue{"search", "best", "one of grid, quick, certified, all"},
        BadValue{"search", 1, "one of grid, quick, certified, all"},
        BadValue{"reference_every", -1, "from 0 to 1000"}, BadValue{"seed", -1, "0 or more"},
        BadValue{"seed", "x", "0 or more"}, BadValue{"credit", 0, "from 1 to 1024"},
        BadValue{"credit", 1025, "from 1 to 1024"},
        BadValue{"credit", 18446744073709551615U, "from 1 to 1024"},
        BadValue{"credit", "all", "a whole number from 1 to 1024 or \"auto\""},
        BadValue{"credit", Json::array({2, 1.5}), "or \"auto\""},
        BadValue{"credit", Json::array(), "a list of at least one"},
        BadValue{"dispatch", "push", "one of dynamic, static, guided, pull"},
        BadValue{"dispatch", 3, "one of dynamic, static, guided, pull"},
        BadValue{"dispatch", Json::array(), "a list of at least one"},
        BadValue{"wait", "poll", "one of adaptive, block, spin"},
        BadValue{"wait", Json::array({"spin", nullptr}), "one of adaptive, block, spin"},
        BadValue{"sku", "a b", "1 to 64 letters, digits"}, BadValue{"sku", 4, "1 to 64 letters"},
        BadValue{"order", "output", "one of input, completion"},
        BadValue{"order", Json::array({"input"}), "one of input, completion"},
        BadValue{"on_worker_death", "retry", "one of fail, replace"},
        BadValue{"on_worker_death", true, "one of fail, replace"},
        BadValue{"worker_start", "fork", "one of spawn, zygote"},
        BadValue{"window_s", 0, "seconds from 0.001"}, BadValue{"window_s", "1", "seconds"},
        BadValue{"window_s", 86401, "to 86400"}, BadValue{"warmup_s", -0.1, "seconds from 0 to"},
        BadValue{"startup_timeout_s", 0, "seconds from 0.1"},
        BadValue{"chunk_timeout_s", 0, "seconds from 0.01"}, BadValue{"fault", 1, "a text"},
        BadValue{"fault_cell", false, "a text"}, BadValue{"input_shape", "3,4", "the shape"},
        BadValue{"input_shape", {3, 0}, "a whole number from 1"}),
    [](const auto& test) {
      return std::string(test.param.key) + "_" + std::to_string(test.index);
    });

TEST(Config, MeasuresAGridUnlessItIsToSearch) {
  EXPECT_EQ(ParseConfig({{"workload", "null"}}, {}).search, std::nullopt);
  const SweepConfig grid = ParseConfig({{"workload", "null"}, {"search", "grid"}}, {});
  EXPECT_EQ(grid.search, std::nullopt);
  EXPECT_EQ(grid.repetitions, 3);
  EXPECT_EQ(ToJson(grid)["search"], "grid");
}

TEST(Config, OfASearchHasItsPassesUnlessRepetitionsAreGiven) {
  const auto passes = [](Json keys) {
    keys["workload"] = "null";
    return ParseConfig(keys, {}).repetitions;
  };
  EXPECT_EQ(passes({{"search", "quick"}}), 5);
  EXPECT_EQ(passes({{"search", "certified"}}), 3);
  EXPECT_EQ(passes({{"search", "quick"}, {"repetitions", 7}}), 7);
}

TEST(Config, ASearchIsReadAndWritten) {
  for (const SearchMode mode : {SearchMode::kQuick, SearchMode::kCertified, SearchMode::kAll}) {
    const SweepConfig config = Parse({{"search", ToString(mode)}});
    EXPECT_EQ(config.search, mode);
    EXPECT_EQ(ToJson(config)["search"], ToString(mode));
  }
}

TEST(Config, ThereIsNoSearchUnderOpenLoad) {
  EXPECT_THAT(
      MessageOf({{"search", "quick"}, {"load", "open"}, {"rate", 50}}, {{"search", "--search"}}),
      AllOf(StartsWith("--search: quick compares throughputs"), HasSubstr("--search grid")));
}

TEST(Config, OfASearchNeedsReferences) {
  EXPECT_THAT(MessageOf({{"search", "all"}, {"reference_every", 0}},
                        {{"reference_every", "--reference-every"}}),
              AllOf(StartsWith("--reference-every: 0, but --search all"), HasSubstr("1 or more")));
}

TEST(Config, MessageShortensLongValues) {
  EXPECT_LT(MessageOf({{"modes", std::string(5000, 'x')}}).size(), 200u);
}

TEST(Config, BadOptionValueNamesTheOption) {
  EXPECT_THAT(MessageOf({{"options", {{"cost", Json::array()}}}}, {{"options", "s.json: options"}}),
              StartsWith("s.json: options.cost: expected a text, number or truth value"));
}

TEST(Config, AutoMayBeATextOrAListOfItAlone) {
  for (const Json& value : {Json("auto"), Json::array({"auto"})}) {
    const SweepConfig config = Parse({{"workers", value}, {"threads", value}});
    EXPECT_TRUE(config.workers.automatic && config.threads.automatic) << value;
    EXPECT_TRUE(config.workers.values.empty());
  }
}

TEST(Config, AScalarIsAListOfOne) {
  const SweepConfig config = Parse({{"workers", 3},
                                    {"chunk", 5},
                                    {"placement", "none"},
                                    {"transport", "unix"},
                                    {"dispatch", "guided"},
                                    {"credit", 7},
                                    {"wait", "block"},
                                    {"modes", "threads"}});
  EXPECT_EQ(config.workers.values, (std::vector<int>{3}));
  EXPECT_EQ(config.chunks, (std::vector<int64_t>{5}));
  EXPECT_EQ(config.placements, (std::vector<std::string>{"none"}));
  EXPECT_EQ(config.transports, (std::vector<std::string>{"unix"}));
  EXPECT_EQ(config.dispatches, (std::vector<Dispatch>{Dispatch::kGuided}));
  EXPECT_EQ(config.credits, (std::vector<int>{7}));
  EXPECT_EQ(config.waits, (std::vector<Wait>{Wait::kBlock}));
  EXPECT_EQ(config.modes, (std::vector<Mode>{Mode::kThreads}));
}

TEST(Config, RepeatsAreDroppedAndTheOrderIsKept) {
  const SweepConfig config = Parse({{"workers", {4, 1, 4, 2, 1}},
                                    {"placement", {"compact", "close", "none"}},
                                    {"chunk", {8, 8}}});
  EXPECT_EQ(config.workers.values, (std::vector<int>{4, 1, 2}));
  EXPECT_EQ(config.placements, (std::vector<std::string>{"compact", "none"}));
  EXPECT_EQ(config.chunks, (std::vector<int64_t>{8}));
}

TEST(Config, OneTypeServesAllShapes) {
  const SweepConfig config = Parse({{"input_shape", {{2, 3}, {4}}}, {"input_dtype", "int32"}});
  EXPECT_EQ(config.workload.input_specs,
            (std::vector<TensorSpec>{{DType::kInt32, {2, 3}}, {DType::kInt32, {4}}}));
}

TEST(Config, AShapeWithoutATypeIsOfFloat32) {
  EXPECT_EQ(Parse({{"input_shape", {2, 3}}}).workload.input_specs,
            (std::vector<TensorSpec>{{DType::kFloat32, {2, 3}}}));
}

TEST(Config, AnEmptyShapeIsAScalar) {
  EXPECT_EQ(Parse({{"input_shape", Json::array()}}).workload.input_specs,
            (std::vector<TensorSpec>{{DType::kFloat32, {}}}));
}

TEST(Config, TypesMustFitTheShapes) {
  const ConfigOrigins origins{{"input_dtype", "--input-dtype"}};
  EXPECT_THAT(
      MessageOf({{"input_shape", {{2}, {3}, {4}}}, {"input_dtype", {"int64", "int32"}}}, origins),
      AllOf(StartsWith("--input-dtype: "), HasSubstr("one for each of the 3 shapes")));
  EXPECT_THAT(MessageOf({{"input_shape", {2}}, {"input_dtype", "complex64"}}, origins),
              AllOf(StartsWith("--input-dtype: "), HasSubstr("one of float32")));
  EXPECT_THAT(MessageOf({{"input_shape", {{2}, {3}}}, {"input_dtype", Json::array()}}, origins),
              StartsWith("--input-dtype: "));
  EXPECT_THAT(MessageOf({{"input_dtype", "int64"}}, origins),
              AllOf(StartsWith("--input-dtype: "), HasSubstr("--input-shape")));
}

TEST(Config, WrittenConfigurationReadsBackTheSame) {
  Json automatic = {{"workload", "null"}, {"workers", "auto"}, {"input_shape", Json::array()}};
  for (const Json& json : {EveryKey(), Json{{"workload", "null"}}, automatic}) {
    const SweepConfig config = ParseConfig(json, {});
    const auto written = ToJson(config);
    const SweepConfig again = ParseConfig(Json::parse(written.dump()), {});
    EXPECT_EQ(ToJson(again).dump(), written.dump());
    EXPECT_EQ(again.workload.input_specs, config.workload.input_specs);
    EXPECT_EQ(again.workload.least_items, config.workload.least_items);
    EXPECT_EQ(again.workload.seed, config.workload.seed);
  }
}

TEST(Config, EveryGivenKeyIsWritten) {
  const auto written = ToJson(ParseConfig(EveryKey(), {}));
  // Open load and fixed work exclude each other.
  const auto fixed = ToJson(ParseConfig({{"workload", "null"}, {"work_items", 77}}, {}));
  EXPECT_EQ(fixed["work_items"], 77);
  for (const std::string& key : ConfigKeys())
    EXPECT_TRUE(written.contains(key) || fixed.contains(key)) << key;
  Json expected = EveryKey();
  expected.erase("work_items");  // 0 is as if not given: programs that do not know it go on
  expected["options"] = {{"a", "x"}, {"b", "2"}, {"c", "true"}};  // texts once read
  EXPECT_EQ(Json::parse(written.dump()), expected);
}

}  // namespace
}  // namespace coresweep
