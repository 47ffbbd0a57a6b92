#include "harness/ipc/await_answer.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <array>
#include <thread>

#include "harness/base/stop_signal.h"
#include "harness/ipc/transports.h"
#include "tests/ipc/channel_testing.h"

namespace coresweep {
namespace {

/// A channel over a pair of sockets with its worker's end, for each wait.
class AwaitAnswerTest : public testing::TestWithParam<int64_t> {
 protected:
  AwaitAnswerTest() {
    shape_.request_bytes = shape_.answer_bytes = 4 * kMib;
    Connection connection = FindTransport("unix").open(shape_);
    dispatcher_ = std::move(connection.dispatcher);
    worker_ = FindTransport("unix").attach(std::move(connection.worker_fds), shape_);
  }
  [[nodiscard]] AnswerWait Wait() const { return {GetParam(), {}, kPatienceNs}; }

  StopSignal ignores_sigpipe_;
  ChannelShape shape_;
  std::unique_ptr<DispatcherChannel> dispatcher_;
  std::unique_ptr<WorkerChannel> worker_;
};

TEST_P(AwaitAnswerTest, BringsTheAnswer) {
  std::thread echo([&] { Answer(*worker_, worker_->Receive().value()); });
  const auto payload = Payload(100, 1);
  ASSERT_TRUE(dispatcher_->TrySend(Header(7, payload.size()), payload));
  const auto answer = AwaitAnswer(*dispatcher_, Wait());
  echo.join();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->header.sequence, 7U);
}

TEST_P(AwaitAnswerTest, GoesOnWithWhatIsHalfSent) {
  std::thread echo([&] { Answer(*worker_, worker_->Receive().value()); });
  const auto payload = Payload(4 * kMib, 2);
  ASSERT_TRUE(dispatcher_->TrySend(Header(1, payload.size()), payload));
  const auto answer = AwaitAnswer(*dispatcher_, Wait());
  echo.join();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(std::equal(payload.begin(), payload.end(), answer->payload.begin()));
}

TEST_P(AwaitAnswerTest, EndsWithAnyOtherDescriptor) {
  const UniqueFd other(eventfd(1, EFD_CLOEXEC));
  const std::array<int, 2> also{-1, other.get()};
  EXPECT_FALSE(AwaitAnswer(*dispatcher_, {GetParam(), also, kPatienceNs}));
}

TEST_P(AwaitAnswerTest, AnAnswerThatIsThereComesBeforeTheEnd) {
  const UniqueFd other(eventfd(1, EFD_CLOEXEC));
  const std::array<int, 1> also{other.get()};
  const auto payload = Payload(10, 3);
  ASSERT_TRUE(dispatcher_->TrySend(Header(1, payload.size()), payload));
  Answer(*worker_, worker_->Receive().value());
  EXPECT_TRUE(AwaitAnswer(*dispatcher_, {GetParam(), also, kPatienceNs}));
}

TEST_P(AwaitAnswerTest, ImpatienceIsAnError) {
  EXPECT_THROW((void)AwaitAnswer(*dispatcher_, {GetParam(), {}, kNsPerMs}), Error);
}

TEST_P(AwaitAnswerTest, AWorkerThatHasGoneIsNotWaitedForForEver) {
  worker_.reset();
  EXPECT_THROW((void)AwaitAnswer(*dispatcher_, {GetParam(), {}, 10 * kNsPerMs}), Error);
}

INSTANTIATE_TEST_SUITE_P(Waits, AwaitAnswerTest,
                         testing::Values(int64_t{0}, 20 * kNsPerUs, kSpinForever));

}  // namespace
}  // namespace coresweep
