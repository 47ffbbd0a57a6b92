#include "harness/ipc/zeromq_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <atomic>
#include <cstring>
#include <set>
#include <thread>

#include "harness/ipc/zeromq_socket.h"
#include "tests/ipc/channel_testing.h"

namespace coresweep {
namespace {

using ZeromqBytes = std::vector<std::byte>;

std::string NameOf(const UniqueFd& listener) {
  sockaddr_un address{};
  socklen_t length = sizeof address;
  EXPECT_EQ(getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &length), 0);
  EXPECT_EQ(address.sun_path[0], '\0') << "the name of a file";
  return address.sun_path + 1;
}

/// A worker's end that sends whatever it is told to.
class Forger {
 public:
  explicit Forger(Connection& connection) : socket_({0, 0, kMib}) {
    const std::string endpoint = "ipc://@" + NameOf(connection.worker_fds.at(0));
    socket_.Bind(std::move(connection.worker_fds.at(0)), endpoint);
  }

  void Send(const std::vector<ZeromqBytes>& parts) {
    for (size_t i = 0; i < parts.size(); ++i) {
      ZmqPart part(parts[i].size());
      std::copy(parts[i].begin(), parts[i].end(), part.bytes().begin());
      const Deadline deadline = Deadline::After(kPatienceNs);
      while (!socket_.Send(part, i + 1 < parts.size(), ZmqSocket::Wait::kLookAgain))
        ASSERT_FALSE(deadline.Passed());
    }
  }

 private:
  ZmqSocket socket_;
};

ZeromqBytes HeaderPart(size_t payload_bytes) {
  const ChunkHeader header = Header(0, payload_bytes);
  const auto bytes = std::as_bytes(std::span(&header, 1));
  return {bytes.begin(), bytes.end()};
}

/// What an answer that consists of `parts` does to a dispatcher that takes 100 bytes.
std::string Refusal(const std::vector<ZeromqBytes>& parts) {
  Connection connection = OpenZeromq({0, 100, 2});
  Forger forger(connection);
  forger.Send(parts);
  try {
    (void)AwaitAnswer(*connection.dispatcher);
    return "none";
  } catch (const Error& error) {
    EXPECT_THROW((void)connection.dispatcher->TryReceive(), Error) << "the second time";
    return error.what();
  }
}

TEST(Zeromq, TakesAMessageOfAHeaderAndItsPayload) {
  EXPECT_EQ(Refusal({HeaderPart(0), {}}), "none");
  EXPECT_EQ(Refusal({HeaderPart(100), Payload(100, 0)}), "none");
}

TEST(Zeromq, RefusesMessagesOfOtherPartsByName) {
  using testing::HasSubstr;
  EXPECT_THAT(Refusal({HeaderPart(0)}), HasSubstr("first part of 64 bytes, without another"));
  EXPECT_THAT(Refusal({{}}), HasSubstr("first part of 0 bytes, without another"));
  EXPECT_THAT(Refusal({ZeromqBytes(63), {}}), HasSubstr("first part of 63 bytes, before another"));
  EXPECT_THAT(Refusal({ZeromqBytes(65), {}}), HasSubstr("first part of 65 bytes"));
  EXPECT_THAT(Refusal({ZeromqBytes(64), {}}), HasSubstr("not a chunk header"));
  EXPECT_THAT(Refusal({HeaderPart(10), ZeromqBytes(9)}),
              HasSubstr("9 bytes came for a payload of 10"));
  EXPECT_THAT(Refusal({HeaderPart(10), ZeromqBytes(11)}),
              HasSubstr("11 bytes came for a payload of 10"));
  EXPECT_THAT(Refusal({HeaderPart(101), ZeromqBytes(101)}), HasSubstr("where 100 fit"));
  EXPECT_THAT(Refusal({HeaderPart(0), {}, {}}), HasSubstr("and another part"));
}

TEST(Zeromq, CutsOffWhoeverSendsFarTooMuch) {
  EXPECT_THAT(Refusal({HeaderPart(kMib), ZeromqBytes(kMib)}),
              testing::HasSubstr("malformed message"));
}

TEST(Zeromq, EveryConnectionListensUnderANameOfItsOwnThatNobodyElseCanTake) {
  std::set<std::string> names;
  for (int i = 0; i < 10; ++i) {
    const Connection connection = OpenZeromq({64, 64, 2});
    const std::string name = NameOf(connection.worker_fds.at(0));
    EXPECT_TRUE(names.insert(name).second);
    ZmqSocket thief({0, 0, 64});
    try {
      thief.Bind(UniqueFd(), "ipc://@" + name);
      ADD_FAILURE() << "two sockets listen under one name";
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("EADDRINUSE"));
    }
  }
}

TEST(Zeromq, AStrangerThatConnectsIsNotHeard) {
  Connection connection = OpenZeromq({64, 64, 2});
  const std::string endpoint = "ipc://@" + NameOf(connection.worker_fds.at(0));
  const auto worker = AttachZeromq(std::move(connection.worker_fds), {64, 64, 2});
  const auto payload = Payload(64, 0);
  ASSERT_TRUE(connection.dispatcher->TrySend(Header(1, 64), payload));
  EXPECT_EQ(worker->Receive()->header.sequence, 1u);
  ZmqSocket stranger({0, 0, 64});
  stranger.Connect(endpoint);
  ZmqPart garbage(64);
  ASSERT_TRUE(stranger.Send(garbage, false, ZmqSocket::Wait::kNot));
  for (uint64_t i = 2; i < 50; ++i) {
    ASSERT_TRUE(connection.dispatcher->TrySend(Header(i, 64), payload));
    const auto incoming = worker->Receive();
    ASSERT_EQ(incoming->header.sequence, i);
    Answer(*worker, *incoming);
    EXPECT_EQ(AwaitAnswer(*connection.dispatcher).header.sequence, i);
  }
}

