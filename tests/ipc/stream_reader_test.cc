#include "harness/ipc/stream_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "harness/base/unique_fd.h"
#include "tests/ipc/channel_testing.h"

namespace coresweep {
namespace {

using Came = StreamReader::Came;
using Look = StreamReader::Look;

/// A reader of messages of up to 100 bytes at the end of a pipe that does not block.
class StreamReaderTest : public testing::Test {
 protected:
  StreamReaderTest() {
    std::array<int, 2> fds{};
    Check(pipe2(fds.data(), O_CLOEXEC | O_NONBLOCK), "pipe2");
    read_.Reset(fds[0]);
    write_.Reset(fds[1]);
  }
  void Write(std::span<const std::byte> bytes) {
    ASSERT_EQ(write(write_.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  static std::vector<std::byte> Message(uint64_t sequence, size_t bytes) {
    const ChunkHeader header = Header(sequence, bytes);
    const auto payload = Payload(bytes, sequence);
    std::vector<std::byte> message(sizeof header + payload.size());
    std::memcpy(message.data(), &header, sizeof header);
    std::copy(payload.begin(), payload.end(), message.begin() + sizeof header);
    return message;
  }
  void ExpectNext(uint64_t sequence, size_t bytes) {
    ASSERT_EQ(Read(), Came::kWhole);
    const Incoming message = reader_.message();
    EXPECT_EQ(message.header.sequence, sequence);
    const auto expected = Payload(bytes, sequence);
    ASSERT_EQ(message.payload.size(), bytes);
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), message.payload.begin()));
  }
  Came Read() { return reader_.Read(read_.get(), Look::kOnce); }

  UniqueFd read_;
  UniqueFd write_;
  StreamReader reader_{{100, 100, 2}, 100};
};

TEST_F(StreamReaderTest, MessagesOfAnyLengthComeWholeAndInOrder) {
  const std::array<size_t, 8> sizes{100, 3, 0, 100, 0, 64, 65, 1};
  for (size_t i = 0; i < sizes.size(); ++i)
    Write(Message(i, sizes[i]));
  for (size_t i = 0; i < sizes.size(); ++i)
    ExpectNext(i, sizes[i]);
  reader_.Woken();
  EXPECT_EQ(Read(), Came::kLater);
}

TEST_F(StreamReaderTest, AMessageThatComesByteForByteIsWholeAtTheLast) {
  const auto message = Message(7, 10);
  for (size_t i = 0; i < message.size(); ++i) {
    reader_.Woken();
    EXPECT_EQ(Read(), Came::kLater) << i;
    EXPECT_FALSE(reader_.HasNext());
    Write(std::span(message).subspan(i, 1));
  }
  ExpectNext(7, 10);
}

TEST_F(StreamReaderTest, SaysOnceWithoutAskingThatNothingIsLeft) {
  Write(Message(0, 10));
  ExpectNext(0, 10);
  Write(Message(1, 10));
  EXPECT_EQ(Read(), Came::kLater) << "the kernel was asked";
  ExpectNext(1, 10);
  Write(Message(2, 10));
  reader_.Woken();
  ExpectNext(2, 10);
}

TEST_F(StreamReaderTest, KnowsWhatItHasReadAlong) {
  Write(Message(0, 100));
  ExpectNext(0, 100);
  Write(Message(1, 0));  // 100 bytes are expected, which brings the next along
  Write(Message(2, 0));
  reader_.Woken();
  ExpectNext(1, 0);
  EXPECT_TRUE(reader_.HasNext());
  ExpectNext(2, 0);
  EXPECT_FALSE(reader_.HasNext());
}

TEST_F(StreamReaderTest, WhatIsNoMessageIsRefusedForGood) {
  Write(Message(0, 100));
  ExpectNext(0, 100);
  Write(Message(1, 0));
  Write(Payload(64, 1));
  reader_.Woken();
  ExpectNext(1, 0);
  EXPECT_TRUE(reader_.HasNext()) << "whoever sleeps would not hear of it";
  EXPECT_THROW((void)Read(), Error);
  EXPECT_THROW((void)Read(), Error);
}

TEST_F(StreamReaderTest, TheEndInsideAMessageIsAnErrorToWhoWaitsForTheRest) {
  const auto message = Message(0, 10);
  Write(std::span(message).first(70));
  write_.Reset();
  EXPECT_EQ(Read(), Came::kEnded);
  EXPECT_THROW((void)reader_.Read(read_.get(), Look::kWait), Error);
}

TEST_F(StreamReaderTest, SpinsOverADescriptorThatBlocks) {
  Check(fcntl(read_.get(), F_SETFL, 0), "fcntl");
  EXPECT_EQ(reader_.Read(read_.get(), Look::kSpin), Came::kLater);
  Write(Message(0, 10));
  ASSERT_EQ(reader_.Read(read_.get(), Look::kSpin), Came::kWhole);
  write_.Reset();
  EXPECT_EQ(reader_.Read(read_.get(), Look::kWait), Came::kEnded);
}

}  // namespace
}  // namespace coresweep
