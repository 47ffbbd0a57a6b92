#include "reports/cell_json.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "tests/support/example_sweep.h"

namespace coresweep {
namespace {

using Json = nlohmann::ordered_json;

Json CellAt(const SweepResult& sweep, int index) {
  return CellJson(sweep, SummarizeCell(sweep, index));
}

TEST(CellJson, ShowsFiguresWithUnitsAndWhatTheyAreOver) {
  const Json cell = CellAt(example::FullSweep(), 2);
  EXPECT_EQ(cell["id"], "processes/w2/t1/compact/c8/shm");
  EXPECT_EQ(cell["verdict"], "ok");
  EXPECT_TRUE(cell["reason"].is_null());
  EXPECT_EQ(cell["throughput"]["median"], 186);
  EXPECT_EQ(cell["throughput"]["unit"], "items/s");
  EXPECT_EQ(cell["speedup"]["median"], 1.9375);
  EXPECT_EQ(cell["speedup"]["over"], "serial/w1/t1/compact/c8");
  EXPECT_EQ(cell["parallel_efficiency"]["median"], 0.96875);
  EXPECT_EQ(cell["dispatch_efficiency"]["median"], 0.96875);
  EXPECT_EQ(cell["dispatch_efficiency"]["over"], "independent/w2/t1/compact/c8");
}

TEST(CellJson, OfAFailedCellHasNullForAllThatWasNotMeasured) {
  const Json cell = CellAt(example::FullSweep(), 3);
  EXPECT_EQ(cell["verdict"], "failed");
  EXPECT_EQ(cell["reason"], "worker 1 was killed by signal 9 (SIGKILL)");
  EXPECT_EQ(cell["repetitions"], 0);
  for (const char* figure :
       {"throughput", "speedup", "parallel_efficiency", "dispatch_efficiency"}) {
    for (const char* part : {"median", "low", "high"})
      EXPECT_TRUE(cell[figure][part].is_null()) << figure << " " << part;
  }
  for (const auto& [key, value] : cell["ordering"].items())
    EXPECT_TRUE(value.is_null()) << key;
  EXPECT_TRUE(cell["output_check"]["verdict"].is_null());
  EXPECT_TRUE(cell["output_check"]["max_abs_diff"].is_null());
  EXPECT_TRUE(cell["latency"]["max"].is_null());
  EXPECT_EQ(cell["workers_detail"], Json::array());
}

TEST(CellJson, HasNoDispatchFiguresWithoutADispatcher) {
  const Json cell = CellAt(example::FullSweep(), 1);
  EXPECT_TRUE(cell["dispatch_efficiency"].is_null());
  EXPECT_EQ(cell["ordering"]["verdict"], "ok");
  EXPECT_EQ(cell["ordering"]["missing"], 0);
  EXPECT_TRUE(cell["ordering"]["completion_inversions"].is_null());
  EXPECT_TRUE(cell["ordering"]["max_reorder_depth"].is_null());
  EXPECT_TRUE(cell["ordering"]["head_of_line_ms"].is_null());
}

TEST(CellJson, ShowsTheWorkersOfTheLatestTrialThatWasMeasured) {
  example::SweepBuilder builder;
  builder.AddMeasured(example::MakeCell(Mode::kProcesses, 2), {100, 100});
  builder.sweep().trials[0].measurement.workers = {example::FullWorker(0)};
  builder.sweep().trials[1].measurement.workers = {example::FullWorker(1)};
  auto failed = example::BadMeasurement(Outcome::kFailed, "died");
  failed.workers = {example::FullWorker(2)};
  builder.AddTrial(0, 2, failed);
  const Json workers = CellAt(builder.sweep(), 0)["workers_detail"];
  ASSERT_EQ(workers.size(), 1u);
  EXPECT_EQ(workers[0]["index"], 1);
  EXPECT_EQ(workers[0]["cpus_effective"], "1");
  EXPECT_EQ(workers[0]["threads_effective"], 1);
}

TEST(CellJson, ShowsTheWorkersOfAFailureWhenThereIsNothingElse) {
  example::SweepBuilder builder;
  builder.AddCell(example::MakeCell(Mode::kProcesses, 2));
  auto failed = example::BadMeasurement(Outcome::kFailed, "died");
  failed.workers = {example::FullWorker(2)};
  builder.AddTrial(0, 0, failed);
  EXPECT_EQ(CellAt(builder.sweep(), 0)["workers_detail"][0]["index"], 2);
}

TEST(WorkerJson, SetsWhatWasAskedForBesideWhatWasReadBack) {
  WorkerMeasurement worker = example::FullWorker(1);
  Json json = WorkerJson(worker);
  EXPECT_EQ(json["placement_held"], true);
  EXPECT_EQ(json["thread_cpus_requested"], Json({"1"}));
  EXPECT_EQ(json["at_end"]["thread_cpus"], Json({"1"}));
  EXPECT_EQ(json["at_end"]["masks"][0]["threads"], 3);
  EXPECT_EQ(json["at_end"]["memory_policy"], "bind:0");
  EXPECT_TRUE(json["after_binding"]["thread_cpus"].is_null());
  EXPECT_EQ(json["use"]["interval_ms"], 500);
  EXPECT_EQ(json["use"]["run_queue_ms"], 1.5);
  worker.at_end.thread_cpus = {"0"};
  EXPECT_EQ(WorkerJson(worker)["placement_held"], false);
}

TEST(CellJson, TellsWidthDispatcherAndWhetherItIsOversubscribed) {
  example::SweepBuilder builder;
  Cell cell = example::MakeCell(Mode::kProcesses, 2);
  cell.width = Width::kCore;
  cell.dispatcher = DispatcherPlace::kOwn;
  builder.AddCell(cell, true);
  builder.sweep().plan.cells[0].placement.dispatcher = {3};
  builder.AddCell(example::MakeCell(Mode::kSerial, 1));
  const Json json = CellAt(builder.sweep(), 0);
  EXPECT_EQ(json["width"], "core");
  EXPECT_EQ(json["dispatcher"], "own");
  EXPECT_EQ(json["dispatcher_cpus"], "3");
  EXPECT_EQ(json["oversubscribed"], true);
  EXPECT_TRUE(CellAt(builder.sweep(), 1)["dispatcher"].is_null());
}

TEST(CellJson, TellsDispatchCreditAndWaitOfProcessesAlone) {
  example::SweepBuilder builder;
  Cell cell = example::MakeCell(Mode::kProcesses, 2);
  builder.AddCell(cell);
  cell.dispatch = Dispatch::kStatic;
  cell.credit = 4;
  cell.wait = Wait::kSpin;
  builder.AddCell(cell);
  builder.AddCell(example::MakeCell(Mode::kThreads, 2));
  const Json usual = CellAt(builder.sweep(), 0);
  EXPECT_EQ(Json({usual["dispatch"], usual["credit"], usual["wait"]}),
            Json({"dynamic", "auto", "adaptive"}));
  const Json other = CellAt(builder.sweep(), 1);
  EXPECT_EQ(Json({other["dispatch"], other["credit"], other["wait"]}), Json({"static", 4, "spin"}));
  const Json threads = CellAt(builder.sweep(), 2);
  for (const char* key : {"dispatch", "credit", "wait"})
    EXPECT_TRUE(threads[key].is_null()) << key;
}

TEST(AxesJson, HasNoCreditForWorkersThatPull) {
  Cell cell = example::MakeCell(Mode::kProcesses, 2);
  cell.dispatch = Dispatch::kPull;
  EXPECT_TRUE(AxesJson(cell)["credit"].is_null());
  EXPECT_EQ(AxesJson(cell)["dispatch"], "pull");
}

TEST(CellJson, GivesTheCostOfAChunkForWorkersAndDispatcher) {
  const Json cost = CellAt(example::FullSweep(), 2)["chunk_cost"];
  // 490 ms over the 12 / 96 of 46.5 items of each worker.
  EXPECT_NEAR(cost["workers"]["cpu_us_per_chunk"]["median"].get<double>(), 84301.075, 0.001);
  EXPECT_TRUE(cost["workers"]["why_null"].is_null());
  EXPECT_NEAR(cost["dispatcher"]["cpu_us_per_chunk"]["median"].get<double>(), 208.333, 0.001);
  EXPECT_EQ(cost["dispatcher"]["wakeups_per_chunk"]["median"], 2);
  EXPECT_NEAR(cost["dispatcher"]["voluntary_switches_per_chunk"]["high"].get<double>(), 1.667,
              0.001);
  EXPECT_EQ(cost["dispatcher"]["involuntary_switches_per_chunk"]["low"], 0.25);
}

TEST(CellJson, HasNullAndTheReasonForACostThatWasNotMeasured) {
  const Json cost = CellAt(example::FullSweep(), 0)["chunk_cost"];
  EXPECT_TRUE(cost["dispatcher"].is_null());
  EXPECT_TRUE(cost["workers"]["cpu_us_per_chunk"]["median"].is_null());
  EXPECT_TRUE(cost["workers"]["why_null"].is_string());
}

TEST(CellJson, GivesTheCostOfOrderPerChunk) {
  const Json ordering = CellAt(example::FullSweep(), 2)["ordering"];
  EXPECT_EQ(ordering["max_reorder_depth"], 2);
  EXPECT_NEAR(ordering["head_of_line_us_per_chunk"].get<double>(), 1250.0 / 24, 1e-9);
  EXPECT_TRUE(CellAt(example::FullSweep(), 0)["ordering"]["head_of_line_us_per_chunk"].is_null());
}

TEST(WorkerJson, HasNullForWhatWasNotReadBack) {
  const Json worker = WorkerJson(WorkerMeasurement{});
  for (const char* key :
       {"pid", "cpus_requested", "cpus_effective", "cpus_after_warmup", "threads_effective",
        "inter_op_threads", "blas_threads", "os_threads", "library", "use", "at_end",
        "placement_held", "memory_requested", "max_rss_bytes", "pss_bytes"})
    EXPECT_TRUE(worker[key].is_null()) << key;
  for (const auto& [key, value] : worker["startup_ms"].items())
    EXPECT_TRUE(value.is_null()) << key;
}

TEST(OutputJson, ExplainsAnInfiniteDifference) {
  const Json check = OutputJson({5, 4, 1, std::numeric_limits<double>::infinity()}, {});
  EXPECT_EQ(check["verdict"], "incorrect");
  EXPECT_TRUE(check["max_abs_diff"].is_null());
  EXPECT_TRUE(check["max_abs_diff_note"].is_string());
  EXPECT_FALSE(OutputJson({5, 4, 0, 0.5}, {}).contains("max_abs_diff_note"));
  EXPECT_EQ(OutputJson({5, 4, 0, 0.5}, {})["verdict"], "ok");
}

TEST(OrderingJson, IsDisorderedByAnyFault) {
  EXPECT_EQ(OrderingJson({9, 0, 1, 0, 0}, Mode::kProcesses, 1, true)["verdict"], "disordered");
  EXPECT_EQ(OrderingJson({9, 0, 0, 0, 0}, Mode::kProcesses, 1, true)["verdict"], "ok");
}

}  // namespace
}  // namespace coresweep
