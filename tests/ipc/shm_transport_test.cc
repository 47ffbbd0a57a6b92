// What shm_loan promises beyond the conformance suite: nothing is copied, and what is held stays.
#include "harness/ipc/shm_transport.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "harness/base/shared_region.h"
#include "harness/ipc/shm_arena.h"
#include "tests/ipc/channel_testing.h"

namespace coresweep {
namespace {

/// Both ends in one thread, over memory of 64 KiB that is lent when asked for.
class Loan : public testing::Test {
 protected:
  void Open(ChannelShape shape, bool lend) {
    if (lend) {
      store_ = SharedRegion::Create("coresweep.test", 64 * kKib);
      shape.lent = {store_.size(), store_.fd(), store_.data()};
    }
    Connection connection = OpenShmLoan(shape);
    dispatcher_ = std::move(connection.dispatcher);
    arena_ =
        SharedRegion::Attach(UniqueFd(fcntl(connection.worker_fds[0].get(), F_DUPFD_CLOEXEC, 3)), 1,
                             SharedRegion::Access::kReadWrite);
    worker_ = AttachShmLoan(std::move(connection.worker_fds), shape);
  }

  [[nodiscard]] std::span<const std::byte> Lent(size_t offset, size_t bytes) const {
    return store_.bytes().subspan(offset, bytes);
  }
  bool Send(uint64_t sequence, std::span<const std::byte> payload) {
    return dispatcher_->TrySend(Header(sequence, payload.size()), payload);
  }
  /// The worker answers its next chunk with one byte, `value`.
  void AnswerWith(std::byte value) {
    const auto chunk = worker_->Receive();
    ASSERT_TRUE(chunk);
    worker_->AnswerSpace(100)[99] = value;
    worker_->Send(Header(chunk->header.sequence, 100));
  }

