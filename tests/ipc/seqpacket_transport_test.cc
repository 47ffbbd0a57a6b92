#include "harness/ipc/seqpacket_transport.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>

#include "tests/ipc/channel_testing.h"

namespace coresweep {
namespace {

constexpr size_t kSeqHead = sizeof(ChunkHeader);

/// Both ends, the worker's echoing in a thread.
class EchoingPair {
 public:
  EchoingPair(const ChannelShape& shape, size_t most_packet_bytes)
      : connection_(OpenSeqpacket(shape, most_packet_bytes)),
        thread_([channel = AttachSeqpacket(std::move(connection_.worker_fds), shape,
                                           most_packet_bytes)] { Echo(*channel); }) {}
  EchoingPair(const EchoingPair&) = delete;
  EchoingPair& operator=(const EchoingPair&) = delete;
  ~EchoingPair() {
    connection_.dispatcher.reset();
    thread_.join();
  }
  [[nodiscard]] DispatcherChannel& dispatcher() { return *connection_.dispatcher; }

 private:
  Connection connection_;
  std::thread thread_;
};

void ExpectEcho(DispatcherChannel& channel, size_t bytes) {
  const auto payload = Payload(bytes, bytes);
  const Incoming answer = RoundTrip(channel, payload);
  ASSERT_EQ(answer.payload.size(), bytes);
  EXPECT_TRUE(std::equal(payload.begin(), payload.end(), answer.payload.begin())) << bytes;
}

TEST(Seqpacket, SplitsAndRestoresMessagesAroundThePacketSize) {
  for (const size_t most : {size_t{1}, size_t{128}, size_t{1000}, kMostSeqpacketBytes}) {
    const size_t packet = std::max(most, 2 * kSeqHead);
    EchoingPair pair({3 * packet, 3 * packet, 2}, most);
    for (const size_t bytes :
         {size_t{0}, size_t{1}, packet - kSeqHead - 1, packet - kSeqHead, packet - kSeqHead + 1,
          2 * packet - kSeqHead, 2 * packet - kSeqHead + 1}) {
      ExpectEcho(pair.dispatcher(), bytes);
    }
  }
}

TEST(Seqpacket, CarriesMessagesFarBeyondTheSendBuffer) {
  EchoingPair pair({20 * kMib, 20 * kMib, 2}, kMostSeqpacketBytes);
  ExpectEcho(pair.dispatcher(), 20 * kMib);
}

TEST(Seqpacket, SendsSmallerPacketsWhenTheSocketTakesNoMore) {
  EchoingPair pair({kMib, kMib, 2}, kMostSeqpacketBytes);
  const int least = 1;
  ASSERT_EQ(setsockopt(pair.dispatcher().send_fd(), SOL_SOCKET, SO_SNDBUF, &least, sizeof least),
            0);
  const std::vector<std::byte> packet(kMostSeqpacketBytes);
  ASSERT_LT(send(pair.dispatcher().send_fd(), packet.data(), packet.size(), 0), 0);
  ASSERT_EQ(errno, EMSGSIZE);
  ExpectEcho(pair.dispatcher(), kMib);
}

/// The dispatcher's end and the bare socket of a worker that is not to be trusted.
struct Hostile {
  explicit Hostile(const ChannelShape& shape) : connection(OpenSeqpacket(shape)) {}
  void Send(const void* bytes, size_t count) const {
    ASSERT_EQ(send(connection.worker_fds.at(0).get(), bytes, count, 0),
              static_cast<ssize_t>(count));
  }
  Connection connection;
};

TEST(Seqpacket, APacketThatIsTooLongIsAnErrorAndNotCutOff) {
  const Hostile worker({100, 100, 2});
  const std::vector<std::byte> packet(kSeqHead + 101);
  worker.Send(packet.data(), packet.size());
  EXPECT_THROW((void)worker.connection.dispatcher->TryReceive(), Error);
}

TEST(Seqpacket, APieceThatIsTooLongIsAnErrorAndNotCutOff) {
  const Hostile worker({100, 100, 2});
  const ChunkHeader header = Header(0, 10);
  worker.Send(&header, sizeof header);
  EXPECT_FALSE(worker.connection.dispatcher->TryReceive());
  const std::array<std::byte, 11> piece{};
  worker.Send(piece.data(), piece.size());
  EXPECT_THROW((void)worker.connection.dispatcher->TryReceive(), Error);
}

TEST(Seqpacket, AnEmptyPacketHoldsNothingUp) {
  const Hostile worker({100, 100, 2});
  worker.Send(nullptr, 0);
  EXPECT_FALSE(worker.connection.dispatcher->TryReceive());
  const ChunkHeader header = Header(4, 0);
  worker.Send(&header, sizeof header);
  EXPECT_EQ(AwaitAnswer(*worker.connection.dispatcher).header.sequence, 4u);
}

TEST(Seqpacket, AnAnswerComesFirstFromAWorkerThatWentWithChunksUnread) {
  const ChannelShape shape{100, 100, 2};
  Connection connection = OpenSeqpacket(shape);
  auto worker = AttachSeqpacket(std::move(connection.worker_fds), shape);
  const auto payload = Payload(100, 0);
  for (const uint64_t sequence : {0u, 1u})
    ASSERT_TRUE(connection.dispatcher->TrySend(Header(sequence, 100), payload));
  Answer(*worker, *worker->Receive());
  worker.reset();  // the kernel reports this as an error of the connection
  const auto answer = connection.dispatcher->TryReceive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->header.sequence, 0u);
  EXPECT_FALSE(connection.dispatcher->TryReceive());
}

}  // namespace
}  // namespace coresweep
