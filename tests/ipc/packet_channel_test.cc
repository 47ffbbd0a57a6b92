#include "harness/ipc/packet_channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "tests/ipc/channel_testing.h"

namespace coresweep {
namespace {

using testing::ElementsAre;
using Packet = std::vector<std::byte>;
using State = PacketEnd::State;

/// Packets in memory: what was sent and what is to be received.
struct Packets {
  size_t most_bytes = 128;
  size_t room = 1000;  ///< packets that still may be sent
  bool gone = false;
  std::vector<Packet> sent;
  std::deque<Packet> coming;

  [[nodiscard]] std::vector<size_t> SentSizes() const {
    std::vector<size_t> sizes;
    for (const Packet& packet : sent)
      sizes.push_back(packet.size());
    return sizes;
  }
  [[nodiscard]] Packet SentBytes() const {
    Packet all;
    for (const Packet& packet : sent)
      all.insert(all.end(), packet.begin(), packet.end());
    return all;
  }
};

class MemoryEnd final : public PacketEnd {
 public:
  explicit MemoryEnd(Packets* packets) : packets_(packets) {}

  Result Send(std::span<const std::byte> head, std::span<const std::byte> body) override {
    if (packets_->gone) return {State::kGone};
    if (packets_->room == 0) return {State::kLater};
    --packets_->room;
    Packet packet(head.begin(), head.end());
    packet.insert(packet.end(), body.begin(), body.end());
    packet.resize(std::min(packet.size(), packets_->most_bytes));
    packets_->sent.push_back(packet);
    return {State::kMoved, packet.size()};
  }

  Result Receive(std::span<std::byte> head, std::span<std::byte> body, Look /*look*/) override {
    if (packets_->coming.empty()) return {packets_->gone ? State::kGone : State::kLater};
    const Packet packet = packets_->coming.front();
    packets_->coming.pop_front();
    if (packet.size() > head.size() + body.size()) throw Error("too long");
    const auto of_head = static_cast<std::ptrdiff_t>(std::min(head.size(), packet.size()));
    std::copy(packet.begin(), packet.begin() + of_head, head.begin());
    std::copy(packet.begin() + of_head, packet.end(), body.begin());
    return {State::kMoved, packet.size()};
  }

  int receive_fd() const override { return -1; }
  int send_fd() const override { return -1; }

