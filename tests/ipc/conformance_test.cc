// What every transport promises, run on every row of the table. Both ends live in this process, the
// worker's in a thread of its own.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <functional>
#include <numeric>
#include <random>
#include <thread>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/ipc/transports.h"
#include "tests/ipc/channel_testing.h"

namespace coresweep {
namespace {

size_t OpenDescriptors() {
  const auto files = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(files), end(files)));
}

class Conformance : public testing::TestWithParam<TransportEntry> {
 protected:
  Conformance() { std::signal(SIGPIPE, SIG_IGN); }  // as `StopSignal` does in the program
  ~Conformance() override { Join(); }

  void SetUp() override {
    if (const auto reason = ForbiddenHere(GetParam().name)) GTEST_SKIP() << *reason;
  }

  void Open(const ChannelShape& shape) { Open(shape, shape); }
  void Open(const ChannelShape& dispatchers, const ChannelShape& workers) {
    Connection connection = GetParam().open(dispatchers);
    held_.reset();
    dispatcher_ = std::move(connection.dispatcher);
    worker_ = GetParam().attach(std::move(connection.worker_fds), workers);
  }

  /// The next answer, valid until the one after it.
  Incoming Await() {
    GiveBack();
    const Incoming answer = AwaitAnswer(*dispatcher_);
    held_ = answer.slot;
    return answer;
  }
  void GiveBack() {
    if (held_ && dispatcher_->HoldsAnswers()) dispatcher_->Release(*held_);
    held_.reset();
  }

  /// Runs `body` in the worker's thread, which owns its end from now on.
  void StartWorker(std::function<void(WorkerChannel&)> body) {
    thread_ = std::thread([this, body = std::move(body), channel = std::move(worker_)] {
      try {
        body(*channel);
      } catch (const std::exception& error) {
        worker_error_ = error.what();
      }
    });
  }
  void Join() {
    if (!thread_.joinable()) return;
    dispatcher_.reset();
    thread_.join();
    EXPECT_EQ(worker_error_, "");
  }

  std::unique_ptr<DispatcherChannel> dispatcher_;
  std::unique_ptr<WorkerChannel> worker_;
  std::optional<uint32_t> held_;
  std::thread thread_;
  std::string worker_error_;
};

TEST_P(Conformance, PayloadsOfAnySizeArriveWholeAndInOrder) {
  for (const size_t bytes : {size_t{0}, size_t{1}, 64 * kKib, kMib, 8 * kMib}) {
    constexpr int kCredit = 3;
    const uint64_t chunks = bytes > kMib ? 6 : 40;
    Open({bytes, bytes, kCredit});
    StartWorker(Echo);
    std::vector<std::vector<std::byte>> payloads;
    for (uint64_t i = 0; i < chunks; ++i)
      payloads.push_back(Payload(bytes, i));
    uint64_t sent = 0;
    for (uint64_t received = 0; received < chunks; ++received) {
      while (sent < chunks && sent - received < kCredit &&
             dispatcher_->TrySend(Header(sent, bytes), payloads[sent])) {
        ++sent;
      }
      const Incoming answer = Await();
      ASSERT_EQ(answer.header.sequence, received);
      ASSERT_EQ(answer.payload.size(), bytes);
      ASSERT_TRUE(
          std::equal(answer.payload.begin(), answer.payload.end(), payloads[received].begin()));
    }
    Join();
  }
}

/// The largest payload of a chunk that is promised, or less where the memory or a sanitizer's
/// patience does not do: several copies of it are there at a time.
size_t LargestPayloadHere() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return 16 * kMib;
#else
  constexpr size_t kCopies = 12;
  constexpr size_t kLargest = 256 * kMib;
  const auto free = static_cast<size_t>(sysconf(_SC_AVPHYS_PAGES) * sysconf(_SC_PAGESIZE));
  return free / kCopies < kLargest ? 16 * kMib : kLargest;
#endif
}

TEST_P(Conformance, TheLargestPayloadArrivesWhole) {
  const size_t bytes = LargestPayloadHere();
  Open({bytes, bytes, 1});
  StartWorker(Echo);
  std::vector<std::byte> payload(bytes);
  for (size_t at = 0; at < bytes; at += kKib)
    std::memcpy(payload.data() + at, &at, sizeof at);
  ASSERT_TRUE(dispatcher_->TrySend(Header(0, bytes), payload));
  const Incoming answer = Await();
  ASSERT_EQ(answer.payload.size(), bytes);
  EXPECT_EQ(std::memcmp(answer.payload.data(), payload.data(), bytes), 0);
  GiveBack();
  Join();
}

