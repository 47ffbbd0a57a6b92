#include "harness/host/task_counters.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <latch>
#include <optional>
#include <string>
#include <thread>

#include "tests/base/temp_folder.h"

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::Optional;
using testing::Pair;

std::optional<TaskCounts> ReadRunQueueDelay(TaskScope scope,
                                            const std::filesystem::path& root = "/") {
  return TaskCounter(TaskStatistic::kRunQueueNs, scope, root).Read();
}

std::optional<TaskCounts> ReadMigrations(TaskScope scope, const std::filesystem::path& root) {
  return TaskCounter(TaskStatistic::kMigrations, scope, root).Read();
}

TEST(RunQueueDelay, IsTheSecondNumberOfEachThread) {
  const TempFolder root;
  root.Write("/proc/self/task/21/schedstat", "500 70 3\n");
  root.Write("/proc/self/task/9/schedstat", "900 5 4\n");
  root.Write("/proc/self/task/30/schedstat", "");  // ended meanwhile
  EXPECT_THAT(ReadRunQueueDelay(TaskScope::kProcess, root.path()),
              Optional(ElementsAre(Pair(9, 5), Pair(21, 70))));
}

TEST(RunQueueDelay, OfOneThreadIsReadFromItsOwnFile) {
  const TempFolder root;
  root.Write("/proc/self/task/9/schedstat", "900 5 4\n");
  root.Write("/proc/thread-self/schedstat", "500 70 3\n");
  EXPECT_THAT(ReadRunQueueDelay(TaskScope::kCallingThread, root.path()),
              Optional(ElementsAre(Pair(::gettid(), 70))));
}

TEST(RunQueueDelay, OfAKernelThatKeepsNoneIsUnknown) {
  const TempFolder root;
  EXPECT_FALSE(ReadRunQueueDelay(TaskScope::kProcess, root.path()));
  EXPECT_FALSE(ReadRunQueueDelay(TaskScope::kCallingThread, root.path()));
  root.Write("/proc/self/task/9/schedstat", "0 0 0\n");
  root.Write("/proc/self/task/10/schedstat", "0 0 0\n");
  EXPECT_FALSE(ReadRunQueueDelay(TaskScope::kProcess, root.path()));
  root.Write("/proc/self/task/10/schedstat", "1 0 1\n");  // a young thread beside
  EXPECT_THAT(ReadRunQueueDelay(TaskScope::kProcess, root.path()),
              Optional(ElementsAre(Pair(9, 0), Pair(10, 0))));
  root.Write("/proc/self/task/9/schedstat", "many\n");
  root.Write("/proc/self/task/10/schedstat", "1 2x 1\n");
  EXPECT_FALSE(ReadRunQueueDelay(TaskScope::kProcess, root.path()));
}

TEST(Migrations, AreReadByTheirKey) {
  const TempFolder root;
  root.Write("/proc/self/task/9/sched",
             "app (9, #threads: 1)\n-----\n"
             "se.exec_start                  :      13641635.5\n"
             "se.nr_migrations               :                    4\n"
             "se.nr_migrations_cold          :                    8\n");
  root.Write("/proc/self/task/11/sched", "se.load.weight : 1048576\n");
  EXPECT_THAT(ReadMigrations(TaskScope::kProcess, root.path()), Optional(ElementsAre(Pair(9, 4))));
  EXPECT_FALSE(ReadMigrations(TaskScope::kCallingThread, root.path()));
}

TEST(TaskGrowth, IsSummedOverThreadsThatStayed) {
  EXPECT_EQ(Growth(TaskCounts{{1, 10}, {2, 20}}, TaskCounts{{1, 15}, {2, 21}}), 6);
}

TEST(TaskGrowth, OfAThreadThatEndedIsNotNegative) {
  EXPECT_EQ(Growth(TaskCounts{{1, 10}, {2, 2000}, {3, 30}}, TaskCounts{{1, 15}, {3, 37}}), 12);
  EXPECT_EQ(Growth(TaskCounts{{1, 10}}, TaskCounts{}), 0);
}

TEST(TaskGrowth, CountsAThreadThatBeganWhole) {
  EXPECT_EQ(Growth(TaskCounts{{5, 10}}, TaskCounts{{1, 70}, {5, 11}, {9, 100}}), 171);
  EXPECT_EQ(Growth(TaskCounts{{5, 10}}, TaskCounts{{5, 4}}), 4);  // another, with its number
}

