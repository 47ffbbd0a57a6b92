#include "reports/json_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "harness/core/doctor.h"
#include "harness/core/host_json.h"
#include "harness/core/repro.h"
#include "reports/report_schema.h"
#include "tests/base/temp_folder.h"
#include "tests/support/example_sweep.h"

namespace coresweep {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

JsonReportOptions Options(std::filesystem::path path = {}) {
  return {std::move(path), R"({"name":"coresweep","version":"0.1.0"})", R"({"workers":"auto"})",
          "coresweep run", 1'767'225'600'000};
}

/// Reports are valid by their schema, whatever the test is about.
Json Rendered(const SweepResult& sweep) {
  const std::string text = RenderJsonReport(sweep, Options());
  for (const SchemaFinding& finding : CheckReport(nlohmann::json::parse(text)))
    ADD_FAILURE() << finding.pointer << ": " << finding.text;
  return Json::parse(text);
}

std::vector<std::string> KeysOf(const Json& json) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items())
    keys.push_back(key);
  return keys;
}

/// A sweep that has `all`'s plan and the first `count` of its trials.
SweepResult FirstTrials(const SweepResult& all, size_t count) {
  SweepResult some = all;
  some.trials.resize(count);
  return some;
}

TEST(JsonReport, HasItsKeysInOrder) {
  EXPECT_THAT(
      KeysOf(Rendered(example::FullSweep())),
      ::testing::ElementsAre("schema", "schema_version", "tool", "created", "finished",
                             "interrupted", "resumed", "calls", "budget", "time", "host",
                             "container", "workload", "config", "search", "steady_state", "scaling",
                             "recommended", "cells", "knees", "trials", "skipped", "repro"));
}

// The parts that other files render are tested below and would make this one fail with them.
TEST(JsonReport, EqualsTheGoldenFile) {
  Json report = Rendered(example::FullSweep());
  report["host"] = "see harness/core/host_json";
  report["config"]["effective"] = "see harness/core/config";
  report["repro"] = "see harness/core/repro";
  const std::string text = report.dump(1) + "\n";
  const std::filesystem::path golden =
      std::filesystem::path(CORESWEEP_SOURCE_DIR) / "tests/fixtures/reports/full_sweep.json";
  if (std::getenv("CORESWEEP_UPDATE_GOLDEN") != nullptr) WriteFileAtomically(golden, text);
  EXPECT_EQ(text, ReadFile(golden))
      << "if the change is meant: CORESWEEP_UPDATE_GOLDEN=1 and rerun";
}

TEST(JsonReport, HoldsHostConfigurationAndACommandForEachCell) {
  const SweepResult sweep = example::FullSweep();
  const Json report = Rendered(sweep);
  Json host = report["host"];
  EXPECT_EQ(host["findings"], ToJson(Diagnose(sweep.facts, &sweep.runtime)));
  EXPECT_EQ(host["fingerprint"], Fingerprint(sweep.facts, &sweep.runtime));
  host.erase("findings");
  host.erase("fingerprint");
  EXPECT_EQ(host, ToJson(sweep.facts));
  EXPECT_EQ(report["config"]["effective"], ToJson(sweep.plan.config));
  EXPECT_EQ(report["config"]["requested"]["workers"], "auto");
  EXPECT_EQ(report["tool"]["name"], "coresweep");
  EXPECT_EQ(report["repro"].size(), sweep.plan.cells.size());
  EXPECT_EQ(report["repro"]["processes/w2/t1/compact/c8/shm"],
            ReproCommand(sweep.plan.config, sweep.plan.cells[2].cell));
}

TEST(JsonReport, TellsHowSizesVary) {
  SweepResult sweep = example::FullSweep();
  sweep.workload.item = ItemLayout({{DType::kInt64, {128}}}, Sizing::kVariable);
  sweep.item_sizes = SizeSpread{8, 500.5, 1000};
  const Json workload = Rendered(sweep)["workload"];
  EXPECT_EQ(workload["item"]["sizing"], "variable");
  EXPECT_EQ(workload["item"]["bytes"], 1024);  // the largest that may be
  EXPECT_EQ(workload["item"]["sizes_bytes"],
            (Json{{"smallest", 8}, {"mean", 500.5}, {"largest", 1000}}));
  EXPECT_EQ(workload["answer"]["sizing"], "fixed");
  EXPECT_TRUE(workload["answer"]["sizes_bytes"].is_null());
}

