#include "harness/run/peer_watch.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "harness/base/clock.h"

namespace coresweep {
namespace {

using Source = PeerWatch::Source;
using testing::ElementsAre;
using testing::IsEmpty;

UniqueFd Event(unsigned int value) {
  return UniqueFd(eventfd(value, EFD_CLOEXEC | EFD_NONBLOCK));
}

std::vector<std::pair<Source, size_t>> Happened(PeerWatch& watch) {
  std::vector<std::pair<Source, size_t>> result;
  for (const auto& [source, peer] : watch.Wait(0))
    result.emplace_back(source, peer);
  return result;
}

TEST(PeerWatch, TellsWhatHappenedToWhom) {
  const UniqueFd stop = Event(0);
  const UniqueFd quiet = Event(0);
  const UniqueFd loud = Event(1);
  PeerWatch watch(stop.get());
  watch.Add(0, quiet.get(), -1, -1);
  EXPECT_THAT(Happened(watch), IsEmpty());
  watch.Add(3, loud.get(), -1, -1);
  EXPECT_THAT(Happened(watch), ElementsAre(std::pair(Source::kReceive, 3U)));
  EXPECT_THAT(Happened(watch), ElementsAre(std::pair(Source::kReceive, 3U)));  // until it is read
  ASSERT_EQ(eventfd_write(stop.get(), 1), 0);
  EXPECT_EQ(Happened(watch).front().first, Source::kStop);
}

TEST(PeerWatch, TellsWordsBeforeEnds) {
  const UniqueFd receive = Event(1);
  const UniqueFd control = Event(1);
  const UniqueFd ended = Event(1);
  PeerWatch watch(-1);
  watch.Add(0, receive.get(), control.get(), ended.get());
  EXPECT_THAT(Happened(watch),
              ElementsAre(std::pair(Source::kReceive, 0U), std::pair(Source::kControl, 0U),
                          std::pair(Source::kEnded, 0U)));
}

TEST(PeerWatch, AwaitsRoomToSendOnlyWhileItIsWanted) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
  const UniqueFd reading(ends[0]);
  const UniqueFd writing(ends[1]);
  PeerWatch watch(-1);
  watch.Add(1, reading.get(), -1, -1);
  EXPECT_THAT(Happened(watch), IsEmpty());
  for (int round = 0; round < 2; ++round) {
    watch.WantToSend(1, writing.get(), true);
    watch.WantToSend(1, writing.get(), true);
    EXPECT_THAT(Happened(watch), ElementsAre(std::pair(Source::kSend, 1U)));
    watch.WantToSend(1, writing.get(), false);
    EXPECT_THAT(Happened(watch), IsEmpty());
  }
}

TEST(PeerWatch, OneDescriptorMayServeBothWays) {
  std::array<int, 2> ends{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  const UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);
  PeerWatch watch(-1);
  watch.Add(0, ours.get(), -1, -1);
  watch.WantToSend(0, ours.get(), true);
  EXPECT_THAT(Happened(watch), ElementsAre(std::pair(Source::kSend, 0U)));
  ASSERT_EQ(::write(theirs.get(), "x", 1), 1);
  EXPECT_THAT(Happened(watch),
              ElementsAre(std::pair(Source::kReceive, 0U), std::pair(Source::kSend, 0U)));
  watch.WantToSend(0, ours.get(), false);
  EXPECT_THAT(Happened(watch), ElementsAre(std::pair(Source::kReceive, 0U)));
}

TEST(PeerWatch, ForgetsAPeerAndTakesItsSuccessor) {
  const UniqueFd first = Event(1);
  PeerWatch watch(-1);
  watch.Add(0, first.get(), -1, -1);
  watch.Remove(0);
  EXPECT_THAT(Happened(watch), IsEmpty());
  const UniqueFd second = Event(1);
  watch.Add(0, second.get(), -1, -1);
  EXPECT_THAT(Happened(watch), ElementsAre(std::pair(Source::kReceive, 0U)));
}

TEST(PeerWatch, WakesAtTheTimeAskedForAndNotAfterItWasTakenBack) {
  PeerWatch watch(-1);
  watch.WakeAt(1);  // long past
  const auto& events = watch.Wait(-1);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].source, Source::kTime);
  EXPECT_THAT(Happened(watch), ElementsAre(std::pair(Source::kTime, size_t{0})));  // until set anew
  watch.WakeAt(std::nullopt);
  EXPECT_THAT(Happened(watch), IsEmpty());
  watch.WakeAt(NowNs() + 3600 * kNsPerS);
  EXPECT_THAT(Happened(watch), IsEmpty());
  watch.WakeAt(1);
  EXPECT_EQ(watch.Wait(-1).size(), 1u);
}

TEST(PeerWatch, DoesNotWakeBeforeTheTimeAskedFor) {
  PeerWatch watch(-1);
  const int64_t at_ns = NowNs() + 2 * kNsPerMs;
  watch.WakeAt(at_ns);
  EXPECT_EQ(watch.Wait(-1).size(), 1u);
  EXPECT_GE(NowNs(), at_ns);
}

}  // namespace
}  // namespace coresweep
