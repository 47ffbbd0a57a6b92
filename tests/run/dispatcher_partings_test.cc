// Over some transports a worker's report or its death overtakes its last answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <array>
#include <deque>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "harness/base/clock.h"
#include "harness/base/digest.h"
#include "harness/core/measurement_json.h"
#include "harness/run/dispatcher.h"

namespace coresweep {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int64_t kLongNs = 30 * kNsPerS;  // only ever spent by a test that fails
constexpr int kCredit = 4;
constexpr int64_t kPartingItems = 100;

/// Answers each chunk, of one item, with the number of its item, but only after some looks in vain:
/// by then the dispatcher has heard the last word of the worker.
class LateChannel final : public DispatcherChannel {
 public:
  /// How many answers come, and what is known once they have.
  struct Plan {
    int answers = kCredit;
    bool says_end = true;
  };

  explicit LateChannel(Plan plan)
      : plan_(plan), readable_(eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  bool TrySend(const ChunkHeader& header, std::span<const std::byte> /*payload*/) override {
    if (looks_ > 0) ADD_FAILURE() << "a worker that has parted gets chunk " << header.sequence;
    held_.push_back(header);
    return true;
  }
  std::optional<Incoming> TryReceive() override {
    if (held_.empty() || came_ == plan_.answers) {
      const bool may_come = !held_.empty() && !plan_.says_end;
      if (!may_come && ++needless_looks_ == kLooksInVain) ADD_FAILURE() << "waits for nothing";
      return std::nullopt;
    }
    if (++looks_ % kLooksInVain != 0) return std::nullopt;
    ++came_;
    ChunkHeader header = held_.front();
    held_.pop_front();
    answer_[0] = static_cast<std::byte>(header.sequence);
    header.digest = DigestOfChunk(answer_, layout_);
    header.payload_bytes = 1;
    header.started_ns = header.computed_ns = NowNs();
    return Incoming{header, answer_};
  }
  [[nodiscard]] bool AnswersMayBeLate() const override {
    return came_ < plan_.answers || !plan_.says_end;
  }
  [[nodiscard]] int receive_fd() const override { return readable_.get(); }

 private:
  static constexpr int kLooksInVain = 8;  // the dispatcher looks twice at most before it knows

  Plan plan_;
  UniqueFd readable_;
  std::deque<ChunkHeader> held_;
  int looks_ = 0;
  int needless_looks_ = 0;  ///< when nothing could come any more
  int came_ = 0;
  ItemLayout layout_{{{DType::kUInt8, {1}}}};
  std::array<std::byte, 1> answer_{};
};

/// A dispatcher whose worker has said its last word and ended before it is asked anything.
class Partings : public testing::Test {
 protected:
  Partings() {
    for (int64_t i = 0; i < kPartingItems; ++i) {
      answers_.push_back(static_cast<std::byte>(i));
      digests_.push_back(Digest(std::span(answers_).last(1)));
    }
    folder_ = std::filesystem::temp_directory_path() / "coresweep_partings.XXXXXX";
    std::string name = folder_.string();
    if (mkdtemp(name.data()) == nullptr) throw Error("mkdtemp");
    folder_ = name;
  }
  ~Partings() override { std::filesystem::remove_all(folder_); }

  /// Runs a worker that executes `script`, in the language of sh, with its control connection as
  /// descriptor 3.
  void Run(const std::string& script, LateChannel::Plan plan, bool replaces = false,
           int64_t timeout_ns = kLongNs) {
    const auto program = folder_ / "worker";
    // It takes its instructions first: what they told would be lost with them.
    std::ofstream(program) << "#!/bin/sh\nhead -c 1 <&3 >/dev/null\n" << script << "\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    context_.program = program.string();
    WorkerPool pool(context_);
    pool.Spawn({}, {});
    pollfd end{pool.pidfd(0), POLLIN, 0};
    ASSERT_EQ(::poll(&end, 1, static_cast<int>(kLongNs / kNsPerMs)), 1);
    std::vector<std::unique_ptr<DispatcherChannel>> channels;
    channels.push_back(std::make_unique<LateChannel>(plan));
    Dispatcher dispatcher(Task(replaces, timeout_ns), std::move(channels), pool, nullptr);
    try {
      dispatcher.Run();
    } catch (const TrialFailure& failure) {
      message_ = failure.what();
    }
    dispatcher.AddTo(measured_);
  }
  /// The shell command that sends `message`.
  static std::string Say(const nlohmann::json& message) {
    return "printf %s '" + message.dump() + "' >&3";
  }
  static std::string Report() {
    return Say({{"kind", "done"}, {"workers", {ToJson(WorkerMeasurement{})}}});
  }