TEST(Zeromq, PayloadsLieWhereNumbersMay) {
  const ChannelShape shape{kMib, kMib, 2};
  Connection connection = OpenZeromq(shape);
  const auto worker = AttachZeromq(std::move(connection.worker_fds), shape);
  for (const size_t bytes :
       {size_t{8}, size_t{32}, size_t{40}, size_t{1000}, size_t{8184}, 9 * kKib, kMib}) {
    const auto payload = Payload(bytes, bytes);
    ASSERT_TRUE(connection.dispatcher->TrySend(Header(0, bytes), payload));
    const auto incoming = worker->Receive();
    const auto space = worker->AnswerSpace(bytes);
    std::memcpy(space.data(), incoming->payload.data(), bytes);
    worker->Send(incoming->header);
    const Incoming answer = AwaitAnswer(*connection.dispatcher);
    EXPECT_THAT(answer.payload, testing::ElementsAreArray(payload));
    for (const void* place :
         {static_cast<void*>(incoming->payload.data()), static_cast<void*>(space.data()),
          static_cast<void*>(answer.payload.data())})
      EXPECT_EQ(reinterpret_cast<uintptr_t>(place) % alignof(int64_t), 0u) << bytes;
  }
}

TEST(Zeromq, SendsOnlyAsMuchOfTheAnswerSpaceAsTheHeaderSays) {
  const ChannelShape shape{0, 100, 2};
  Connection connection = OpenZeromq(shape);
  const auto worker = AttachZeromq(std::move(connection.worker_fds), shape);
  const auto payload = Payload(100, 0);
  std::memcpy(worker->AnswerSpace(100).data(), payload.data(), 100);
  worker->Send(Header(0, 40));
  const Incoming answer = AwaitAnswer(*connection.dispatcher);
  EXPECT_THAT(answer.payload, testing::ElementsAreArray(std::span(payload).first(40)));
}

TEST(Zeromq, AllAnswersAreReceivedBeforeTheWorkerHasItsStopMessage) {
  constexpr int kCredit = 8;
  const ChannelShape shape{64, 256 * kKib, kCredit};
  for (int round = 0; round < 20; ++round) {
    Connection connection = OpenZeromq(shape);
    DispatcherChannel& dispatcher = *connection.dispatcher;
    std::atomic<bool> stopped = false;
    std::thread worker([&, channel = AttachZeromq(std::move(connection.worker_fds), shape)] {
      while (channel->Receive()->header.kind == MessageKind::kChunk) {
        (void)channel->AnswerSpace(shape.answer_bytes);
        channel->Send(Header(0, shape.answer_bytes));
      }
      stopped = true;
    });
    const auto payload = Payload(64, 0);
    for (uint64_t i = 0; i < kCredit; ++i)
      ASSERT_TRUE(dispatcher.TrySend(Header(i, 64), payload));
    ASSERT_TRUE(dispatcher.TrySend(StopHeader(), {}));
    int answers = 0;
    while (!stopped)
      answers += dispatcher.TryReceive() ? 1 : 0;
    worker.join();
    EXPECT_EQ(answers, kCredit);
  }
}

TEST(Zeromq, AWorkerWithManyChunksBehindItsStopLearnsThatAllAnswersCame) {
  constexpr int kCredit = 1024;  // more than the socket pair holds counts
  const ChannelShape shape{8, 8, kCredit};
  Connection connection = OpenZeromq(shape);
  auto worker = AttachZeromq(std::move(connection.worker_fds), shape);
  const auto payload = Payload(8, 0);
  for (uint64_t i = 0; i < kCredit; ++i)
    ASSERT_TRUE(connection.dispatcher->TrySend(Header(i, 8), payload));
  ASSERT_TRUE(connection.dispatcher->TrySend(StopHeader(), {}));
  // The dispatcher takes each answer before the worker looks at its stop message.
  for (uint64_t i = 0; i < kCredit; ++i) {
    const auto chunk = worker->Receive();
    ASSERT_TRUE(chunk);
    Answer(*worker, *chunk);
    ASSERT_EQ(AwaitAnswer(*connection.dispatcher).header.sequence, i);
    EXPECT_FALSE(connection.dispatcher->TryReceive());
  }
  std::atomic<bool> stopped = false;
  std::thread waiting([&] {
    const auto stop = worker->Receive();
    stopped = stop && stop->header.kind == MessageKind::kStop;
  });
  const Deadline deadline = Deadline::After(kPatienceNs);
  while (!stopped && !deadline.Passed()) {
    EXPECT_FALSE(connection.dispatcher->TryReceive());
    std::this_thread::yield();
  }
  connection.dispatcher.reset();  // ends the wait of a worker that would wait for ever
  waiting.join();
  EXPECT_TRUE(stopped);
}

}  // namespace
}  // namespace coresweep