TEST(JsonReport, IsFinishedOnceEveryTrialOfThePlanIsThere) {
  SweepResult sweep = example::FullSweep();
  EXPECT_EQ(Rendered(sweep)["finished"], true);
  EXPECT_EQ(Rendered(FirstTrials(sweep, 3))["finished"], false);
  sweep.interrupted = true;
  EXPECT_EQ(Rendered(sweep)["finished"], false);
  EXPECT_EQ(Rendered(sweep)["interrupted"], true);
}

TEST(JsonReport, TellsOfItsCallsBudgetAndTime) {
  SweepResult sweep = FirstTrials(example::FullSweep(), 3);
  EXPECT_EQ(Rendered(sweep)["resumed"], 1);
  EXPECT_EQ(Rendered(sweep)["calls"].size(), 2u);
  EXPECT_TRUE(Rendered(sweep)["budget"].is_null());
  EXPECT_EQ(Rendered(sweep)["time"]["total_s"], 8.0);
  sweep.plan.config.budget_s = 60;
  sweep.ended_by = "the time budget of 1 min";
  EXPECT_EQ(Rendered(sweep)["budget"]["ended_sweep"], true);
  EXPECT_EQ(Rendered(sweep)["cells"][3]["verdict"], "pending");
  sweep.calls.clear();
  EXPECT_EQ(Rendered(sweep)["resumed"], 0);
}

TEST(JsonReport, StaysValidWhateverTextsItIsGiven) {
  const std::string hostile = "\"},\n\x01\x1b[31m\\ \xff</script>";
  SweepResult sweep = example::FullSweep();
  sweep.plan.config.workload.model = hostile;
  sweep.workload_warnings = {hostile};
  sweep.workload.facts[hostile] = hostile;
  sweep.runtime.blas_library = hostile;
  sweep.facts.warnings = {hostile};
  sweep.facts.cpu_model = hostile;
  sweep.plan.skipped[0].reason = hostile;
  sweep.plan.cells[2].cell.placement = hostile;
  sweep.trials[3].measurement.message = hostile;
  sweep.trials[2].measurement.warnings = {hostile};
  sweep.trials[2].measurement.workers[0].cpus_effective = hostile;
  JsonReportOptions options = Options();
  options.argv = hostile;
  sweep.calls[0].argv = hostile;
  const std::string text = RenderJsonReport(sweep, options);
  ASSERT_TRUE(Json::accept(text));
  const std::string clean = "\"},\n\x01\x1b[31m\\ \xEF\xBF\xBD</script>";
  EXPECT_EQ(Json::parse(text)["trials"][3]["message"], clean);
  EXPECT_EQ(Json::parse(text)["config"]["argv"], clean);
}

TEST(JsonReport, RefusesRenderedTextsThatAreNotJson) {
  JsonReportOptions options = Options("report.json");
  options.tool_json = "{";
  EXPECT_THROW(MakeJsonReport(options), Error);
  EXPECT_THROW(RenderJsonReport(example::FullSweep(), options), Error);
  options.tool_json = "";
  EXPECT_TRUE(Json::parse(RenderJsonReport(example::FullSweep(), options))["tool"].is_null());
}

TEST(JsonReportFile, IsWholeAfterBeginAfterEveryTrialAndAtTheEnd) {
  const TempFolder folder;
  const auto path = folder.path() / "report.json";
  const SweepResult all = example::FullSweep();
  const auto writer = MakeJsonReport(Options(path));

  writer->Begin(FirstTrials(all, 0));
  Json report = Json::parse(ReadFile(path));
  EXPECT_EQ(report["trials"].size(), 0u);
  EXPECT_EQ(report["finished"], false);
  for (const Json& cell : report["cells"])
    EXPECT_EQ(cell["verdict"], "pending");

  for (size_t count = 1; count <= all.trials.size(); ++count) {
    const SweepResult sweep = FirstTrials(all, count);
    writer->TrialStarts(sweep, sweep.trials.back().trial);
    writer->TrialEnded(sweep);
    EXPECT_EQ(ReadFile(path), RenderJsonReport(sweep, Options()))
        << "what was kept differs from what is rendered anew, after trial " << count;
  }
  writer->End(all);
  EXPECT_EQ(ReadFile(path), RenderJsonReport(all, Options()));
}

