#include "harness/core/placement_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coresweep {
namespace {

using testing::HasSubstr;

/// Two computing threads asked for on CPUs 0 and 1, and a third thread of some library.
WorkerMeasurement Pinned() {
  WorkerMeasurement worker;
  worker.cpus_requested = "0-1";
  worker.threads_requested_cpus = {"0", "1"};
  worker.at_end = {{{"0", 2, {"coresweep"}}, {"1", 1, {"coresweep"}}}, {"0", "1"}, "default"};
  return worker;
}

TEST(PlacementDifference, IsNoneWhenEveryThreadIsInItsPlace) {
  EXPECT_EQ(PlacementDifference(Pinned()), "");
}

TEST(PlacementDifference, NamesTheFirstThreadThatIsElsewhere) {
  WorkerMeasurement worker = Pinned();
  worker.at_end.thread_cpus[1] = "0-1";
  EXPECT_EQ(PlacementDifference(worker), "ran thread 1 on CPUs 0-1 instead of 1");
}

TEST(PlacementDifference, ComparesFreeThreadsWithTheWholeSet) {
  WorkerMeasurement worker = Pinned();
  worker.threads_requested_cpus.clear();
  EXPECT_EQ(PlacementDifference(worker), "ran thread 0 on CPUs 0 instead of 0-1");
  worker.at_end.thread_cpus = {"0-1", "0-1"};
  EXPECT_EQ(PlacementDifference(worker), "");
}

TEST(PlacementDifference, SeesAThreadOfALibraryOutside) {
  WorkerMeasurement worker = Pinned();
  worker.at_end.masks.push_back({"1-3", 1, {"lib"}});
  EXPECT_EQ(PlacementDifference(worker), "had threads on CPUs 2-3 besides its own, 0-1");
}

TEST(PlacementDifference, IsNoneWhereNothingWasReadBack) {
  EXPECT_EQ(PlacementDifference(WorkerMeasurement{}), "");
}

TEST(DisplacementCause, IsTheRewrittenCpusetBeforeAVariable) {
  SweepResult sweep;
  TrialResult trial;
  EXPECT_THAT(DisplacementCause(sweep, trial), HasSubstr("a library binds its threads itself"));
  sweep.facts.system.environment = {{"GOMP_CPU_AFFINITY", "0"}, {"OMP_PLACES", "cores"}};
  EXPECT_THAT(DisplacementCause(sweep, trial), HasSubstr("GOMP_CPU_AFFINITY=0 OMP_PLACES=cores"));
  sweep.facts.system.environment = {{"KMP_AFFINITY", "compact"}};
  EXPECT_THAT(DisplacementCause(sweep, trial), HasSubstr("KMP_AFFINITY=compact"));
  sweep.runtime.openmp_library = "/usr/lib/libgomp.so.1";
  EXPECT_THAT(DisplacementCause(sweep, trial), HasSubstr("a library binds its threads itself"));
  trial.measurement.warnings = {"the allowed CPUs changed during the sweep from 0-1 to 1"};
  EXPECT_THAT(DisplacementCause(sweep, trial), HasSubstr("from 0-1 to 1"));
}

}  // namespace
}  // namespace coresweep