TEST_P(Conformance, AllFieldsOfTheHeaderTravelBothWays) {
  Open({16, 16, 2});
  const ChunkHeader sent{ChunkHeader::kMagic, 1, MessageKind::kChunk, 2, 3, 4, 8, 5, 6, 7, 9};
  const auto payload = Payload(8, 1);
  ASSERT_TRUE(dispatcher_->TrySend(sent, payload));
  const auto incoming = worker_->Receive();
  ASSERT_TRUE(incoming);
  EXPECT_EQ(std::memcmp(&incoming->header, &sent, sizeof sent), 0);
  Answer(*worker_, *incoming);
  const Incoming answer = Await();
  EXPECT_EQ(std::memcmp(&answer.header, &sent, sizeof sent), 0);
}

TEST_P(Conformance, PayloadsSmallerThanTheLargestKeepTheirLength) {
  Open({4 * kKib, 4 * kKib, 2});
  StartWorker(Echo);
  for (const size_t bytes : {4 * kKib, size_t{1}, size_t{0}, size_t{77}}) {
    const auto payload = Payload(bytes, bytes);
    ASSERT_TRUE(dispatcher_->TrySend(Header(bytes, bytes), payload));
    const Incoming answer = Await();
    EXPECT_TRUE(
        std::equal(answer.payload.begin(), answer.payload.end(), payload.begin(), payload.end()));
  }
}

TEST_P(Conformance, AnAnswerMayBeShorterThanTheSpaceAskedFor) {
  constexpr size_t kSpace = 4 * kKib;
  Open({kSpace, kSpace, 2});
  StartWorker([](WorkerChannel& channel) {
    while (auto incoming = channel.Receive()) {
      if (incoming->header.kind == MessageKind::kStop) return;
      const auto space = channel.AnswerSpace(kSpace);
      const auto& payload = incoming->payload;
      std::copy(payload.begin(), payload.end(), space.begin());
      channel.Send(incoming->header);
    }
  });
  for (const size_t bytes : {size_t{65}, size_t{64}, size_t{1}, size_t{0}, kSpace, size_t{8}}) {
    const auto payload = Payload(bytes, bytes);
    ASSERT_TRUE(dispatcher_->TrySend(Header(bytes, bytes), payload));
    const Incoming answer = Await();
    EXPECT_TRUE(
        std::equal(answer.payload.begin(), answer.payload.end(), payload.begin(), payload.end()))
        << bytes;
  }
}

TEST_P(Conformance, TheWholeCreditFitsWhileTheWorkerIsBusy) {
  constexpr int kCredit = 8;
  Open({64, 64, kCredit});
  const auto payload = Payload(64, 0);
  for (uint64_t i = 0; i < kCredit; ++i)
    ASSERT_TRUE(dispatcher_->TrySend(Header(i, 64), payload));
  ASSERT_TRUE(dispatcher_->TrySend(StopHeader(), {}));
  EXPECT_FALSE(dispatcher_->WantsToSend());
  StartWorker(Echo);
  for (uint64_t i = 0; i < kCredit; ++i)
    EXPECT_EQ(Await().header.sequence, i);
}

TEST_P(Conformance, RefusesToSendWhenFullAndGoesOnOnceThereIsRoom) {
  constexpr size_t kBytes = 256 * kKib;
  Open({kBytes, kBytes, 2});
  const auto payload = Payload(kBytes, 5);
  uint64_t sent = 0;
  while (dispatcher_->TrySend(Header(sent, kBytes), payload))
    ASSERT_LT(++sent, 100u) << "it never refuses";
  ASSERT_GE(sent, 1u);
  EXPECT_FALSE(dispatcher_->TrySend(Header(99, kBytes), payload));
  const uint64_t all = sent + 5;
  uint64_t answered = 0;
  std::vector<uint64_t> received;
  bool intact = true;
  StartWorker([&](WorkerChannel& channel) {
    while (received.size() < all) {
      const auto incoming = channel.Receive();
      if (!incoming) return;
      received.push_back(incoming->header.sequence);
      intact = intact && std::equal(payload.begin(), payload.end(), incoming->payload.begin(),
                                    incoming->payload.end());
      (void)channel.AnswerSpace(0);
      channel.Send(Header(incoming->header.sequence, 0));
    }
  });
  const Deadline deadline = Deadline::After(kPatienceNs);
  while (sent < all || dispatcher_->WantsToSend()) {
    ASSERT_FALSE(deadline.Passed());
    if (dispatcher_->WantsToSend()) dispatcher_->Flush();
    const bool in_credit = sent < answered + 2;
    if (sent < all && in_credit && dispatcher_->TrySend(Header(sent, kBytes), payload)) ++sent;
    if (const auto answer = dispatcher_->TryReceive()) {
      dispatcher_->Release(answer->slot);
      ++answered;
    }
    std::this_thread::yield();
  }
  thread_.join();
  std::vector<uint64_t> expected(all);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(received, expected);
  EXPECT_TRUE(intact);
}