TEST(JsonReportFile, BeginsWithTheTrialsOfEarlierCalls) {
  const TempFolder folder;
  const auto path = folder.path() / "report.json";
  const SweepResult all = example::FullSweep();
  const auto writer = MakeJsonReport(Options(path));
  writer->Begin(FirstTrials(all, 2));
  EXPECT_EQ(ReadFile(path), RenderJsonReport(FirstTrials(all, 2), Options()));
  writer->TrialEnded(FirstTrials(all, 3));
  EXPECT_EQ(ReadFile(path), RenderJsonReport(FirstTrials(all, 3), Options()));
}

TEST(JsonReportFile, JudgesACellAnewWhenItsControlComesLater) {
  const TempFolder folder;
  const auto path = folder.path() / "report.json";
  SweepResult all = example::FullSweep();
  std::swap(all.trials[0], all.trials[2]);  // processes first, serial last
  const auto writer = MakeJsonReport(Options(path));
  writer->Begin(FirstTrials(all, 0));
  writer->TrialEnded(FirstTrials(all, 1));
  EXPECT_TRUE(Json::parse(ReadFile(path))["cells"][2]["speedup"]["median"].is_null());
  writer->TrialEnded(FirstTrials(all, 2));
  writer->TrialEnded(FirstTrials(all, 3));
  EXPECT_EQ(Json::parse(ReadFile(path))["cells"][2]["speedup"]["median"], 1.9375);
}

TEST(JsonReportFile, RendersATrialAnewWhenAReferenceBesideItComesLater) {
  const TempFolder folder;
  const auto path = folder.path() / "report.json";
  example::SweepBuilder builder;
  const int serial = builder.AddCell(example::MakeCell(Mode::kSerial, 1));
  const int cell = builder.AddCell(example::MakeCell(Mode::kProcesses, 2));
  const auto add_reference = [&](double items_per_s) {
    builder.AddTrial(serial, 0, example::GoodMeasurement(items_per_s), TrialRole::kReference);
  };
  add_reference(100);
  for (int i = 0; i < 3; ++i) {
    builder.AddTrial(serial, i, example::GoodMeasurement(100));
    builder.AddTrial(cell, i, example::GoodMeasurement(150));
    add_reference(100 + 10 * i);
  }
  const SweepResult& all = builder.sweep();
  const auto writer = MakeJsonReport(Options(path));
  writer->Begin(FirstTrials(all, 0));
  for (size_t count = 1; count <= all.trials.size(); ++count) {
    const SweepResult sweep = FirstTrials(all, count);
    writer->TrialEnded(sweep);
    EXPECT_EQ(ReadFile(path), RenderJsonReport(sweep, Options())) << count;
  }
}

TEST(JsonReportFile, TellsAnInterruptionInCellsThatWereNotReached) {
  const TempFolder folder;
  const auto path = folder.path() / "report.json";
  SweepResult sweep = FirstTrials(example::FullSweep(), 1);
  const auto writer = MakeJsonReport(Options(path));
  writer->Begin(FirstTrials(sweep, 0));
  writer->TrialEnded(sweep);
  sweep.interrupted = true;
  writer->End(sweep);
  const Json report = Json::parse(ReadFile(path));
  EXPECT_EQ(report["interrupted"], true);
  EXPECT_EQ(report["cells"][0]["verdict"], "ok");
  EXPECT_EQ(report["cells"][1]["verdict"], "interrupted");
}

TEST(JsonReportFile, IsDatedByTheWriterWhenNoDateIsGiven) {
  const TempFolder folder;
  JsonReportOptions options = Options(folder.path() / "report.json");
  options.created_unix_ms = 0;
  MakeJsonReport(options)->Begin(example::FullSweep());
  EXPECT_TRUE(Json::parse(ReadFile(options.path))["created"].is_string());
  EXPECT_TRUE(Json::parse(RenderJsonReport(example::FullSweep(), options))["created"].is_null());
}

TEST(JsonReportFile, NamesAPathThatCannotBeWritten) {
  const TempFolder folder;
  const auto path = folder.path() / "not there" / "report.json";
  try {
    MakeJsonReport(Options(path))->Begin(example::FullSweep());
    FAIL() << "wrote into a folder that does not exist";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr(path.string()));
  }
}

}  // namespace
}  // namespace coresweep
