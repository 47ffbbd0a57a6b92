#include "harness/ipc/spsc_ring.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <new>
#include <optional>
#include <random>
#include <span>
#include <thread>

#include "harness/base/clock.h"
#include "harness/base/shared_region.h"

namespace coresweep {
namespace {

constexpr uint64_t kNumbers = 50'000;
constexpr int kPatienceMs = 30'000;

/// A ring of `kCapacity` slots, zeroed as a fresh memfd is.
template <uint32_t kCapacity>
struct Ring {
  RingControl control;
  std::array<RingSlot, kCapacity> slots;

  RingProducer Producer() { return {&control, slots}; }
  RingConsumer Consumer() { return {&control, slots}; }
};

ChunkHeader Numbered(uint64_t number) {
  ChunkHeader header;
  header.sequence = number;
  header.digest = ~number;
  return header;
}

bool Send(RingProducer& producer, uint64_t number) {
  if (producer.TryAcquire() == nullptr) return false;
  producer.Publish(Numbered(number));
  return true;
}

/// Takes the front message, gives its slot back and returns its number; nullopt when there is none.
std::optional<uint64_t> Receive(RingConsumer& consumer) {
  const RingSlot* slot = consumer.TryFront();
  if (slot == nullptr) return std::nullopt;
  const ChunkHeader header = HeaderIn(*slot);
  EXPECT_EQ(header.digest, ~header.sequence);
  const uint32_t index = consumer.slot();
  consumer.Advance();
  consumer.Release(index);
  return header.sequence;
}

TEST(SpscRing, GivesSlotsInOrderAndNoMoreThanThereAre) {
  Ring<3> ring{};
  RingProducer producer = ring.Producer();
  RingConsumer consumer = ring.Consumer();
  EXPECT_EQ(consumer.TryFront(), nullptr);
  for (uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(producer.TryAcquire(), &ring.slots[i]);
    EXPECT_EQ(producer.TryAcquire(), &ring.slots[i]);  // repeats its answer until Publish
    EXPECT_EQ(producer.slot(), i);
    producer.Publish(Numbered(i));
  }
  EXPECT_EQ(producer.TryAcquire(), nullptr);
  EXPECT_EQ(consumer.TryFront(), &ring.slots[0]);
  EXPECT_EQ(consumer.TryFront(), &ring.slots[0]);  // repeats its answer until Advance
  EXPECT_EQ(Receive(consumer), 0u);
  EXPECT_EQ(producer.TryAcquire(), &ring.slots[0]);
  EXPECT_EQ(Receive(consumer), 1u);
}

TEST(SpscRing, BringsTheWholeHeader) {
  Ring<1> ring{};
  RingProducer producer = ring.Producer();
  RingConsumer consumer = ring.Consumer();
  const ChunkHeader sent{ChunkHeader::kMagic, 1, MessageKind::kStop, 2, 3, 4, 5, 6, 7, 8, 9};
  ASSERT_NE(producer.TryAcquire(), nullptr);
  producer.Publish(sent);
  ASSERT_NE(consumer.TryFront(), nullptr);
  const ChunkHeader received = HeaderIn(*consumer.TryFront());
  EXPECT_EQ(std::memcmp(&received, &sent, sizeof sent), 0);
}

TEST(SpscRing, AnAcquiredSlotIsNotThereBeforePublish) {
  Ring<2> ring{};
  RingProducer producer = ring.Producer();
  RingConsumer consumer = ring.Consumer();
  ASSERT_NE(producer.TryAcquire(), nullptr);
  EXPECT_EQ(consumer.TryFront(), nullptr);
  producer.Publish(Numbered(7));
  EXPECT_EQ(Receive(consumer), 7u);
}

TEST(SpscRing, SlotsOfAnEarlierLapAreNotThereAgain) {
  Ring<3> ring{};
  RingProducer producer = ring.Producer();
  RingConsumer consumer = ring.Consumer();
  for (uint64_t i = 0; i < 20; ++i) {
    ASSERT_TRUE(Send(producer, i));
    EXPECT_EQ(Receive(consumer), i);
    EXPECT_EQ(consumer.TryFront(), nullptr);
  }
}

TEST(SpscRing, HeldSlotsComeBackToTheProducerInItsOrder) {
  Ring<3> ring{};
  RingProducer producer = ring.Producer();
  RingConsumer consumer = ring.Consumer();
  for (uint64_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(Send(producer, i));
    ASSERT_NE(consumer.TryFront(), nullptr);
    consumer.Advance();
  }
  EXPECT_FALSE(Send(producer, 3));
  consumer.Release(1);
  consumer.Release(2);
  EXPECT_FALSE(Send(producer, 3)) << "slot 0 is still held";
  consumer.Release(0);
  for (uint64_t i = 3; i < 6; ++i)
    EXPECT_TRUE(Send(producer, i));
  EXPECT_FALSE(Send(producer, 6));
}

TEST(SpscRing, AnArmedConsumerIsToBeWokenOnce) {
  Ring<4> ring{};
  RingProducer producer = ring.Producer();
  RingConsumer consumer = ring.Consumer();
  EXPECT_TRUE(consumer.Arm(1));
  EXPECT_EQ(consumer.armed()->load(), 1u);
  ASSERT_TRUE(Send(producer, 0));
  EXPECT_TRUE(producer.MustWake());
  EXPECT_EQ(consumer.armed()->load(), 0u);
  ASSERT_TRUE(Send(producer, 1));
  EXPECT_FALSE(producer.MustWake());
}

TEST(SpscRing, IsNotWokenBeforeSoManyMessagesAsItAskedFor) {
  Ring<8> ring{};
  RingProducer producer = ring.Producer();
  RingConsumer consumer = ring.Consumer();
  ASSERT_TRUE(Send(producer, 0));
  EXPECT_EQ(Receive(consumer), 0u);  // so that counting from the start of the stream would differ
  EXPECT_TRUE(consumer.Arm(3));
  for (uint64_t i = 1; i < 3; ++i) {
    ASSERT_TRUE(Send(producer, i));
    EXPECT_FALSE(producer.MustWake());
  }
  ASSERT_TRUE(Send(producer, 3));
  EXPECT_TRUE(producer.MustWake());
}

TEST(SpscRing, DoesNotArmWhenSoManyAreThere) {
  Ring<4> ring{};
  RingProducer producer = ring.Producer();
  RingConsumer consumer = ring.Consumer();
  ASSERT_TRUE(Send(producer, 0));
  EXPECT_FALSE(consumer.Arm(1));
  EXPECT_FALSE(producer.MustWake());  // it is not armed
  EXPECT_TRUE(consumer.Arm(2));
  ASSERT_TRUE(Send(producer, 1));
  EXPECT_FALSE(consumer.Arm(2));
  EXPECT_EQ(Receive(consumer), 0u);
  EXPECT_EQ(Receive(consumer), 1u);
  EXPECT_TRUE(consumer.Arm(1));
  consumer.Disarm();
  ASSERT_TRUE(Send(producer, 2));
  EXPECT_FALSE(producer.MustWake());
}

TEST(SpscRing, WhateverAHostileProducerWritesHeldSlotsAreNotTakenTwice) {
  Ring<2> ring{};
  RingProducer producer = ring.Producer();
  RingConsumer consumer = ring.Consumer();
  for (uint64_t i = 0; i < 2; ++i) {
    ASSERT_TRUE(Send(producer, i));
    ASSERT_NE(consumer.TryFront(), nullptr);
    consumer.Advance();
  }
  ring.slots[0].turn = 3;  // as if a third message had been published over the held first one
  EXPECT_EQ(consumer.TryFront(), nullptr);
  for (const uint32_t turn : {0U, 1U, 2U, 4U, ~0U}) {
    ring.slots[0].turn = turn;
    consumer.Release(0);
    EXPECT_EQ(consumer.TryFront(), nullptr) << turn;
  }
}

void Produce(RingProducer producer) {
  for (uint64_t i = 0; i < kNumbers; ++i) {
    while (!Send(producer, i))
      std::this_thread::yield();
  }
}

/// Returns the number of numbers that came right and in order.
uint64_t Consume(RingConsumer consumer) {
  uint64_t right = 0;
  for (uint64_t i = 0; i < kNumbers; ++i) {
    std::optional<uint64_t> number;
    while (!(number = Receive(consumer)))
      std::this_thread::yield();
    if (number == i) ++right;
  }
  return right;
}

TEST(SpscRing, TwoThreadsPassEveryNumberInOrder) {
  Ring<5> ring{};
  std::thread producer([&] { Produce(ring.Producer()); });
  EXPECT_EQ(Consume(ring.Consumer()), kNumbers);
  producer.join();
}

/// Sends `messages` with random pauses, so that arming and publishing meet at all distances.
void ProduceAtRandom(RingProducer producer, uint64_t messages, int wake_fd) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same delays every time
  for (uint64_t i = 0; i < messages; ++i) {
    while (!Send(producer, i))
      std::this_thread::yield();
    if (producer.MustWake()) eventfd_write(wake_fd, 1);
    const Deadline pause = Deadline::After(random() % 3000);
    while (!pause.Passed()) {
    }
  }
}

/// Receives them, sleeping until up to `most` are there; returns how many wake-ups were lost.
int ConsumeAsleep(RingConsumer consumer, uint64_t messages, uint32_t most, int wake_fd) {
  int lost = 0;
  for (uint64_t i = 0; i < messages;) {
    if (const auto number = Receive(consumer)) {
      EXPECT_EQ(*number, i++);
      continue;
    }
    const auto wanted = static_cast<uint32_t>(std::min<uint64_t>(most, messages - i));
    if (!consumer.Arm(wanted)) continue;
    pollfd watch{wake_fd, POLLIN, 0};
    eventfd_t count = 0;
    if (::poll(&watch, 1, lost > 0 ? 0 : kPatienceMs) == 0) {
      ++lost;
    } else {
      eventfd_read(wake_fd, &count);
    }
  }
  return lost;
}

TEST(SpscRing, NoWakeUpIsLostBetweenTwoThreads) {
  for (const uint32_t most : {1U, 3U}) {
    Ring<5> ring{};
    const UniqueFd wake(eventfd(0, EFD_CLOEXEC));
    std::thread producer([&] { ProduceAtRandom(ring.Producer(), 15'000, wake.get()); });
    EXPECT_EQ(ConsumeAsleep(ring.Consumer(), 15'000, most, wake.get()), 0);
    producer.join();
  }
}

TEST(SpscRing, WorksThroughTwoMappingsOfOneMemory) {
  using Shared = Ring<5>;
  const SharedRegion ours = SharedRegion::Create("coresweep.test", sizeof(Shared));
  const SharedRegion theirs =
      SharedRegion::Attach(UniqueFd(fcntl(ours.fd(), F_DUPFD_CLOEXEC, 3)), sizeof(Shared),
                           SharedRegion::Access::kReadWrite);
  ASSERT_NE(ours.data(), theirs.data());
  auto* one = new (ours.data()) Shared{};
  auto* other = reinterpret_cast<Shared*>(theirs.data());
  std::thread producer([&] { Produce(one->Producer()); });
  EXPECT_EQ(Consume(other->Consumer()), kNumbers);
  producer.join();
}

}  // namespace
}  // namespace coresweep
