#include "reports/sweep_warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/example_sweep.h"

namespace coresweep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> WarningsOf(const SweepResult& sweep) {
  return SweepWarnings(sweep, SummarizeCells(sweep));
}

TEST(SweepWarnings, AreNoneForASweepWithoutTrouble) {
  EXPECT_THAT(WarningsOf(example::TypicalSweep().sweep()), IsEmpty());
}

TEST(SweepWarnings, NameTheReferenceBlasWithTheRemedy) {
  SweepResult sweep = example::TypicalSweep().sweep();
  sweep.runtime.blas_kind = "reference";
  sweep.runtime.blas_library = "/usr/lib/libblas.so.3";
  EXPECT_THAT(WarningsOf(sweep), ElementsAre(::testing::AllOf(HasSubstr("/usr/lib/libblas.so.3"),
                                                              HasSubstr("install OpenBLAS"))));
}

TEST(SweepWarnings, NameTheReferenceBlasOnce) {
  SweepResult sweep = example::TypicalSweep().sweep();
  sweep.runtime.blas_kind = "reference";
  sweep.workload_warnings = {"libtorch uses the reference BLAS: run scripts/setup"};
  EXPECT_THAT(WarningsOf(sweep),
              ElementsAre("libtorch uses the reference BLAS: run scripts/setup"));
}

TEST(SweepWarnings, HoldThoseOfWorkloadAndHost) {
  SweepResult sweep = example::TypicalSweep().sweep();
  sweep.workload_warnings = {"all answers are equal"};
  sweep.facts.warnings = {"no cgroup"};
  EXPECT_THAT(WarningsOf(sweep), ElementsAre("all answers are equal", "no cgroup"));
}

TEST(SweepWarnings, CountOversubscribedCells) {
  example::SweepBuilder builder = example::TypicalSweep();
  builder.AddCell(example::MakeCell(Mode::kProcesses, 4), true);
  EXPECT_THAT(WarningsOf(builder.sweep()),
              ElementsAre(::testing::AllOf(HasSubstr("1 cell asks"), HasSubstr("at or below 2"))));
}

TEST(SweepWarnings, CountThrottledAndUnstableCells) {
  example::SweepBuilder builder;
  builder.AddMeasured(example::MakeCell(Mode::kSerial, 1), {50, 100, 150});
  builder.AddMeasured(example::MakeCell(Mode::kProcesses, 2), {100});
  builder.LastMeasurement().system.throttle = ThrottleDelta{10, 5, 0};
  EXPECT_THAT(WarningsOf(builder.sweep()),
              ElementsAre(HasSubstr("1 cell is throttled, for instance: throttled in 50 %"),
                          HasSubstr("1 cell is unstable, for instance: throughput varied")));
}

}  // namespace
}  // namespace coresweep
