#include "reports/sweep_audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/core/search_schedule.h"
#include "reports/deterministic_report.h"
#include "reports/json_report.h"
#include "reports/replayed_console.h"
#include "reports/report_schema.h"
#include "reports/stored_trial.h"
#include "reports/trial_json.h"
#include "tests/support/example_sweep.h"
#include "tests/support/full_trial.h"

namespace coresweep::sweep_audit_test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;
using ::testing::UnorderedElementsAreArray;
using Json = nlohmann::json;
using example::MakeCell;

/// Items a second of a cell in a repetition; no two are alike.
double ThroughputOf(const Cell& cell, size_t order) {
  return 100.0 * (1 + 0.9 * (cell.workers - 1)) + 0.37 * static_cast<double>(order % 7);
}

TrialMeasurement MeasurementOf(const Cell& cell, size_t order) {
  TrialMeasurement measurement = example::GoodMeasurement(ThroughputOf(cell, order));
  measurement.chunks = 20;
  for (uint64_t i = 0; i < 20; ++i) {
    measurement.samples.push_back(
        example::MakeSample(i, example::kWindowBeginNs + static_cast<int64_t>(i) * 21'000'001));
  }
  measurement.samples_total = 20;
  for (int i = 0; i < cell.workers; ++i)
    measurement.workers.push_back(example::FullWorker(i));
  if (cell.mode == Mode::kProcesses)
    measurement.dispatcher = DispatcherUse{5'000'000, 625'000'000, 1'000'000, 48, "0-1", 40, 6};
  measurement.system.throttle = ThrottleDelta{6, 0, 0};
  measurement.ordering.head_of_line_ns = 1'250'001;
  return measurement;
}

