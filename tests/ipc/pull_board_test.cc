#include "harness/ipc/pull_board.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <limits>
#include <set>
#include <thread>

#include "harness/base/clock.h"
#include "harness/base/error.h"

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint64_t kAll = std::numeric_limits<uint64_t>::max() >> 16U;

ChunkHeader Answered(uint64_t chunk, uint64_t bytes = 8) {
  ChunkHeader header;
  header.sequence = chunk;
  header.payload_bytes = bytes;
  return header;
}

bool Finish(PullBoard& board, uint32_t worker, uint64_t chunk) {
  std::memcpy(board.AnswerSpace(chunk).data(), &chunk, sizeof chunk);
  EXPECT_TRUE(board.Publish(worker, Answered(chunk)));
  return board.MustWake(chunk);
}

TEST(PullBoard, HandsOutEveryChunkOnceAndNoMoreThanThereIsRoomFor) {
  PullBoard board = PullBoard::Create({3, 8});
  EXPECT_EQ(board.TryClaim(0, kAll), 0u);
  EXPECT_EQ(board.TryClaim(1, kAll), 1u);
  EXPECT_EQ(board.TryClaim(0, kAll), 2u);
  EXPECT_FALSE(board.TryClaim(1, kAll));
  (void)Finish(board, 1, 1);
  board.Free(1);
  EXPECT_FALSE(board.TryClaim(1, kAll)) << "chunk 3 needs the place of chunk 0";
  (void)Finish(board, 0, 0);
  board.Free(0);
  EXPECT_EQ(board.TryClaim(1, kAll), 3u);
  EXPECT_EQ(board.TryClaim(1, kAll), 4u);
}

TEST(PullBoard, HandsOutNothingAtOrBeyondTheBound) {
  PullBoard board = PullBoard::Create({4, 8});
  EXPECT_FALSE(board.TryClaim(0, 0));
  EXPECT_EQ(board.TryClaim(0, 1), 0u);
  EXPECT_FALSE(board.TryClaim(0, 1));
}

TEST(PullBoard, AnswersAreThereOnceTheyArePublished) {
  PullBoard board = PullBoard::Create({2, 8});
  ASSERT_EQ(board.TryClaim(7, kAll), 0u);
  EXPECT_FALSE(board.Done(0));
  (void)Finish(board, 7, 0);
  const auto answer = board.Done(0);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->worker, 7u);
  EXPECT_EQ(answer->payload.size(), 8u);
  EXPECT_FALSE(board.Done(2)) << "the same place, another chunk";
  board.Free(0);
  EXPECT_FALSE(board.Done(0));
}

TEST(PullBoard, AnswersLongerThanTheirPlaceAreRefused) {
  PullBoard board = PullBoard::Create({2, 8});
  ASSERT_EQ(board.TryClaim(0, kAll), 0u);
  ASSERT_TRUE(board.Publish(0, Answered(0, 9)));
  EXPECT_THROW((void)board.Done(0), Error);
}

TEST(PullBoard, KnowsWhatEachWorkerHoldsAndGivesItToOthers) {
  PullBoard board = PullBoard::Create({4, 8});
  ASSERT_EQ(board.TryClaim(1, kAll), 0u);
  ASSERT_EQ(board.TryClaim(2, kAll), 1u);
  ASSERT_EQ(board.TryClaim(1, kAll), 2u);
  EXPECT_THAT(board.HeldBy(1), ElementsAre(0, 2));
  EXPECT_THAT(board.HeldBy(3), IsEmpty());
  (void)Finish(board, 1, 2);
  EXPECT_THAT(board.HeldBy(1), ElementsAre(0));
  EXPECT_EQ(board.owed(), 0u);
  board.Reclaim(0, board.claimed_end());
  EXPECT_THAT(board.HeldBy(1), IsEmpty());
  EXPECT_EQ(board.owed(), 3u);
  EXPECT_EQ(board.TryClaim(2, board.owed()), 0u);
  EXPECT_FALSE(board.TryClaim(2, board.owed())) << "1 is held, 2 is done";
  EXPECT_EQ(board.TryClaim(2, kAll), 3u);
}

