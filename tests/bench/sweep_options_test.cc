#include "bench/sweep_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "harness/base/error.h"
#include "harness/core/plan.h"
#include "harness/core/repro.h"
#include "tests/base/temp_folder.h"

namespace coresweep::sweep_options_test {
namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

/// The options of a command as given in `words`.
class Options {
 public:
  explicit Options(Words words) {
    options_.Declare(app_);
    std::reverse(words.begin(), words.end());  // as CLI11 wants it
    app_.parse(words);
  }
  const SweepOptions* operator->() const { return &options_; }

 private:
  CLI::App app_;
  SweepOptions options_;
};

SweepConfig Parse(const Words& words) {
  return Options(words)->Parse();
}

std::string MessageOf(const Words& words) {
  try {
    (void)Parse(words);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

/// Splits a command line as a POSIX shell does: words, single quotes and \'.
Words Split(const std::string& line) {
  Words words;
  bool quoted = false;
  bool open = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (!quoted && c == ' ') {
      open = false;
      continue;
    }
    if (!open) words.emplace_back();
    open = true;
    if (c == '\'') {
      quoted = !quoted;
    } else {
      words.back() += !quoted && c == '\\' ? line[++i] : c;
    }
  }
  return words;
}

class SuiteFile : public testing::Test {
 protected:
  std::string Write(const std::string& text) {
    folder_.Write("suite.json", text);
    return (folder_.path() / "suite.json").string();
  }
  TempFolder folder_;
};

TEST(SweepOptions, ListsAreSeparatedByCommas) {
  const SweepConfig config = Parse({"--workload",  "null",
                                    "--workers",   "1,2",
                                    "--threads",   "auto",
                                    "--placement", "none,scatter",
                                    "--chunk",     "4,16",
                                    "--transport", "pipe,shm",
                                    "--modes",     "threads,processes",
                                    "--dispatch",  "static,pull",
                                    "--credit",    "auto,4",
                                    "--wait",      "spin,block"});
  EXPECT_EQ(config.workers.values, (std::vector<int>{1, 2}));
  EXPECT_TRUE(config.threads.automatic);
  EXPECT_EQ(config.placements, (Words{"none", "scatter"}));
  EXPECT_EQ(config.chunks, (std::vector<int64_t>{4, 16}));
  EXPECT_EQ(config.transports, (Words{"pipe", "shm"}));
  EXPECT_EQ(config.modes, (std::vector<Mode>{Mode::kThreads, Mode::kProcesses}));
  EXPECT_EQ(config.dispatches, (std::vector<Dispatch>{Dispatch::kStatic, Dispatch::kPull}));
  EXPECT_EQ(config.credits, (std::vector<int>{0, 4}));
  EXPECT_EQ(config.waits, (std::vector<Wait>{Wait::kSpin, Wait::kBlock}));
}

TEST(SweepOptions, ScalarsOfAllKindsAreRead) {
  const SweepConfig config = Parse({"-w",
                                    "null",
                                    "--items",
                                    "50",
                                    "--name",
                                    "007",
                                    "--repetitions",
                                    "4",
                                    "--search",
                                    "quick",
                                    "--reference-every",
                                    "2",
                                    "--seed",
                                    "18446744073709551615",
                                    "--credit",
                                    "3",
                                    "--order",
                                    "completion",
                                    "--on-worker-death",
                                    "replace",
                                    "--worker-start",
                                    "zygote",
                                    "--window-s",
                                    "0.25",
                                    "--warmup-s",
                                    "1e-2",
                                    "--startup-timeout-s",
                                    "5",
                                    "--chunk-timeout-s",
                                    "2",
                                    "--fault",
                                    "drop:1",
                                    "--fault-cell",
                                    "w2"});
  EXPECT_EQ(config.workload.items, 50);
  EXPECT_EQ(config.name, "007");
  EXPECT_EQ(config.repetitions, 4);
  EXPECT_EQ(config.search, SearchMode::kQuick);
  EXPECT_EQ(config.reference_every, 2);
  EXPECT_EQ(config.seed, 18446744073709551615U);
  EXPECT_EQ(config.credits, (std::vector<int>{3}));
  EXPECT_EQ(config.order, Order::kCompletion);
  EXPECT_EQ(config.on_worker_death, OnWorkerDeath::kReplace);
  EXPECT_EQ(config.worker_start, WorkerStart::kZygote);
  EXPECT_EQ(config.window_s, 0.25);
  EXPECT_EQ(config.warmup_s, 0.01);
  EXPECT_EQ(config.startup_timeout_s, 5);
  EXPECT_EQ(config.chunk_timeout_s, 2);
  EXPECT_EQ(config.fault, "drop:1");
  EXPECT_EQ(config.fault_cell, "w2");
}

TEST(SweepOptions, ShapesAreReadAsTheyAreWritten) {
  const auto requested = [](const char* shape) {
    return Options({"--input-shape", shape})->Requested()["input_shape"];
  };
  EXPECT_EQ(requested("3,224,224"), Json({3, 224, 224}));
  EXPECT_EQ(requested("5"), Json::array({5}));
  EXPECT_EQ(requested("3,4;5"), Json({{3, 4}, {5}}));
  EXPECT_EQ(requested("scalar"), Json::array());
  EXPECT_EQ(requested("scalar;3"), Json({Json::array(), {3}}));
}

TEST(SweepOptions, ThereIsOneForEveryKey) {
  CLI::App app;
  SweepOptions options;
  options.Declare(app);
  for (std::string key : ConfigKeys()) {
    if (key == "options") key = "option";
    std::replace(key.begin(), key.end(), '_', '-');
    EXPECT_NE(app.get_option_no_throw("--" + key), nullptr) << key;
  }
}

TEST(SweepOptions, NothingGivenIsNothingRequested) {
  EXPECT_EQ(Options({})->Requested(), Json::object());
}

TEST_F(SuiteFile, GivesKeysThatNoOptionOverrides) {
  const std::string suite =
      Write(R"({"workload": "null", "workers": [1, 2], "chunk": 4, "seed": 5})");
  const SweepConfig config = Parse({suite, "--workers", "3", "--seed", "6"});
  EXPECT_EQ(config.workers.values, (std::vector<int>{3}));
  EXPECT_EQ(config.seed, 6u);
  EXPECT_EQ(config.chunks, (std::vector<int64_t>{4}));
  EXPECT_EQ(config.workload.name, "null");
}

TEST_F(SuiteFile, MayHaveComments) {
  EXPECT_EQ(Parse({Write("{\n// the harness alone\n\"workload\": \"null\"}")}).workload.name,
            "null");
}

TEST_F(SuiteFile, WorkloadOptionsAreMergedKeyByKey) {
  const std::string suite =
      Write(R"({"workload": "null", "options": {"item_bytes": 100, "answer_bytes": 200}})");
  const SweepConfig config = Parse({suite, "--option", "item_bytes=300"});
  EXPECT_EQ(config.workload.options,
            (std::map<std::string, std::string>{{"item_bytes", "300"}, {"answer_bytes", "200"}}));
}

TEST(SweepOptions, WorkloadOptionsMayBeRepeated) {
  const SweepConfig config = Parse({"--workload", "null", "--option", "item_bytes=10", "--option",
                                    "answer_bytes=20", "--option", "item_bytes=30"});
  EXPECT_EQ(config.workload.options,
            (std::map<std::string, std::string>{{"item_bytes", "30"}, {"answer_bytes", "20"}}));
}

TEST_F(SuiteFile, ThatIsNotJsonIsShownWithThePosition) {
  const std::string suite = Write("{\n  \"workers\": [1,\n}");
  EXPECT_THAT(MessageOf({suite}), AllOf(StartsWith(suite + ": not JSON: parse error at line 3"),
                                        testing::Not(HasSubstr("json.exception"))));
}

TEST_F(SuiteFile, ThatIsNoObjectIsRefused) {
  const std::string suite = Write("[1, 2]");
  EXPECT_THAT(MessageOf({suite}), StartsWith(suite + ": a suite is a JSON object"));
}

TEST_F(SuiteFile, ThatIsMissingIsNamed) {
  EXPECT_THAT(MessageOf({"/no/such.json"}), HasSubstr("/no/such.json"));
}

TEST_F(SuiteFile, MessagesNameWhereAValueCameFrom) {
  const std::string suite = Write(R"({"workload": "null", "credit": 0, "bogus": 1})");
  EXPECT_THAT(MessageOf({suite}), StartsWith(suite + ": bogus: unknown key"));
  const std::string other = Write(R"({"workload": "null", "credit": 0})");
  EXPECT_THAT(MessageOf({other}), StartsWith(other + ": credit: expected"));
  EXPECT_THAT(MessageOf({other, "--credit", "many"}), StartsWith("--credit: expected"));
}

TEST(SweepOptions, BadValuesAreUsageErrorsThatNameTheOption) {
  EXPECT_THAT(MessageOf({"-w", "null", "--workers", "two"}), StartsWith("--workers: "));
  EXPECT_THAT(MessageOf({"-w", "null", "--dispatch", "push"}),
              AllOf(StartsWith("--dispatch: "), HasSubstr("one of dynamic, static, guided, pull")));
  EXPECT_THAT(MessageOf({"-w", "null", "--wait", "spin,poll"}),
              AllOf(StartsWith("--wait: "), HasSubstr("one of adaptive, block, spin")));
  EXPECT_THAT(MessageOf({"-w", "null", "--order", "any"}),
              AllOf(StartsWith("--order: "), HasSubstr("one of input, completion")));
  EXPECT_THAT(MessageOf({"-w", "null", "--on-worker-death", "retry"}),
              AllOf(StartsWith("--on-worker-death: "), HasSubstr("one of fail, replace")));
  EXPECT_THAT(MessageOf({"-w", "null", "--workers", "1,0"}), StartsWith("--workers: "));
  EXPECT_THAT(MessageOf({"-w", "null", "--window-s", "1e999"}), StartsWith("--window-s: "));
  EXPECT_THAT(MessageOf({"-w", "null", "--items", "1.5"}), StartsWith("--items: "));
  EXPECT_THAT(MessageOf({"-w", "null", "--input-shape", "3,x"}), StartsWith("--input-shape: "));
  EXPECT_THAT(MessageOf({"-w", "null", "--input-shape", "3;"}), testing::Not("no error"));
  EXPECT_THAT(MessageOf({"-w", "null", "--option", "item_bytes"}), HasSubstr("expected KEY=VALUE"));
  EXPECT_THAT(MessageOf({"-w", "null", "--option", "=3"}), HasSubstr("expected KEY=VALUE"));
  EXPECT_THAT(MessageOf({"-w", "null", "--fault", "explode:1"}), StartsWith("--fault explode:1"));
}

TEST(SweepOptions, WorkloadIsCheckedAsFarAsThatNeedsNoLoading) {
  EXPECT_THAT(MessageOf({"-w", "nul"}), StartsWith("--workload nul: unknown workload"));
  EXPECT_THAT(MessageOf({"-w", "null", "--option", "speed=1"}),
              AllOf(StartsWith("--option speed=1: "), HasSubstr("item_bytes")));
  EXPECT_THAT(MessageOf({"-w", "null", "--option", "item_bytes=x"}),
              StartsWith("--option item_bytes=x: "));
  EXPECT_THAT(MessageOf({}), HasSubstr("--workload"));
}

HostFacts FourCpus() {
  HostFacts facts;
  for (int i = 0; i < 4; ++i) {
    facts.allowed.Add(i);
    facts.topology.pus.push_back({i, i, 0, 0, 0});
  }
  return facts;
}

TEST(ReproCommand, MeasuresJustTheCellItIsMadeFor) {
  const SweepConfig config = Parse({"-w",
                                    "null",
                                    "--modes",
                                    "processes,threads",
                                    "--workers",
                                    "auto",
                                    "--threads",
                                    "1,2",
                                    "--chunk",
                                    "1,8",
                                    "--transport",
                                    "pipe,unix,shm",
                                    "--option",
                                    "item_bytes=64",
                                    "--items",
                                    "100",
                                    "--seed",
                                    "18446744073709551615",
                                    "--dispatch",
                                    "dynamic,pull",
                                    "--credit",
                                    "7,auto",
                                    "--wait",
                                    "adaptive,spin",
                                    "--order",
                                    "completion",
                                    "--on-worker-death",
                                    "replace",
                                    "--worker-start",
                                    "zygote",
                                    "--window-s",
                                    "0.1234567",
                                    "--warmup-s",
                                    "0",
                                    "--chunk-timeout-s",
                                    "33.5",
                                    "--fault",
                                    "drop:3",
                                    "--fault-cell",
                                    "it's w2",
                                    "--reference-every",
                                    "7",
                                    "--repetitions",
                                    "2"});
  const Plan plan = MakePlan(config, FourCpus());
  ASSERT_GT(plan.cells.size(), 40u);
  for (const PlannedCell& planned : plan.cells) {
    Words words = Split(ReproCommand(plan.config, planned.cell));
    ASSERT_EQ((Words{words.at(0), words.at(1)}), (Words{"coresweep", "run"}));
    words.erase(words.begin(), words.begin() + 2);
    const SweepConfig again = Parse(words);
    const Plan narrowed = MakePlan(again, FourCpus());
    int same_mode = 0;
    for (const PlannedCell& other : narrowed.cells) {
      if (other.cell.mode != planned.cell.mode) continue;
      ++same_mode;
      EXPECT_EQ(other.cell, planned.cell);
      EXPECT_EQ(other.placement.workers, planned.placement.workers);
    }
    EXPECT_EQ(same_mode, 1) << planned.cell.Id();
    Json expected = Json::parse(ToJson(plan.config).dump());
    Json found = Json::parse(ToJson(again).dump());
    for (const char* axis : {"modes", "workers", "threads", "placement", "width", "dispatcher",
                             "chunk", "transport", "dispatch", "credit", "wait"}) {
      expected.erase(axis);
      found.erase(axis);
    }
    EXPECT_EQ(found, expected);
  }
}

std::string ResumeMessageOf(const Words& words) {
  try {
    (void)Options(words)->ParseResumed({{"workload", "null"}}, "r.journal");
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

TEST(SweepOptions, AResumedSweepHasTheConfigurationOfItsJournal) {
  const Json requested = {{"workload", "null"}, {"workers", {3}}, {"seed", 7}};
  const SweepConfig config = Options({})->ParseResumed(requested, "r.journal");
  EXPECT_EQ(config.workload.name, "null");
  EXPECT_EQ(config.workers.values, (std::vector<int>{3}));
  EXPECT_EQ(config.seed, 7u);
}

TEST(SweepOptions, AResumedSweepHasTheBudgetThatIsGivenNowOrNone) {
  const Json requested = {{"workload", "null"}, {"budget", "5s"}};
  EXPECT_EQ(Options({})->ParseResumed(requested, "j").budget_s, std::nullopt);
  EXPECT_EQ(Options({"--budget", "10m"})->ParseResumed(requested, "j").budget_s, 600.0);
  EXPECT_EQ(ResumeMessageOf({"--budget", "soon"}).find("--budget: expected"), 0u);
}

TEST_F(SuiteFile, AResumedSweepTakesNothingElse) {
  EXPECT_THAT(ResumeMessageOf({"--seed", "7"}),
              AllOf(StartsWith("--seed: not with --resume"), HasSubstr("r.journal")));
  EXPECT_THAT(ResumeMessageOf({Write(R"({"chunk": 4})")}), HasSubstr(": chunk: not with --resume"));
}

TEST(SweepOptions, AJournalOfUnknownKeysIsNamed) {
  try {
    (void)Options({})->ParseResumed({{"workload", "null"}, {"x", 1}}, "r.journal");
    ADD_FAILURE() << "took it";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), StartsWith("r.journal: x: unknown key"));
  }
}

TEST(SweepOptions, TheBudgetIsOfASweepAndNotOfItsCells) {
  const Options options({"-w", "null", "--budget", "90s"});
  EXPECT_EQ(options->BudgetSeconds(), 90.0);
  EXPECT_EQ(options->Parse().budget_s, 90.0);
  EXPECT_EQ(options->ParseCell({}, "", 2).budget_s, std::nullopt);
  EXPECT_THROW((void)options->ParseCell({"budget=5s"}, "--base-set", 2), UsageError);
  EXPECT_EQ(Options({"-w", "null"})->BudgetSeconds(), std::nullopt);
}

}  // namespace
}  // namespace coresweep::sweep_options_test