 private:
  Packets* packets_;
};

const ChannelShape kShape{1000, 1000, 2};

PacketDispatcherChannel Dispatcher(Packets& packets) {
  return {std::make_unique<MemoryEnd>(&packets), kShape};
}

PacketWorkerChannel Worker(Packets& packets) {
  return {std::make_unique<MemoryEnd>(&packets), kShape};
}

Packet Bytes(const ChunkHeader& header, std::span<const std::byte> payload) {
  const auto head = std::as_bytes(std::span(&header, 1));
  Packet bytes(head.begin(), head.end());
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

std::vector<size_t> SizesWhenSent(size_t payload_bytes) {
  Packets packets;
  const auto payload = Payload(payload_bytes, 1);
  EXPECT_TRUE(Dispatcher(packets).TrySend(Header(3, payload_bytes), payload));
  EXPECT_EQ(packets.SentBytes(), Bytes(Header(3, payload_bytes), payload));
  return packets.SentSizes();
}

TEST(PacketDispatcherChannel, SplitsOnlyWhatDoesNotFit) {
  EXPECT_THAT(SizesWhenSent(0), ElementsAre(64));
  EXPECT_THAT(SizesWhenSent(1), ElementsAre(65));
  EXPECT_THAT(SizesWhenSent(64), ElementsAre(128));
  EXPECT_THAT(SizesWhenSent(65), ElementsAre(128, 1));
  EXPECT_THAT(SizesWhenSent(192), ElementsAre(128, 128));
  EXPECT_THAT(SizesWhenSent(193), ElementsAre(128, 128, 1));
}

TEST(PacketDispatcherChannel, GoesOnWhereItStoppedOnceThereIsRoom) {
  Packets packets;
  packets.room = 2;
  auto channel = Dispatcher(packets);
  const auto payload = Payload(500, 1);
  ASSERT_TRUE(channel.TrySend(Header(0, 500), payload));
  EXPECT_TRUE(channel.WantsToSend());
  EXPECT_FALSE(channel.TrySend(Header(1, 500), payload));
  EXPECT_EQ(packets.sent.size(), 2u);
  packets.room = 1;
  channel.Flush();
  EXPECT_TRUE(channel.WantsToSend());
  packets.room = 100;
  channel.Flush();
  EXPECT_FALSE(channel.WantsToSend());
  EXPECT_EQ(packets.SentBytes(), Bytes(Header(0, 500), payload));
}

TEST(PacketDispatcherChannel, DropsWhatAWorkerThatHasGoneCannotTake) {
  Packets packets;
  packets.gone = true;
  auto channel = Dispatcher(packets);
  const auto payload = Payload(500, 1);
  EXPECT_TRUE(channel.TrySend(Header(0, 500), payload));
  EXPECT_FALSE(channel.WantsToSend());
  EXPECT_FALSE(channel.TryReceive());
}

TEST(PacketDispatcherChannel, PutsAnAnswerTogetherThatComesInPieces) {
  Packets packets;
  auto channel = Dispatcher(packets);
  const auto payload = Payload(200, 2);
  packets.coming = {Bytes(Header(7, 200), std::span(payload).first(50))};
  EXPECT_FALSE(channel.TryReceive());
  packets.coming = {Packet(payload.begin() + 50, payload.begin() + 51)};
  EXPECT_FALSE(channel.TryReceive());
  packets.coming = {Packet(payload.begin() + 51, payload.end()), Bytes(Header(8, 0), {})};
  const auto answer = channel.TryReceive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->header.sequence, 7u);
  EXPECT_THAT(answer->payload, testing::ElementsAreArray(payload));
  EXPECT_EQ(channel.TryReceive()->header.sequence, 8u);
}

/// Packets that no right peer sends, in the order of a message.
std::vector<std::deque<Packet>> Garbage() {
  const auto payload = Payload(200, 3);
  const auto first = [&](size_t bytes) { return std::span(payload).first(bytes); };
  const Packet whole = Bytes(Header(0, 0), {});
  return {
      {Packet(whole.begin(), whole.end() - 1)},                        // not even a header
      {Packet(64)},                                                    // not a header
      {Bytes(Header(0, 10), first(11))},                               // more than it says
      {Bytes(Header(0, 0), first(1))},                                 // more than nothing
      {Bytes(Header(0, 1001), {})},                                    // more than fits
      {Bytes(Header(0, ~size_t{0}), first(200))},                      // more than there is
      {Bytes(Header(0, 10), first(9)), Packet(2)},                     // more in the second packet
      {Bytes(Header(0, 100), {}), Bytes(Header(1, 100), first(100))},  // another header inside
  };
}

TEST(PacketReader, EndsAtGarbageOnBothSides) {
  for (size_t i = 0; i < Garbage().size(); ++i) {
    Packets packets;
    packets.coming = Garbage()[i];
    auto dispatcher = Dispatcher(packets);
    EXPECT_THROW((void)dispatcher.TryReceive(), Error) << i;
    packets.coming = {Bytes(Header(0, 0), {})};
    EXPECT_THROW((void)dispatcher.TryReceive(), Error) << i << ", the second time";
    packets.coming = Garbage()[i];
    auto worker = Worker(packets);
    EXPECT_THROW((void)worker.Receive(), Error) << i;
  }
}

TEST(PacketWorkerChannel, TellsAnEndBetweenMessagesFromOneInside) {
  Packets packets;
  packets.gone = true;
  packets.coming = {Bytes(Header(0, 0), {})};
  auto channel = Worker(packets);
  EXPECT_TRUE(channel.Receive());
  EXPECT_FALSE(channel.Receive());
  packets.coming = {Bytes(Header(0, 10), {})};
  EXPECT_THROW((void)channel.Receive(), Error);
}

TEST(PacketWorkerChannel, CannotAnswerADispatcherThatHasGone) {
  Packets packets;
  auto channel = Worker(packets);
  (void)channel.AnswerSpace(10);
  channel.Send(Header(0, 10));
  EXPECT_THAT(packets.SentSizes(), ElementsAre(74));
  packets.gone = true;
  EXPECT_THROW(channel.Send(Header(0, 10)), Error);
}

}  // namespace
}  // namespace coresweep
