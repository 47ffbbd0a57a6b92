#include "harness/ipc/mq_transport.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mqueue.h>
#include <sys/resource.h>

#include <filesystem>
#include <limits>
#include <thread>

#include "tests/ipc/channel_testing.h"

namespace coresweep {
namespace {

constexpr size_t kHead = sizeof(ChunkHeader);
constexpr MqLimits kDefaults{8192, 10, 819'200};

mq_attr AttributesOf(const UniqueFd& queue) {
  mq_attr attributes{};
  EXPECT_EQ(mq_getattr(queue.get(), &attributes), 0);
  return attributes;
}

TEST(UsefulMqSize, HoldsTheWholeCreditAndTheStopMessage) {
  EXPECT_EQ(UsefulMqSize(64, 8, kDefaults), (MqSize{128, 9}));
  EXPECT_EQ(UsefulMqSize(1000, 2, kDefaults), (MqSize{1064, 3}));
  EXPECT_EQ(UsefulMqSize(64, 20, kDefaults), (MqSize{128, 10}));
}

TEST(UsefulMqSize, TakesTheWholeMessageUpToTheLimit) {
  EXPECT_EQ(UsefulMqSize(8192 - kHead, 2, kDefaults).message_bytes, 8192u);
  EXPECT_EQ(UsefulMqSize(8192 - kHead + 1, 2, kDefaults).message_bytes, 8192u);
  EXPECT_EQ(UsefulMqSize(8192 - kHead - 1, 2, kDefaults).message_bytes, 8191u);
  EXPECT_EQ(UsefulMqSize(0, 2, kDefaults).message_bytes, 2 * kHead);
}

TEST(UsefulMqSize, LeavesRoomForTheQueuesOfOtherWorkers) {
  for (const size_t user_bytes : {size_t{100'000}, size_t{819'200}, size_t{10'000'000}}) {
    const MqSize size = UsefulMqSize(kMib, 4, {size_t{1} << 20, 1000, user_bytes});
    EXPECT_LE(16 * size.messages * size.message_bytes, user_bytes);
    EXPECT_GE(size.messages, 4u);
  }
  EXPECT_EQ(UsefulMqSize(kMib, 4, {8192, 10, 0}), (MqSize{128, 1}));
}

TEST(UsefulMqSize, AsksForNoMoreThanOneChunkWhereNothingLimitsIt) {
  const size_t unlimited = std::numeric_limits<size_t>::max();
  EXPECT_EQ(UsefulMqSize(kMib, 4, {16 * kMib, 65'536, unlimited}), (MqSize{kMib + kHead, 5}));
}

TEST(SmallerMqSize, ShortensTheMessagesThenTheQueue) {
  EXPECT_EQ(SmallerMqSize({8192, 10}), (MqSize{4096, 10}));
  EXPECT_EQ(SmallerMqSize({200, 10}), (MqSize{128, 10}));
  EXPECT_EQ(SmallerMqSize({128, 10}), (MqSize{128, 5}));
  EXPECT_EQ(SmallerMqSize({128, 1}), std::nullopt);
}

class Mq : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = ForbiddenHere("mq")) GTEST_SKIP() << *reason;
  }
};

void ExpectEcho(const ChannelShape& shape, const MqLimits& limits,
                const std::vector<size_t>& sizes) {
  Connection connection = OpenMq(shape, limits);
  std::thread worker(
      [channel = AttachMq(std::move(connection.worker_fds), shape)] { Echo(*channel); });
  for (const size_t bytes : sizes) {
    const auto payload = Payload(bytes, bytes);
    const Incoming answer = RoundTrip(*connection.dispatcher, payload);
    EXPECT_TRUE(
        std::equal(payload.begin(), payload.end(), answer.payload.begin(), answer.payload.end()))
        << bytes;
  }
  connection.dispatcher.reset();
  worker.join();
}

TEST_F(Mq, SplitsAndRestoresMessagesAroundTheMessageSize) {
  for (const size_t packet : {size_t{128}, size_t{1000}, size_t{8192}}) {
    MqLimits limits = kDefaults;
    limits.message_bytes = packet;
    ExpectEcho({3 * packet, 3 * packet, 2}, limits,
               {0, 1, packet - kHead - 1, packet - kHead, packet - kHead + 1, 2 * packet - kHead,
                2 * packet - kHead + 1, 3 * packet});
  }
}

TEST_F(Mq, WorksWithTheSmallestQueue) {
  ExpectEcho({10'000, 10'000, 2}, {1, 1, 0}, {0, 10'000, 1, 64, 65});
}

TEST_F(Mq, CarriesChunksThatTakeThousandsOfMessages) {
  ExpectEcho({20 * kMib, 20 * kMib, 2}, ReadMqLimits(), {20 * kMib});
}

TEST_F(Mq, TakesSmallerQueuesThanItAskedForWhenRefused) {
  const MqLimits beyond{64 * kMib, 1, std::numeric_limits<size_t>::max()};
  const Connection connection = OpenMq({64 * kMib, 0, 2}, beyond);
  EXPECT_LT(AttributesOf(connection.worker_fds.at(0)).mq_msgsize, 64 << 20);
}

TEST_F(Mq, QueuesHaveNoNameAnyMore) {
  const Connection connection = OpenMq({64, 64, 2});
  for (const size_t i : {0u, 1u}) {
    const std::string path = std::filesystem::read_symlink(
        "/proc/self/fd/" + std::to_string(connection.worker_fds.at(i).get()));
    EXPECT_THAT(path, testing::StartsWith("/coresweep."));
    EXPECT_THAT(path, testing::EndsWith(" (deleted)"));
  }
}

/// Sets the soft limit for as long as it lives.
class QueueLimit {
 public:
  explicit QueueLimit(rlim_t bytes) {
    getrlimit(RLIMIT_MSGQUEUE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_MSGQUEUE, &limit);
  }
  QueueLimit(const QueueLimit&) = delete;
  QueueLimit& operator=(const QueueLimit&) = delete;
  ~QueueLimit() { setrlimit(RLIMIT_MSGQUEUE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(Mq, NamesTheLimitWhenNoQueueCanBeMade) {
  const QueueLimit none(0);
  try {
    (void)OpenMq({64, 64, 2});
    FAIL() << "a queue was made";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("RLIMIT_MSGQUEUE"));
    EXPECT_THAT(error.what(), testing::HasSubstr("may take 0 bytes"));
    EXPECT_THAT(error.what(), testing::HasSubstr("ulimit -q"));
  }
}

TEST_F(Mq, ReadsTheLimitOfTheUser) {
  const QueueLimit some(12'345);
  EXPECT_EQ(ReadMqLimits().user_bytes, 12'345u);
}

TEST_F(Mq, AMessageThatIsTooLongOrEmptyIsAnError) {
  const ChannelShape shape{0, 10, 2};
  for (const size_t bytes : {sizeof(ChunkHeader) + 11, size_t{0}}) {
    const Connection connection = OpenMq(shape);
    const std::string garbage(bytes, 'x');
    ASSERT_EQ(mq_send(connection.worker_fds.at(1).get(), garbage.data(), bytes, 0), 0);
    EXPECT_THROW((void)connection.dispatcher->TryReceive(), Error);
  }
}

TEST_F(Mq, APieceThatIsTooLongIsAnErrorAndWritesNowhere) {
  const Connection connection = OpenMq({0, 10, 2});
  const int answers = connection.worker_fds.at(1).get();
  const ChunkHeader header = Header(0, 10);
  ASSERT_EQ(mq_send(answers, reinterpret_cast<const char*>(&header), sizeof header, 0), 0);
  EXPECT_FALSE(connection.dispatcher->TryReceive());
  const std::string piece(11, 'x');
  ASSERT_EQ(mq_send(answers, piece.data(), piece.size(), 0), 0);
  EXPECT_THROW((void)connection.dispatcher->TryReceive(), Error);
}

TEST_F(Mq, AWorkerLearnsThatTheDispatcherWentWhileTheQueueWasFull) {
  const ChannelShape shape{kMib, 0, 2};
  Connection connection = OpenMq(shape);
  const auto payload = Payload(kMib, 0);
  ASSERT_TRUE(connection.dispatcher->TrySend(Header(0, kMib), payload));
  ASSERT_TRUE(connection.dispatcher->WantsToSend());
  connection.dispatcher.reset();  // no room for a parting word
  const auto worker = AttachMq(std::move(connection.worker_fds), shape);
  EXPECT_THROW((void)worker->Receive(), Error);
}

}  // namespace
}  // namespace coresweep
