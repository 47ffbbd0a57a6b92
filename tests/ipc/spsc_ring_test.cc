#include "harness/ipc/spsc_ring.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <array>
#include <new>
#include <random>
#include <thread>

#include "harness/base/clock.h"
#include "harness/base/shared_region.h"

namespace coresweep {
namespace {

constexpr uint64_t kNumbers = 50'000;
constexpr int kPatienceMs = 30'000;

TEST(SpscRing, GivesSlotsInOrderAndNoMoreThanThereAre) {
  RingIndices indices;
  RingProducer producer(&indices, 3);
  RingConsumer consumer(&indices, 3);
  EXPECT_FALSE(consumer.TryFront());
  for (uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(producer.TryAcquire(), i);
    EXPECT_EQ(producer.TryAcquire(), i);  // repeats its answer until Publish
    EXPECT_FALSE(producer.Publish());
  }
  EXPECT_FALSE(producer.TryAcquire());
  EXPECT_EQ(consumer.TryFront(), 0u);
  EXPECT_EQ(consumer.TryFront(), 0u);  // repeats its answer until Pop
  consumer.Pop();
  EXPECT_EQ(producer.TryAcquire(), 0u);
  EXPECT_EQ(consumer.TryFront(), 1u);
}

TEST(SpscRing, AnAcquiredSlotIsNotThereBeforePublish) {
  RingIndices indices;
  RingProducer producer(&indices, 2);
  RingConsumer consumer(&indices, 2);
  (void)producer.TryAcquire();
  EXPECT_FALSE(consumer.TryFront());
  (void)producer.Publish();
  EXPECT_EQ(consumer.TryFront(), 0u);
}

TEST(SpscRing, AnArmedConsumerIsToBeWokenOnce) {
  RingIndices indices;
  RingProducer producer(&indices, 4);
  RingConsumer consumer(&indices, 4);
  EXPECT_TRUE(consumer.Arm());
  EXPECT_EQ(consumer.armed()->load(), 1u);
  (void)producer.TryAcquire();
  EXPECT_TRUE(producer.Publish());
  EXPECT_EQ(consumer.armed()->load(), 0u);
  (void)producer.TryAcquire();
  EXPECT_FALSE(producer.Publish());
}

TEST(SpscRing, DoesNotArmWhenSomethingIsThere) {
  RingIndices indices;
  RingProducer producer(&indices, 4);
  RingConsumer consumer(&indices, 4);
  (void)producer.TryAcquire();
  (void)producer.Publish();
  EXPECT_FALSE(consumer.Arm());
  (void)producer.TryAcquire();
  EXPECT_FALSE(producer.Publish());  // it is not armed
  consumer.Pop();
  consumer.Pop();
  EXPECT_TRUE(consumer.Arm());
  consumer.Disarm();
  (void)producer.TryAcquire();
  EXPECT_FALSE(producer.Publish());
}

TEST(SpscRing, IsImplausibleWhenTheProducerClaimsMoreThanThereIs) {
  RingIndices indices;
  RingConsumer consumer(&indices, 4);
  indices.tail.store(4);
  EXPECT_TRUE(consumer.TryFront());
  EXPECT_TRUE(consumer.Plausible());
  RingConsumer other(&indices, 4);
  indices.tail.store(5);
  EXPECT_TRUE(other.TryFront());
  EXPECT_FALSE(other.Plausible());
}

/// Slots that hold a number twice: torn or early reads show.
struct Slots {
  static constexpr uint32_t kCapacity = 5;
  std::array<std::array<uint64_t, 2>, kCapacity> numbers;
};

void Produce(RingProducer producer, Slots& slots) {
  for (uint64_t i = 0; i < kNumbers; ++i) {
    std::optional<uint32_t> slot;
    while (!(slot = producer.TryAcquire()))
      std::this_thread::yield();
    slots.numbers[*slot] = {i, ~i};
    (void)producer.Publish();
  }
}

/// Returns the number of numbers that came right and in order.
uint64_t Consume(RingConsumer consumer, const Slots& slots) {
  uint64_t right = 0;
  for (uint64_t i = 0; i < kNumbers; ++i) {
    std::optional<uint32_t> slot;
    while (!(slot = consumer.TryFront()))
      std::this_thread::yield();
    if (slots.numbers[*slot][0] == i && slots.numbers[*slot][1] == ~i) ++right;
    consumer.Pop();
  }
  return right;
}

TEST(SpscRing, TwoThreadsPassEveryNumberInOrder) {
  RingIndices indices;
  Slots slots{};
  std::thread producer([&] { Produce(RingProducer(&indices, Slots::kCapacity), slots); });
  EXPECT_EQ(Consume(RingConsumer(&indices, Slots::kCapacity), slots), kNumbers);
  producer.join();
}

TEST(SpscRing, NoWakeUpIsLostBetweenTwoThreads) {
  RingIndices indices;
  Slots slots{};
  const UniqueFd wake(eventfd(0, EFD_CLOEXEC));
  std::thread producer([&] {
    std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same delays every time
    RingProducer ring(&indices, Slots::kCapacity);
    for (uint64_t i = 0; i < 20'000; ++i) {
      std::optional<uint32_t> slot;
      while (!(slot = ring.TryAcquire()))
        std::this_thread::yield();
      slots.numbers[*slot] = {i, ~i};
      if (ring.Publish()) eventfd_write(wake.get(), 1);
      const Deadline pause = Deadline::After(random() % 3000);
      while (!pause.Passed()) {
      }
    }
  });
  RingConsumer ring(&indices, Slots::kCapacity);
  int lost = 0;
  for (uint64_t i = 0; i < 20'000;) {
    if (const auto slot = ring.TryFront()) {
      EXPECT_EQ(slots.numbers[*slot][0], i++);
      ring.Pop();
    } else if (ring.Arm()) {
      pollfd watch{wake.get(), POLLIN, 0};
      eventfd_t count = 0;
      if (::poll(&watch, 1, lost > 0 ? 0 : kPatienceMs) == 0) {
        ++lost;
      } else {
        eventfd_read(wake.get(), &count);
      }
    }
  }
  producer.join();
  EXPECT_EQ(lost, 0);
}

TEST(SpscRing, WorksThroughTwoMappingsOfOneMemory) {
  struct Shared {
    RingIndices indices;
    Slots slots;
  };
  const SharedRegion ours = SharedRegion::Create("coresweep.test", sizeof(Shared));
  const SharedRegion theirs =
      SharedRegion::Attach(UniqueFd(fcntl(ours.fd(), F_DUPFD_CLOEXEC, 3)), sizeof(Shared),
                           SharedRegion::Access::kReadWrite);
  ASSERT_NE(ours.data(), theirs.data());
  auto* one = new (ours.data()) Shared{};
  auto* other = reinterpret_cast<Shared*>(theirs.data());
  std::thread producer([&] { Produce(RingProducer(&one->indices, Slots::kCapacity), one->slots); });
  EXPECT_EQ(Consume(RingConsumer(&other->indices, Slots::kCapacity), other->slots), kNumbers);
  producer.join();
}

}  // namespace
}  // namespace coresweep