/// A plan of one process, and one to four workers each way.
SweepResult PlannedSweep() {
  example::SweepBuilder builder;
  builder.AddCell(MakeCell(Mode::kSerial, 1));
  for (const int workers : {1, 2, 4}) {
    builder.AddCell(MakeCell(Mode::kIndependent, workers));
    builder.AddCell(MakeCell(Mode::kProcesses, workers));
  }
  SweepResult sweep = std::move(builder.sweep());
  sweep.plan.config.repetitions = 2;
  sweep.calls = {{1'767'225'600'000, "coresweep run", 0, 5'000'000'001}};
  SkipCells(sweep.plan, [](const PlannedCell&) { return std::string(); });  // makes its trials
  return sweep;
}

using Alter = std::function<void(const Cell&, TrialMeasurement&)>;

/// Every trial that the plan or the search asks for.
SweepResult MeasuredSweep(SweepResult sweep, const Alter& alter = nullptr) {
  const auto schedule = MakeSchedule(sweep.plan);
  while (const auto trial = schedule->Next()) {
    const Cell& cell = sweep.plan.cells[static_cast<size_t>(trial->cell_index)].cell;
    TrialResult result{*trial, 0, MeasurementOf(cell, sweep.trials.size()), 750'000'003};
    if (alter) alter(cell, result.measurement);
    schedule->Add(result);
    sweep.trials.push_back(std::move(result));
  }
  if (schedule->Found() != nullptr) sweep.search = *schedule->Found();
  return sweep;
}

Json ReportOf(const SweepResult& sweep) {
  return Json::parse(RenderJsonReport(sweep, {}));
}

/// Of the sweep that most tests look at.
const Json& GridReport() {
  static const Json report = ReportOf(MeasuredSweep(PlannedSweep()));
  return report;
}

/// Pointers of what is not as the trials give it.
std::vector<std::string> WrongIn(const Json& report) {
  std::vector<std::string> pointers;
  for (const AuditDifference& difference : AuditSweep(report, "r.json").differences)
    pointers.push_back(difference.pointer);
  return pointers;
}

std::vector<std::string> WrongAfter(const std::string& pointer, const Json& value) {
  Json report = GridReport();
  report.at(Json::json_pointer(pointer)) = value;
  return WrongIn(report);
}

std::string Refusal(const Json& report) {
  try {
    (void)AuditSweep(report, "r.json");
  } catch (const UsageError& error) {
    return error.what();
  }
  return "none";
}

TEST(SweepAudit, AReportAgreesWithItsTrials) {
  const Json report = GridReport();
  ASSERT_THAT(CheckReport(report), IsEmpty());
  const SweepAudit audit = AuditSweep(report, "r.json");
  EXPECT_THAT(audit.differences, IsEmpty()) << RenderSweepAudit(audit, "r.json");
  EXPECT_THAT(audit.left_out, IsEmpty());
  EXPECT_EQ(audit.cells, 7);
  EXPECT_EQ(audit.trials, static_cast<int64_t>(report["trials"].size()));
  EXPECT_GT(audit.values, 500);
  EXPECT_THAT(report["recommended"], "processes/w4/t1/compact/c8/shm");
}

TEST(SweepAudit, NothingOfATrialIsLostOnTheWay) {
  SweepResult sweep = example::FullSweep();
  TrialResult full = example::TrialWithEveryField();
  full.measurement.outcome = Outcome::kIncorrect;
  full.measurement.output.max_abs_diff = HUGE_VAL;
  full.measurement.gate_ns = 1'000'000;  // a double holds nanoseconds of some days, not of years
  full.measurement.window = {101'000'001, 601'000'003};
  full.measurement.drained_ns = 701'000'007;
  full.trial = {2, 1, TrialRole::kRace};
  sweep.trials.push_back(full);
  std::vector<std::string> ids;
  for (const PlannedCell& planned : sweep.plan.cells)
    ids.push_back(planned.cell.Id());
  for (size_t i = 0; i < sweep.trials.size(); ++i) {
    Json before = Json::parse(TrialJson(sweep, i, 1'000).dump());
    SweepResult again = sweep;
    again.trials[i] = TrialFromReport(before, ids);
    before["started"] = nullptr;  // is not read
    EXPECT_EQ(Json::parse(TrialJson(again, i, 1'000).dump()), before);
  }
}

TEST(SweepAudit, EachFigureThatWasChangedIsFoundByItsPointer) {
  const std::vector<std::string> pointers{"/calls/0/trials",
                                          "/cells/6/chunk_cost/workers/cpu_us_per_chunk/median",
                                          "/cells/6/chunk_times/compute",
                                          "/cells/6/dispatch_efficiency/high",
                                          "/cells/6/latency/p50",
                                          "/cells/6/ordering/answers",
                                          "/cells/6/ordering/head_of_line_us_per_chunk",
                                          "/cells/6/output_check/compared",
                                          "/cells/6/parallel_efficiency/low",
                                          "/cells/6/speedup/interval/values",
                                          "/cells/6/speedup/median",
                                          "/cells/6/throughput/median",
                                          "/scaling/0/amdahl/sigma",
                                          "/time/measuring_s",
                                          "/trials/3/log_ratio_to_reference",
                                          "/trials/3/throughput"};
  Json report = GridReport();
  for (const std::string& pointer : pointers) {
    Json& value = report.at(Json::json_pointer(pointer));
    value = value.get<double>() + 1;
  }
  EXPECT_THAT(WrongIn(report), UnorderedElementsAreArray(pointers));
}

TEST(SweepAudit, TheLastBitCounts) {
  const auto throughput = GridReport()["cells"][6]["throughput"]["median"].get<double>();
  EXPECT_THAT(WrongAfter("/cells/6/throughput/median", std::nextafter(throughput, 1e9)), SizeIs(1));
}

TEST(SweepAudit, EachWordThatWasChangedIsFound) {
  Json report = GridReport();
  report["cells"][2]["verdict"] = "failed";
  report["cells"][2]["reason"] = "none";
  report["cells"][2]["warnings"] = {"all is well"};
  report["cells"][3]["causes"] = {1};
  report["finished"] = false;
  report["recommended"] = "serial/w1/t1/compact/c8";
  report["trials"][0]["workers"][0]["placement_held"] = false;
  const std::vector<std::string> wrong = WrongIn(report);
  for (const char* pointer :
       {"/cells/2/verdict", "/cells/2/reason", "/cells/2/warnings/0", "/cells/3/causes",
        "/finished", "/recommended", "/trials/0/workers/0/placement_held"})
    EXPECT_THAT(wrong, Contains(pointer));
  EXPECT_THAT(wrong, SizeIs(7));
}

TEST(SweepAudit, ATrialThatWasChangedIsFoundInAllThatIsMadeOfIt) {
  const auto items = GridReport()["trials"][1]["items_in_window"].get<double>();
  const auto wrong = WrongAfter("/trials/1/items_in_window", items * 2);
  EXPECT_THAT(wrong, Contains("/trials/1/throughput"));
  EXPECT_THAT(wrong, Contains("/trials/1/log_ratio_to_reference"));
  EXPECT_THAT(wrong, Contains(StartsWith("/cells/")));
  EXPECT_THAT(WrongAfter("/trials/1/outcome", "incorrect"), Contains(testing::EndsWith("verdict")));
}

TEST(SweepAudit, TrialsInAnotherOrderThanTheSeedGivesAreFound) {
  Json report = GridReport();
  std::swap(report["trials"][2], report["trials"][3]);
  EXPECT_THAT(WrongIn(report), Contains("/trials"));
  report = GridReport();
  report["config"]["effective"]["seed"] = 77;
  EXPECT_THAT(WrongIn(report), Contains("/trials"));
}

TEST(SweepAudit, ASweepWithFailuresAndDisturbancesAgrees) {
  const SweepResult sweep = MeasuredSweep(PlannedSweep(), [](const Cell& cell,
                                                             TrialMeasurement& of) {
    if (cell.mode == Mode::kIndependent && cell.workers == 2)
      of = example::BadMeasurement(Outcome::kFailed, "worker 1 was killed by signal 9 (SIGKILL)");
    if (cell.mode == Mode::kIndependent && cell.workers == 4) of.system.throttle = {10, 9, 123};
    if (cell.mode == Mode::kProcesses && cell.workers == 2) {
      of.workers[1].at_end.thread_cpus = {"0"};
      of.warnings = {"throttled: says a worker", "the allowed CPUs changed from 4 to 2"};
    }
    if (cell.mode == Mode::kProcesses && cell.workers == 4) of.outcome = Outcome::kDisordered;
  });
  const Json report = ReportOf(sweep);
  EXPECT_EQ(report["cells"][3]["verdict"], "failed");
  EXPECT_EQ(report["cells"][4]["verdict"], "displaced");
  EXPECT_EQ(report["cells"][5]["verdict"], "throttled");
  EXPECT_EQ(report["cells"][6]["verdict"], "disordered");
  EXPECT_THAT(WrongIn(report), IsEmpty());
}

TEST(SweepAudit, AnInterruptedSweepAgreesWithWhatItHas) {
  SweepResult sweep = MeasuredSweep(PlannedSweep());
  sweep.trials.resize(8);
  sweep.trials.back().measurement =
      example::BadMeasurement(Outcome::kInterrupted, "stopped by SIGINT");
  sweep.interrupted = true;
  const Json report = ReportOf(sweep);
  EXPECT_EQ(report["finished"], false);
  EXPECT_THAT(WrongIn(report), IsEmpty());
}

TEST(SweepAudit, ASearchIsToldOfItsTrialsAgain) {
  SweepResult planned = PlannedSweep();
  planned.plan.config.search = SearchMode::kQuick;
  SkipCells(planned.plan, [](const PlannedCell&) { return std::string(); });
  Json report = ReportOf(MeasuredSweep(planned));
  ASSERT_FALSE(report["search"]["choice"].is_null());
  EXPECT_THAT(WrongIn(report), IsEmpty());
  report["search"]["choice"] = "serial/w1/t1/compact/c8";
  report["search"]["cells"][2]["over_reference"]["median"] = 9.5;
  EXPECT_THAT(WrongIn(report),
              UnorderedElementsAre("/search/choice", "/search/cells/2/over_reference/median"));
}

TEST(SweepAudit, WhatNeedsSamplesThatTheReportThinnedIsNamed) {
  const SweepResult sweep =
      MeasuredSweep(PlannedSweep(), [](const Cell& cell, TrialMeasurement& of) {
        if (cell.mode != Mode::kProcesses || cell.workers != 4) return;
        const auto samples = of.samples;
        while (of.samples.size() < 3'000)
          of.samples.insert(of.samples.end(), samples.begin(), samples.end());
      });
  Json report = ReportOf(sweep);
  EXPECT_LT(report["trials"][0]["samples"]["kept"], 3'000);
  const SweepAudit audit = AuditSweep(report, "r.json");
  EXPECT_THAT(audit.differences, IsEmpty()) << RenderSweepAudit(audit, "r.json");
  EXPECT_THAT(audit.left_out,
              ElementsAre(AllOf(StartsWith("latency and chunk_times of 1 cell, causes of 1 cell"),
                                HasSubstr("samples.recorded"))));
  report["cells"][6]["speedup"]["median"] = 3.5;
  EXPECT_THAT(WrongIn(report), Contains("/cells/6/speedup/median"));
}

TEST(SweepAudit, OldAndDeterministicReportsAreRefusedWithWhatToDo) {
  Json old = GridReport();
  old["schema_version"]["minor"] = 2;
  EXPECT_THAT(Refusal(old), AllOf(StartsWith("r.json: is of version 2.2"), HasSubstr("2.3 do")));
  EXPECT_THAT(Refusal(DeterministicReport(GridReport())),
              HasSubstr("analyze the report that it was made from"));
}

TEST(SweepAudit, ADamagedFieldIsNamedWithItsPlace) {
  Json report = GridReport();
  report["trials"][2]["samples"].erase("recorded");
  report["trials"][2]["cell"] = "processes/w9/t1/compact/c8/shm";
  EXPECT_THAT(Refusal(report), HasSubstr("trials 2: cell \"processes/w9/t1/compact/c8/shm\""));
  report = GridReport();
  report["cells"][1]["workers"] = 3;
  EXPECT_THAT(Refusal(report), HasSubstr("cells 1: id is not that of its axes"));
  report = GridReport();
  report["trials"][1]["window_end_ms"] = 1e300;
  EXPECT_THAT(Refusal(report), HasSubstr("trials 1: a time is beyond"));
}

TEST(SweepAudit, ThePageNamesTheFirstDifferencesWithBothValues) {
  Json report = GridReport();
  for (Json& cell : report["cells"])
    cell["verdict"] = "unstable";
  report["recommended"] = std::string(500, 'x');
  const std::string page = RenderSweepAudit(AuditSweep(report, "r.json"), "r.json");
  EXPECT_THAT(page, HasSubstr("8 are not as in the report\n"));
  EXPECT_THAT(page, HasSubstr("  /cells/0/verdict: \"unstable\" in the report, \"ok\" from its"));
  EXPECT_THAT(page, HasSubstr("x… in the report"));
  EXPECT_THAT(page, HasSubstr("taken as given: host, "));
}

/// The page that the report gives again.
std::string ReplayedPage(const Json& report) {
  return ReplayConsole(report, ReadStoredPage(report, "r.json"), "r.json", {100, false}).text;
}

TEST(ReplayConsole, IsThePageOfTheRunWithLawsCausesFailuresAndSkippedCells) {
  const auto slow = [](const Cell& cell, TrialMeasurement& measurement) {
    if (cell.mode == Mode::kIndependent && cell.workers == 2)
      measurement.outcome = Outcome::kIncorrect;
  };
  SweepResult sweep = MeasuredSweep(PlannedSweep(), slow);
  sweep.plan.skipped = {{MakeCell(Mode::kProcesses, 64), "too many workers"}};
  const std::string page = RenderConsole(sweep, {100, false});
  for (const char* part :
       {"Scaling over workers:", "Amdahl's law", "incorrect", "Skipped:\n", "Took "})
    EXPECT_THAT(page, HasSubstr(part));
  EXPECT_EQ(ReplayedPage(ReportOf(sweep)), page);
}

TEST(ReplayConsole, OfFiguresThatTheTrialsDoNotGiveThereIsNone) {
  Json report = GridReport();
  report["cells"][1]["latency"]["p50"] = 1.5;
  const ReplayedConsole again =
      ReplayConsole(report, ReadStoredPage(report, "r.json"), "r.json", {100, false});
  EXPECT_EQ(again.text, "");
  EXPECT_THAT(again.why_not, HasSubstr("coresweep analyze r.json names them"));
  report = GridReport();
  report["schema_version"]["minor"] = 2;
  EXPECT_EQ(ReplayedPage(report), "");
}

}  // namespace
}  // namespace coresweep::sweep_audit_test