  std::string message_;  ///< of the failure; empty: none
  TrialMeasurement measured_;

 private:
  DispatchTask Task(bool replaces, int64_t timeout_ns) {
    const int64_t now_ns = NowNs();
    const Schedule schedule{now_ns, {now_ns, now_ns + kLongNs}};
    ChannelShape shape;
    shape.credit = kCredit;
    DispatchTask task{{ChunkSequence(kPartingItems, 1),
                       {&layout_, {}, digests_, answers_},
                       schedule.window,
                       Order::kInput,
                       kPartingItems,
                       nullptr,
                       {}},
                      answers_,
                      ItemIndex(layout_, {}),
                      schedule,
                      shape,
                      Dispatch::kDynamic,
                      timeout_ns,
                      kLongNs,
                      {},
                      {}};
    if (replaces) {
      task.respawn = [](size_t, uint32_t) -> std::unique_ptr<DispatcherChannel> {
        throw TrialFailure(Outcome::kFailed, "to be replaced");
      };
    }
    return task;
  }

  std::filesystem::path folder_;
  ProcessContext context_;
  ItemLayout layout_{{{DType::kUInt8, {1}}}};
  std::vector<std::byte> answers_;
  std::vector<uint64_t> digests_;
};

TEST_F(Partings, AnswersThatComeAfterTheReportCount) {
  Run(Report(), {});
  EXPECT_EQ(message_, "");
  EXPECT_EQ(measured_.ordering.answers, kCredit);
  EXPECT_EQ(measured_.ordering.missing, 0);
  EXPECT_EQ(measured_.workers.size(), 1U) << "the report";
}

TEST_F(Partings, AnswersThatDidNotComeBeforeTheConnectionEndedAreMissing) {
  Run(Report(), {.answers = 3});
  EXPECT_EQ(message_, "");
  EXPECT_EQ(measured_.ordering.answers, 3);
  EXPECT_EQ(measured_.ordering.missing, 1);
}

TEST_F(Partings, AConnectionThatDoesNotEndIsGivenUp) {
  Run(Report(), {.answers = 1, .says_end = false}, false, 50 * kNsPerMs);
  EXPECT_EQ(message_, "");
  EXPECT_EQ(measured_.ordering.answers, 1);
  EXPECT_EQ(measured_.ordering.missing, kCredit - 1);
}

TEST_F(Partings, AWorkerThatHasAnsweredAllIsNotAwaited) {
  Run(Report(), {.says_end = false});
  EXPECT_EQ(message_, "");
  EXPECT_EQ(measured_.ordering.answers, kCredit);
}

TEST_F(Partings, AnswersThatComeAfterTheDeathCount) {
  Run("exit 7", {});
  EXPECT_THAT(message_, AllOf(HasSubstr("exited with code 7"), HasSubstr("held no chunk")));
  EXPECT_EQ(measured_.ordering.answers, kCredit);
}

TEST_F(Partings, ADeadWorkersChunksAreNamedThatWereNotAnswered) {
  Run("exit 7", {.answers = 2});
  EXPECT_THAT(message_, HasSubstr("held chunks 2, 3"));
  EXPECT_EQ(measured_.ordering.answers, 2);
}

TEST_F(Partings, AnErrorNamesTheChunksThatWereNotAnswered) {
  Run(Say({{"kind", "error"}, {"message", "no luck"}, {"usage", false}}), {.answers = 3});
  EXPECT_THAT(message_, AllOf(HasSubstr("no luck"), HasSubstr("held chunk 3")));
  EXPECT_EQ(measured_.ordering.answers, 3);
}

TEST_F(Partings, OnlyWhatWasNotAnsweredIsSentAgain) {
  Run("exit 7", {.answers = 3}, true);
  EXPECT_EQ(message_, "to be replaced");
  ASSERT_EQ(measured_.replacements.size(), 1U);
  EXPECT_THAT(measured_.replacements[0].resent, ElementsAre(3));
}

TEST_F(Partings, NothingIsSentAgainWhenAllWasAnswered) {
  Run("exit 7", {}, true);
  EXPECT_EQ(message_, "to be replaced");
  ASSERT_EQ(measured_.replacements.size(), 1U);
  EXPECT_THAT(measured_.replacements[0].resent, IsEmpty());
}

}  // namespace
}  // namespace coresweep