TEST_P(Conformance, HasNothingToReceiveBeforeAnAnswer) {
  Open({64, 64, 2});
  EXPECT_FALSE(dispatcher_->TryReceive());
  EXPECT_TRUE(dispatcher_->PrepareToSleep(1));
  pollfd watch{dispatcher_->receive_fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&watch, 1, 0), 0);
}

TEST_P(Conformance, StopReachesTheWorkerBehindTheChunks) {
  Open({64, 64, 2});
  const auto payload = Payload(64, 0);
  ASSERT_TRUE(dispatcher_->TrySend(Header(0, 64), payload));
  ASSERT_TRUE(dispatcher_->TrySend(StopHeader(), {}));
  ASSERT_EQ(worker_->Receive()->header.kind, MessageKind::kChunk);
  const auto stop = worker_->Receive();
  ASSERT_TRUE(stop);
  EXPECT_EQ(stop->header.kind, MessageKind::kStop);
  EXPECT_TRUE(stop->payload.empty());
}

TEST_P(Conformance, WhatWasSentBeforeTheDispatcherWentStillArrives) {
  Open({64, 64, 2});
  const auto payload = Payload(64, 3);
  ASSERT_TRUE(dispatcher_->TrySend(Header(0, 64), payload));
  dispatcher_.reset();
  const auto incoming = worker_->Receive();
  ASSERT_TRUE(incoming);
  EXPECT_TRUE(std::equal(payload.begin(), payload.end(), incoming->payload.begin()));
  EXPECT_FALSE(worker_->Receive());
  EXPECT_FALSE(worker_->Receive());
}

TEST_P(Conformance, AWaitingWorkerLearnsThatTheDispatcherWent) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same delays every time
  for (int round = 0; round < 200; ++round) {
    Open({64, 64, 2});
    bool closed = false;
    StartWorker([&closed](WorkerChannel& channel) { closed = !channel.Receive(); });
    BusyWait(random() % 60'000);
    dispatcher_.reset();
    Join();
    thread_ = {};
    ASSERT_TRUE(closed);
  }
}

TEST_P(Conformance, DispatcherSurvivesAWorkerThatGoesWhileItSends) {
  constexpr size_t kBytes = 4 * kMib;
  for (const int chunks_taken : {0, 1, 2}) {
    Open({kBytes, kBytes, 2});
    std::atomic<bool> ended = false;
    StartWorker([chunks_taken, &ended](WorkerChannel& channel) {
      for (int i = 0; i < chunks_taken; ++i)
        (void)channel.Receive();
      ended = true;
    });
    const auto payload = Payload(kBytes, 0);
    uint64_t sent = 0;
    while (!ended) {
      if (dispatcher_->TrySend(Header(sent, kBytes), payload)) ++sent;
      std::this_thread::yield();
    }
    thread_.join();
    for (int tries = 0; tries < 10; ++tries) {
      (void)dispatcher_->TrySend(Header(sent, kBytes), payload);
      dispatcher_->Flush();
      EXPECT_FALSE(dispatcher_->TryReceive());
    }
    dispatcher_.reset();
    EXPECT_EQ(worker_error_, "");
  }
}

/// Headers that no right peer would send; 100 bytes are what the receiver takes.
std::vector<ChunkHeader> MalformedHeaders(std::string_view transport) {
  std::vector<ChunkHeader> headers(4, Header(0, 8));
  headers[0].generation = 2;
  headers[1].payload_bytes = 101;
  headers[2].kind = static_cast<MessageKind>(3);
  headers[3].kind = static_cast<MessageKind>(0);
  if (transport.starts_with("shm")) return headers;  // a slot's turn stands for the magic number
  headers.push_back(Header(0, 8));
  headers.back().magic = 0x12345678;
  return headers;
}

// The sender believes in 120 bytes, so that a header of 101 gets past its own side.
const ChannelShape kReceiverShape{100, 100, 2};
const ChannelShape kSenderShape{120, 120, 2};