  SharedRegion store_;
  SharedRegion arena_;
  std::unique_ptr<DispatcherChannel> dispatcher_;
  std::unique_ptr<WorkerChannel> worker_;
};

TEST_F(Loan, AWorkerReadsLentMemoryInPlace) {
  Open({4096, 0, 2}, true);
  ASSERT_TRUE(Send(0, Lent(100, 4000)));
  const auto chunk = worker_->Receive();
  ASSERT_EQ(chunk->payload.size(), 4000u);
  store_.data()[100] = std::byte{42};  // after it was sent: a copy would not show it
  EXPECT_EQ(chunk->payload[0], std::byte{42});
  EXPECT_TRUE(worker_->PayloadIsReadOnly());
}

TEST_F(Loan, PayloadsAtBothEndsOfLentMemoryFit) {
  Open({64 * kKib, 0, 3}, true);
  for (const auto payload : {Lent(0, 1), Lent(64 * kKib - 1, 1), Lent(0, 64 * kKib)}) {
    ASSERT_TRUE(Send(0, payload));
    EXPECT_EQ(worker_->Receive()->payload.size(), payload.size());
  }
}

TEST_F(Loan, APayloadOutsideOfLentMemoryIsRefused) {
  Open({64, 0, 2}, true);
  const auto elsewhere = Payload(64, 1);
  EXPECT_THROW((void)Send(0, elsewhere), Error);
  EXPECT_THROW((void)Send(0, std::span<const std::byte>(store_.data() + store_.size() - 1, 2)),
               Error);
}

TEST_F(Loan, AWorkerBelievesNoOffsetBeyondLentMemory) {
  for (const uint64_t offset : {uint64_t{64 * kKib}, uint64_t{64 * kKib - 7}, ~uint64_t{0}}) {
    const ChannelShape shape{64, 0, 2};
    Open(shape, true);
    ASSERT_TRUE(Send(0, Lent(0, 8)));
    ChannelShape lent = shape;
    lent.lent.bytes = store_.size();
    const ShmArena arena(std::move(arena_), lent);
    std::memcpy(arena.RequestRing()[0].payload, &offset, sizeof offset);
    EXPECT_THROW((void)worker_->Receive(), Error) << offset;
  }
}

TEST_F(Loan, WithoutLentMemoryPayloadsAreProducedInPlace) {
  Open({4096, 0, 2}, false);
  const auto room = dispatcher_->Loan(4096);
  ASSERT_EQ(room.size(), 4096u);
  EXPECT_EQ(dispatcher_->Loan(4096).data(), room.data());  // repeats its answer until TrySend
  std::fill(room.begin(), room.end(), std::byte{1});
  ASSERT_TRUE(Send(0, room));
  const auto chunk = worker_->Receive();
  room[7] = std::byte{2};
  EXPECT_EQ(chunk->payload[7], std::byte{2});
  EXPECT_FALSE(worker_->PayloadIsReadOnly());
  EXPECT_TRUE(dispatcher_->Loan(4097).empty());
}

TEST_F(Loan, NoRoomIsLentWhileAllOfItIsOnItsWay) {
  Open({4096, 0, 2}, false);
  while (!dispatcher_->Loan(4096).empty()) {
    if (!Send(0, dispatcher_->Loan(4096))) break;
  }
  EXPECT_FALSE(Send(0, {}));
}

TEST_F(Loan, HeldAnswersStayWhileTheWorkerGoesOn) {
  ChannelShape shape{0, 100, 2};
  shape.held_answers = 3;
  Open(shape, false);
  std::vector<Incoming> held;
  for (uint8_t i = 0; i < 5; ++i) {
    ASSERT_TRUE(Send(i, {}));
    AnswerWith(std::byte{i});
    const auto answer = dispatcher_->TryReceive();
    ASSERT_TRUE(answer);
    held.push_back(*answer);
  }
  EXPECT_FALSE(Send(5, {})) << "there would be no slot for the answer";
  for (uint8_t i = 0; i < 5; ++i)
    EXPECT_EQ(held[i].payload[99], std::byte{i});
  dispatcher_->Release(held[3].slot);
  EXPECT_TRUE(Send(5, {}));
}

TEST_F(Loan, AnswersMayBeGivenBackInAnyOrder) {
  ChannelShape shape{0, 100, 1};
  shape.held_answers = 2;
  Open(shape, false);
  for (uint8_t round = 0; round < 10; ++round) {
    std::vector<Incoming> held;
    for (uint8_t i = 0; i < 3; ++i) {
      ASSERT_TRUE(Send(i, {}));
      AnswerWith(std::byte{i});
      held.push_back(*dispatcher_->TryReceive());
    }
    for (const size_t i : {2U, 0U, 1U}) {
      EXPECT_EQ(held[i].payload[99], std::byte{static_cast<uint8_t>(i)});
      dispatcher_->Release(held[i].slot);
    }
  }
}

TEST_F(Loan, AChunkOfSeveralIsOwedAsManyAnswers) {
  Open({0, 0, 3}, false);
  ChunkHeader run = Header(0, 0);
  run.chunks = 3;
  ASSERT_TRUE(dispatcher_->TrySend(run, {}));
  EXPECT_FALSE(Send(3, {}));
  EXPECT_EQ(worker_->Receive()->header.chunks, 3);
  for (uint64_t i = 0; i < 3; ++i) {
    (void)worker_->AnswerSpace(0);
    worker_->Send(Header(i, 0));
    const auto answer = dispatcher_->TryReceive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->header.sequence, i);
    dispatcher_->Release(answer->slot);
    EXPECT_TRUE(Send(3 + i, {}));
  }
}

TEST(ShmArena, PutsSmallPayloadsIntoTheirSlots) {
  const ArenaLayout small(ChannelShape{64, 64, 2});
  const ArenaLayout large(ChannelShape{65, 65, 2});
  EXPECT_EQ(small.requests, small.bytes);  // nothing beside the rings
  EXPECT_GT(large.bytes, small.bytes);
}

TEST(ShmArena, NeedsNoRoomForWhatIsLent) {
  ChannelShape shape{1 << 20, 64, 4};
  const size_t copied = ShmLoanArenaBytes(shape);
  shape.lent.bytes = 1 << 20;
  EXPECT_LT(ShmLoanArenaBytes(shape), copied / 100);
}

}  // namespace
}  // namespace coresweep
