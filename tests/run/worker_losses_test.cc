#include "harness/run/worker_losses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

TEST(WorkerLosses, AreReplacementsInTheirOrder) {
  WorkerLosses losses;
  EXPECT_EQ(losses.Note({1, "was killed", true, {3, 4}}), std::nullopt);
  losses.SetSuccessor(4711);
  EXPECT_EQ(losses.Note({0, "exited", true, {}}), std::nullopt);
  ASSERT_EQ(losses.replacements().size(), 2u);
  const Replacement& first = losses.replacements()[0];
  EXPECT_EQ(first.worker, 1);
  EXPECT_EQ(first.pid, 4711);
  EXPECT_EQ(first.how, "was killed");
  EXPECT_THAT(first.resent, ElementsAre(3, 4));
  EXPECT_GT(first.at_ns, 0);
  EXPECT_EQ(losses.replacements()[1].pid, 0);
}

TEST(WorkerLosses, EndWithAChunkThatEndsWorkerAfterWorker) {
  WorkerLosses losses;
  EXPECT_EQ(losses.Note({0, "", true, {7, 8}}), std::nullopt);
  EXPECT_EQ(losses.Note({1, "", true, {7}}), std::nullopt);
  EXPECT_THAT(losses.Note({0, "", true, {7, 9}}), Optional(HasSubstr("over chunk 7")));
  EXPECT_EQ(losses.replacements().size(), 2u);
}

TEST(WorkerLosses, DoNotBlameChunksThatWaitedBehindTheFirst) {
  WorkerLosses losses;
  for (uint64_t first = 0; first < 10; ++first)
    EXPECT_EQ(losses.Note({0, "", true, {first, 100, 101}}), std::nullopt);
}

TEST(WorkerLosses, EndWithAPlaceWhereNoneGetsReady) {
  WorkerLosses losses;
  const auto note = [&losses](size_t worker, bool was_ready) {
    return losses.Note({worker, "", was_ready, {}});
  };
  EXPECT_EQ(note(0, false), std::nullopt);
  EXPECT_EQ(note(1, false), std::nullopt);
  EXPECT_EQ(note(0, false), std::nullopt);
  EXPECT_EQ(note(0, true), std::nullopt) << "it was ready: counted anew";
  EXPECT_EQ(note(0, false), std::nullopt);
  EXPECT_EQ(note(0, false), std::nullopt);
  EXPECT_THAT(note(0, false), Optional(HasSubstr("before it was ready")));
}

}  // namespace
}  // namespace coresweep