TEST(TaskGrowth, IsUnknownWithoutBothReadings) {
  EXPECT_FALSE(Growth(std::nullopt, TaskCounts{{1, 7}}));
  EXPECT_FALSE(Growth(TaskCounts{{1, 7}}, std::optional<TaskCounts>()));
}

TEST(RunQueueDelay, OfThisProcessNamesItsThreads) {
  const auto own = ReadRunQueueDelay(TaskScope::kCallingThread);
  if (!own) GTEST_SKIP() << "/proc/thread-self/schedstat is not kept here";
  ASSERT_EQ(own->size(), 1U);
  EXPECT_EQ(own->front().first, ::gettid());
  std::thread([] {
    const auto all = ReadRunQueueDelay(TaskScope::kProcess);
    ASSERT_TRUE(all);
    EXPECT_THAT(*all, testing::Contains(testing::Key(::getpid())));
    EXPECT_THAT(*all, testing::Contains(testing::Key(::gettid())));
  }).join();
}

TEST(TaskCounter, FollowsThreadsThatComeAndGo) {
  const TempFolder root;
  TaskCounter counter(TaskStatistic::kRunQueueNs, TaskScope::kProcess, root.path());
  root.Write("/proc/self/task/9/schedstat", "900 5 4\n");
  root.Write("/proc/self/task/21/schedstat", "500 70 3\n");
  EXPECT_THAT(counter.Read(), Optional(ElementsAre(Pair(9, 5), Pair(21, 70))));
  root.Write("/proc/self/task/9/schedstat", "950 6 5\n");
  root.Write("/proc/self/task/22/schedstat", "1 2 3\n");
  std::filesystem::remove_all(root.path() / "proc/self/task/21");
  EXPECT_THAT(counter.Read(), Optional(ElementsAre(Pair(9, 6), Pair(22, 2))));
  root.Write("/proc/self/task/21/schedstat", "1 1 1\n");  // another thread under its number
  EXPECT_THAT(counter.Read(), Optional(ElementsAre(Pair(9, 6), Pair(21, 1), Pair(22, 2))));
}

TEST(TaskCounter, ReadsAnewWhatAnotherThreadHasUnderAnOldNumber) {
  const TempFolder root;
  TaskCounter counter(TaskStatistic::kRunQueueNs, TaskScope::kProcess, root.path());
  const std::string name = "/proc/self/task/9/schedstat";
  root.Write(name, "900 5 4\n");
  EXPECT_THAT(counter.Read(), Optional(ElementsAre(Pair(9, 5))));
  root.Write(name, "");  // what is open says nothing any more, as for a thread that ended
  std::filesystem::rename(root.path() / "proc/self/task/9", root.path() / "gone");
  root.Write(name, "1 2 3\n");
  EXPECT_THAT(counter.Read(), Optional(ElementsAre(Pair(9, 2))));
}

TEST(TaskCounter, LeavesOutThreadsThatEnd) {
  TaskCounter counter(TaskStatistic::kRunQueueNs, TaskScope::kProcess);
  if (!counter.Read()) GTEST_SKIP() << "no schedstat here";
  for (int i = 0; i < 100; ++i) {
    std::latch done(1);
    std::thread brief([&] { done.wait(); });
    EXPECT_GE(counter.Read()->size(), 2U);
    done.count_down();
    brief.join();
  }
  // The main thread, one of the thread sanitizer's, and a joined one that the kernel may show for a
  // moment more.
  EXPECT_LE(counter.Read()->size(), 3U);
}

TEST(TaskCounter, KeepsABoundedNumberOfFilesOpen) {
  const TempFolder root;
  for (int id = 1; id <= 400; ++id)
    root.Write("/proc/self/task/" + std::to_string(id) + "/schedstat",
               "1 " + std::to_string(id) + " 1\n");
  TaskCounter counter(TaskStatistic::kRunQueueNs, TaskScope::kProcess, root.path());
  for (int i = 0; i < 2; ++i) {
    const auto counts = counter.Read();
    ASSERT_TRUE(counts);
    ASSERT_EQ(counts->size(), 400U);
    for (const auto& [id, count] : *counts)
      EXPECT_EQ(id, count);
  }
  const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  EXPECT_LT(fd, 300);
  ::close(fd);
}

}  // namespace
}  // namespace coresweep