TEST(PullBoard, WakesTheParentOnceForWhatItWaitsFor) {
  PullBoard board = PullBoard::Create({4, 8});
  for (uint64_t chunk = 0; chunk < 4; ++chunk)
    ASSERT_EQ(board.TryClaim(0, kAll), chunk);
  EXPECT_TRUE(board.Arm(1));
  EXPECT_FALSE(Finish(board, 0, 0));
  EXPECT_TRUE(Finish(board, 0, 1));
  EXPECT_FALSE(Finish(board, 0, 2));
  EXPECT_FALSE(board.Arm(1));
  EXPECT_FALSE(Finish(board, 0, 3));
}

TEST(PullBoard, AWordThatPointsElsewhereIsNobodysChunk) {
  PullBoard board = PullBoard::Create({4, 8});
  const SharedRegion memory =
      SharedRegion::Attach(UniqueFd(fcntl(board.fd(), F_DUPFD_CLOEXEC, 3)),
                           PullBoard::Bytes({4, 8}), SharedRegion::Access::kReadWrite);
  std::memset(memory.data(), 0xa5, memory.size());  // a hostile worker
  (void)board.HeldBy(0xa5a4);
  (void)board.claimed_end();
  (void)board.TryClaim(0, kAll);
  for (uint64_t chunk = 0; chunk < 8; ++chunk)
    EXPECT_FALSE(board.Done(chunk));
}

TEST(PullBoard, AnswersToAClaimThatHasGoneAreNotPublished) {
  PullBoard board = PullBoard::Create({2, 8});
  ASSERT_EQ(board.TryClaim(0, kAll), 0u);
  board.Reclaim(0, 1);
  EXPECT_FALSE(board.Publish(0, Answered(0)));
  EXPECT_FALSE(board.Done(0));
  ASSERT_EQ(board.TryClaim(1, kAll), 0u);
  EXPECT_FALSE(board.Publish(0, Answered(0))) << "another has it";
  ASSERT_TRUE(board.Publish(1, Answered(0)));
  board.Free(0);
  EXPECT_FALSE(board.Publish(0, Answered(0))) << "the place is chunk 2's";
  EXPECT_EQ(board.TryClaim(0, kAll), 1u);
  EXPECT_EQ(board.TryClaim(0, kAll), 2u);
}

/// Two workers and a parent that merges in order, through two mappings.
void RunThreads(int64_t spin_ns) {
  constexpr uint64_t kChunks = 20'000;
  const BoardShape shape{5, 8};
  PullBoard board = PullBoard::Create(shape);
  std::atomic<bool> wake = false;
  const auto work = [&](uint32_t worker) {
    PullBoard mine = PullBoard::Attach(UniqueFd(fcntl(board.fd(), F_DUPFD_CLOEXEC, 3)), shape);
    while (true) {
      if (const auto chunk = mine.TryClaim(worker, kChunks)) {
        if (Finish(mine, worker, *chunk)) wake = true;
        if (*chunk + 1 == kChunks) return;
      } else if (mine.next() >= kChunks) {
        return;
      } else {
        mine.AwaitRoom(spin_ns);
      }
    }
  };
  std::thread one(work, 0);
  std::thread two(work, 1);
  const Deadline deadline = Deadline::After(60 * kNsPerS);
  uint64_t wrong = 0;
  for (uint64_t chunk = 0; chunk < kChunks && !deadline.Passed();) {
    const auto answer = board.Done(chunk);
    if (!answer) {
      if (board.Arm(chunk)) {
        while (!wake.exchange(false) && !board.Done(chunk) && !deadline.Passed())
          std::this_thread::yield();
      }
      continue;
    }
    uint64_t value = 0;
    std::memcpy(&value, answer->payload.data(), sizeof value);
    wrong += value == chunk ? 0 : 1;
    board.Free(chunk++);
    board.WakeWaiting();
  }
  EXPECT_FALSE(deadline.Passed());
  EXPECT_EQ(wrong, 0u);
  one.join();
  two.join();
}

TEST(PullBoard, ThreadsPassEveryAnswerWhileTheySleep) {
  RunThreads(0);
}

TEST(PullBoard, ThreadsPassEveryAnswerWhileTheySpin) {
  RunThreads(20 * kNsPerUs);
}

}  // namespace
}  // namespace coresweep
