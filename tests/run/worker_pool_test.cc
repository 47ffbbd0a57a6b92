#include "harness/run/worker_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coresweep {
namespace {

using testing::Contains;
using testing::Not;

TEST(WorkerEnvironment, SetsTheThreadCountOfEveryRuntime) {
  const auto environment = WorkerEnvironment({}, 3);
  EXPECT_THAT(environment,
              testing::UnorderedElementsAre("OMP_NUM_THREADS=3", "OPENBLAS_NUM_THREADS=3",
                                            "GOTO_NUM_THREADS=3", "MKL_NUM_THREADS=3",
                                            "BLIS_NUM_THREADS=3", "VECLIB_MAXIMUM_THREADS=3"));
}

TEST(WorkerEnvironment, KeepsTheRestInOrder) {
  const auto environment = WorkerEnvironment({"PATH=/bin", "A=b=c", "EMPTY="}, 1);
  ASSERT_EQ(environment.size(), 9u);
  EXPECT_EQ(environment[0], "PATH=/bin");
  EXPECT_EQ(environment[1], "A=b=c");
  EXPECT_EQ(environment[2], "EMPTY=");
}

TEST(WorkerEnvironment, ReplacesTheUsersThreadCounts) {
  const auto environment =
      WorkerEnvironment({"OMP_NUM_THREADS=64", "MKL_NUM_THREADS=", "OMP_NUM_THREADS=8"}, 2);
  EXPECT_EQ(environment.size(), 6u);
  EXPECT_THAT(environment, Contains("OMP_NUM_THREADS=2"));
  EXPECT_THAT(environment, Contains("MKL_NUM_THREADS=2"));
  EXPECT_THAT(environment, Not(Contains("OMP_NUM_THREADS=64")));
}

TEST(WorkerEnvironment, DropsWhatWouldGiveFewerThreads) {
  const auto environment = WorkerEnvironment({"OMP_THREAD_LIMIT=1", "OMP_DYNAMIC=true"}, 2);
  EXPECT_EQ(environment.size(), 6u);
}

TEST(WorkerEnvironment, KeepsVariablesOfSimilarNames) {
  const auto environment =
      WorkerEnvironment({"OMP_NUM_THREADS_LIMIT=4", "XOMP_NUM_THREADS=5", "OMP_NUM_THREAD=6"}, 1);
  EXPECT_THAT(environment, Contains("OMP_NUM_THREADS_LIMIT=4"));
  EXPECT_THAT(environment, Contains("XOMP_NUM_THREADS=5"));
  EXPECT_THAT(environment, Contains("OMP_NUM_THREAD=6"));
}

TEST(WorkerPool, ThatIsEmptyHasEverythingAtOnce) {
  const ProcessContext context;
  WorkerPool pool(context);
  EXPECT_TRUE(pool.AwaitAll("ready", Deadline::After(0), "nothing").empty());
  pool.Finish();
}

}  // namespace
}  // namespace coresweep
