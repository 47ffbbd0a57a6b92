#include "harness/core/repro.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coresweep {
namespace {

using testing::HasSubstr;
using testing::Not;

SweepConfig Config() {
  SweepConfig config;
  config.workload.name = "null";
  return config;
}

const Cell kCell{Mode::kProcesses, 2, 1, "compact", 8, "shm"};

TEST(ReproCommand, NamesAllThatTheCellAndTheTrialsDependOn) {
  EXPECT_EQ(ReproCommand(Config(), kCell),
            "coresweep run --workload null --modes processes --workers 2 --threads 1 "
            "--placement compact --chunk 8 --transport shm --repetitions 3 --seed 1 "
            "--window-s 0.5 --warmup-s 0.1 --measure-cpus-s 0.5 --startup-timeout-s 60");
}

TEST(ReproCommand, NamesATransportForProcessesAlone) {
  EXPECT_THAT(ReproCommand(Config(), {Mode::kThreads, 2, 1, "none", 1, "none"}),
              Not(HasSubstr("--transport")));
}

TEST(ReproCommand, NamesAWidthAndAPlaceOfTheDispatcherThatAreNotTheDefault) {
  Cell cell = kCell;
  EXPECT_THAT(ReproCommand(Config(), cell), Not(HasSubstr("--width")));
  EXPECT_THAT(ReproCommand(Config(), cell), Not(HasSubstr("--dispatcher")));
  cell.width = Width::kObject;
  cell.dispatcher = DispatcherPlace::kOwn;
  EXPECT_THAT(ReproCommand(Config(), cell), HasSubstr("--placement compact --width object "));
  EXPECT_THAT(ReproCommand(Config(), cell), HasSubstr("--transport shm --dispatcher own "));
}

TEST(ReproCommand, NamesAxesOfTheDispatcherThatAreNotTheDefault) {
  Cell cell = kCell;
  cell.dispatch = Dispatch::kStatic;
  cell.credit = 12;
  cell.wait = Wait::kBlock;
  EXPECT_THAT(ReproCommand(Config(), cell),
              HasSubstr("--transport shm --dispatch static --credit 12 --wait block "));
}

TEST(ReproCommand, NamesSettingsThatAreNotTheDefaultForEveryCell) {
  SweepConfig config = Config();
  config.order = Order::kCompletion;
  config.on_worker_death = OnWorkerDeath::kReplace;
  config.worker_start = WorkerStart::kZygote;
  EXPECT_THAT(ReproCommand(config, {Mode::kThreads, 2, 1, "none", 1, "none"}),
              HasSubstr("--order completion --on-worker-death replace --worker-start zygote "));
}

TEST(ReproCommand, QuotesWhatAShellWouldChange) {
  SweepConfig config = Config();
  config.workload.model = "/a b/it's $HOME.pt";
  config.workload.options = {{"k", "a;b"}};
  const std::string command = ReproCommand(config, kCell);
  EXPECT_THAT(command, HasSubstr(R"( --model '/a b/it'\''s $HOME.pt' )"));
  EXPECT_THAT(command, HasSubstr(" --option 'k=a;b' "));
}

TEST(ReproCommand, LeavesPlainWordsUnquoted) {
  SweepConfig config = Config();
  config.workload.model = "/models/resnet-18_v1.2+x=y:z@3%.pt";
  EXPECT_THAT(ReproCommand(config, kCell), HasSubstr(" --model " + config.workload.model + " "));
}

TEST(ReproCommand, GivesShapesAndTypesOfAllInputs) {
  SweepConfig config = Config();
  config.workload.input_specs = {{DType::kInt64, {3, 4}}, {DType::kFloat32, {}}};
  EXPECT_THAT(ReproCommand(config, kCell),
              HasSubstr(" --input-shape '3,4;scalar' --input-dtype int64,float32 "));
}

TEST(ReproCommand, HasOptionalPartsOnlyWhenGiven) {
  SweepConfig config = Config();
  for (const char* part : {"--items", "--chunk-timeout-s", "--fault", "--inputs", "--model"}) {
    EXPECT_THAT(ReproCommand(config, kCell), Not(HasSubstr(part)));
  }
  config.workload.items = 40;
  config.chunk_timeout_s = 2.5;
  config.fault = "drop:3";
  config.fault_cell = "w2/t1";
  EXPECT_THAT(ReproCommand(config, kCell),
              testing::AllOf(HasSubstr(" --items 40 "), HasSubstr(" --chunk-timeout-s 2.5 "),
                             HasSubstr(" --fault drop:3 "), HasSubstr(" --fault-cell w2/t1")));
}

}  // namespace
}  // namespace coresweep
