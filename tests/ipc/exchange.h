// The dispatcher's side of a test with a faulty worker.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <deque>

#include "harness/base/clock.h"
#include "harness/ipc/transports.h"
#include "tests/ipc/channel_testing.h"
#include "tests/ipc/faulty_worker.h"

namespace coresweep {

inline constexpr int kLullMs = 20;
/// More than one packet, and not the whole of any buffer.
inline constexpr size_t kPayloadBytes = 96 * kKib;

enum class Ending { kAllAnswered, kEnded, kStopped, kRefused, kHung };

/// The dispatcher's side: sends numbered chunks on credit and expects them back.
class Exchange {
 public:
  /// `shape` is the dispatcher's, the plan's the worker's; chunks are as long as the former allows.
  Exchange(const WorkerPlan& plan, const ChannelShape& shape)
      : plan_(plan), shape_(shape), connection_(FindTransport(plan.transport).open(shape)) {
    worker_ = SpawnFaultyWorker(plan, connection_.worker_fds);
    connection_.worker_fds.clear();
  }

  DispatcherChannel& channel() { return *connection_.dispatcher; }
  ChildProcess& worker() { return worker_; }
  [[nodiscard]] uint64_t sent() const { return sent_; }
  [[nodiscard]] uint64_t received() const { return received_; }
  [[nodiscard]] const std::string& error() const { return error_; }

  /// False when there is no room.
  bool Send() {
    payloads_.push_back(Payload(shape_.request_bytes, sent_));
    if (!channel().TrySend(Header(sent_, shape_.request_bytes), payloads_.back())) {
      payloads_.pop_back();
      return false;
    }
    ++sent_;
    return true;
  }

  /// Takes all answers that are there; each must be the next one, and whole.
  void Take() {
    while (const auto answer = channel().TryReceive()) {
      ASSERT_LT(received_, sent_);
      ASSERT_EQ(answer->header.sequence, received_);
      const auto& expected = payloads_[received_];
      ASSERT_EQ(answer->payload.size(), expected.size());
      ASSERT_TRUE(std::equal(expected.begin(), expected.end(), answer->payload.begin()));
      if (channel().HoldsAnswers()) channel().Release(answer->slot);
      ++received_;
    }
  }

  /// Until `chunks` are sent and answered or the worker does something else.
  Ending Run(uint64_t chunks) {
    const Deadline deadline = Deadline::After(kPatienceNs);
    while (!deadline.Passed() && !testing::Test::HasFatalFailure()) {
      while (sent_ < chunks && sent_ - received_ < static_cast<uint64_t>(shape_.credit)) {
        // A worker that is to be caught going to sleep must find nothing to do.
        if (sent_ == plan_.chunk && plan_.step == Step::kReceiving) (void)worker_.WaitFor(kLullMs);
        if (!Send()) break;
      }
      try {
        const bool ended = worker_.WaitFor(0).has_value();
        Take();
        if (ended) return Ending::kEnded;
      } catch (const Error& error) {
        error_ = error.what();
        return Ending::kRefused;
      }
      if (received_ >= chunks) return Ending::kAllAnswered;
      if (Stopped()) return Ending::kStopped;
      Wait();
    }
    return Ending::kHung;
  }

  /// Sends the stop message and waits for the worker's end.
  std::optional<ChildExit> Stop() {
    const Deadline deadline = Deadline::After(kPatienceNs);
    while (!channel().TrySend(StopHeader(), {}) && !deadline.Passed())
      Wait();
    while (!deadline.Passed()) {
      channel().Flush();
      if (worker_.WaitFor(1)) break;
    }
    return worker_.exit();
  }

 private:
  [[nodiscard]] bool Stopped() const {
    siginfo_t info{};
    const int flags = WSTOPPED | WNOHANG | WNOWAIT;
    return waitid(P_PID, static_cast<id_t>(worker_.pid()), &info, flags) == 0 && info.si_pid != 0;
  }

  /// For an answer, room, or the worker's end; not long, as nothing tells that it was stopped.
  void Wait() {
    if (!channel().PrepareToSleep(1)) return;
    pollfd watched[3] = {{channel().receive_fd(), POLLIN, 0},
                         {channel().WantsToSend() ? channel().send_fd() : -1, POLLOUT, 0},
                         {worker_.pidfd(), POLLIN, 0}};
    (void)::poll(watched, 3, kLullMs);
    if (watched[0].revents != 0) channel().Woken();
    if (watched[1].revents != 0) channel().Flush();
  }

  WorkerPlan plan_;
  ChannelShape shape_;
  std::deque<std::vector<std::byte>>
      payloads_;  ///< outlive the connection: some may be on their way
  Connection connection_;
  ChildProcess worker_;
  uint64_t sent_ = 0;
  uint64_t received_ = 0;
  std::string error_;
};

inline WorkerPlan PlanOf(std::string_view transport, Misdeed misdeed, Step step) {
  WorkerPlan plan;
  plan.transport = transport;
  plan.shape = {kPayloadBytes, kPayloadBytes, 2};
  plan.misdeed = misdeed;
  plan.step = step;
  return plan;
}

/// What a test of one transport has.
class Transport {
 protected:
  explicit Transport(std::string_view name) : name_(name) {
    std::signal(SIGPIPE, SIG_IGN);  // as `StopSignal` does in the program
  }
  /// Why the test is skipped.
  [[nodiscard]] std::optional<std::string> Forbidden() const { return ForbiddenHere(name_); }
  [[nodiscard]] std::string_view name() const { return name_; }

 private:
  std::string_view name_;
};

}  // namespace coresweep