TEST_P(Conformance, WorkerRefusesMalformedHeaders) {
  const auto payload = Payload(101, 0);
  for (const ChunkHeader& header : MalformedHeaders(GetParam().name)) {
    Open(kSenderShape, kReceiverShape);
    ASSERT_TRUE(dispatcher_->TrySend(header, std::span<const std::byte>(payload).first(
                                                 static_cast<size_t>(header.payload_bytes))));
    EXPECT_THROW((void)worker_->Receive(), Error);
  }
}

TEST_P(Conformance, DispatcherRefusesMalformedHeadersEveryTime) {
  for (const ChunkHeader& header : MalformedHeaders(GetParam().name)) {
    Open(kReceiverShape, kSenderShape);
    ASSERT_TRUE(dispatcher_->TrySend(Header(0, 0), {}));
    (void)worker_->Receive();
    (void)worker_->AnswerSpace(static_cast<size_t>(header.payload_bytes));
    worker_->Send(header);
    EXPECT_THROW((void)Await(), Error);
    EXPECT_THROW((void)dispatcher_->TryReceive(), Error);
  }
}

TEST_P(Conformance, NoWakeUpIsLost) {
  for (const int64_t spin_ns : {int64_t{0}, 20 * kNsPerUs}) {
    ChannelShape shape{8, 8, 1};
    shape.spin_ns = spin_ns;
    Open(shape);
    StartWorker([](WorkerChannel& channel) {
      std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same delays every time
      while (const auto incoming = channel.Receive()) {
        if (random() % 2 == 0) BusyWait(random() % 10'000);
        Answer(channel, *incoming);
      }
    });
    std::mt19937 random(2);  // NOLINT(cert-msc51-cpp)
    const auto payload = Payload(8, 0);
    for (uint64_t i = 0; i < 10'000; ++i) {
      ASSERT_TRUE(dispatcher_->TrySend(Header(i, 8), payload));
      if (random() % 2 == 0) BusyWait(random() % 10'000);
      ASSERT_EQ(Await().header.sequence, i);
      GiveBack();
    }
    Join();
  }
}

/// How often the calling thread slept so far.
int64_t Sleeps() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nvcsw;
}

TEST_P(Conformance, AWorkerSleepsOrSpinsAsItIsTold) {
  constexpr uint64_t kChunks = 5;
  for (const bool spins : {false, true}) {
    ChannelShape shape{8, 8, 1};
    shape.spin_ns = spins ? kSpinForever : 0;
    Open(shape);
    int64_t sleeps = 0;
    StartWorker([&sleeps](WorkerChannel& channel) {
      for (uint64_t i = 0; i < kChunks; ++i) {
        const int64_t before = Sleeps();
        const auto incoming = channel.Receive();
        sleeps += Sleeps() - before;
        if (incoming) Answer(channel, *incoming);
      }
    });
    const auto payload = Payload(8, 0);
    for (uint64_t i = 0; i < kChunks; ++i) {
      BusyWait(10 * kNsPerMs);  // long enough for the worker to be waiting
      ASSERT_TRUE(dispatcher_->TrySend(Header(i, 8), payload));
      ASSERT_EQ(Await().header.sequence, i);
      GiveBack();
    }
    Join();
    thread_ = {};
    if (spins) {
      EXPECT_LT(sleeps, static_cast<int64_t>(kChunks));  // a lock of a library may cost one
    } else {
      EXPECT_GT(sleeps, 0);
    }
  }
}

TEST_P(Conformance, LeavesNoDescriptorOpen) {
  const size_t before = OpenDescriptors();
  Open({64, 64, 2});
  EXPECT_GT(OpenDescriptors(), before);
  dispatcher_.reset();
  worker_.reset();
  EXPECT_EQ(OpenDescriptors(), before);
  (void)GetParam().open({64, 64, 2});  // never attached
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST_P(Conformance, WorkersDescriptorsAreAsManyAsDeclaredAndCloseOnExec) {
  const Connection connection = GetParam().open({64, 64, 2});
  EXPECT_EQ(connection.worker_fds.size(), static_cast<size_t>(GetParam().worker_fd_count));
  for (const UniqueFd& fd : connection.worker_fds)
    EXPECT_EQ(fcntl(fd.get(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

INSTANTIATE_TEST_SUITE_P(Transports, Conformance,
                         testing::ValuesIn(TransportTable().begin(), TransportTable().end()),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace coresweep
