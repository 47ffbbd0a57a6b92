// Whatever a worker of dispatch `pull` does, at whatever step: the trial ends, says what happened
// and names the chunk; where workers are replaced every answer comes once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <csignal>
#include <new>
#include <optional>

#include "harness/base/digest.h"
#include "harness/run/pull_collector.h"
#include "tests/run/faulty_puller.h"

namespace coresweep {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr BoardShape kBoard{8, kAnswerBytes};
constexpr int64_t kLongNs = 30 * kNsPerS;  // only ever spent by a test that fails
constexpr int64_t kPatienceNs = kNsPerS;   // with a worker that is stopped

/// At which a worker can be caught; and whether it then holds the chunk.
struct NamedStep {
  std::string_view name;
  Step step;
  bool holds;
};
constexpr std::array<NamedStep, 7> kSteps{{
    {"Waiting", Step::kWaiting, false},
    {"Receiving", Step::kReceiving, false},
    {"Received", Step::kReceived, true},
    {"Answering", Step::kAnswering, true},
    {"Sending", Step::kSending, true},
    {"Published", Step::kPublished, false},
    {"Sent", Step::kSent, false},
}};

/// Two workers, of which number 0 misbehaves, and what came of it.
class PullTrial {
 public:
  PullTrial() {
    for (int i = 0; i < kPullItems; ++i) {
      answers_.insert(answers_.end(), kAnswerBytes, static_cast<std::byte>(i));
      digests_.push_back(Digest(std::span(answers_).last(kAnswerBytes)));
    }
    for (char** variable = environ; *variable != nullptr; ++variable)
      context_.environment.emplace_back(*variable);
    new (stage_region_.data()) PullStage{};
  }

  void Run(const PullPlan& plan, bool replaces, int64_t timeout_ns = kLongNs) {
    const UniqueFd wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    WorkerPool pool(context_);
    const auto setup = [&](int index, uint32_t generation) {
      return Setup(plan, index, generation);
    };
    const auto fds = [&]() -> std::vector<InheritedFd> {
      return {{gate_.fd(), kGateFd},
              {stage_region_.fd(), kItemsFd},
              {board_.fd(), kFirstTransportFd},
              {wake.get(), kFirstTransportFd + 1}};
    };
    for (int i = 0; i < 2; ++i)
      pool.Spawn(setup(i, 1), fds());
    (void)pool.AwaitAll("ready", Deadline::After(kLongNs), "its start-up");
    CollectTask task{AnswersOf(), {}, kBoard, 0, timeout_ns, kLongNs, {}};
    const int64_t window_ns = timeout_ns == kLongNs ? 2 * kNsPerS : kPatienceNs / 10;
    task.schedule = {NowNs(), {NowNs(), NowNs() + window_ns}};
    task.answers.SetSchedule(task.schedule, gate_);
    if (replaces) {
      task.respawn = [&](size_t i, uint32_t generation) {
        pool.Respawn(i, setup(static_cast<int>(i), generation), fds());
      };
    }
    gate_.Open(task.schedule);
    Collect(std::move(task), wake.get(), pool);
  }

  [[nodiscard]] bool Failed() const { return outcome_.has_value(); }
  [[nodiscard]] Outcome outcome() const { return outcome_.value_or(Outcome::kOk); }
  [[nodiscard]] const std::string& message() const { return message_; }
  [[nodiscard]] const TrialMeasurement& measured() const { return measured_; }
  [[nodiscard]] PullStage& stage() const {
    return *reinterpret_cast<PullStage*>(stage_region_.data());
  }
  /// "while it held chunk 3", the chunk of the misdeed.
  [[nodiscard]] std::string Holding(bool holds) const {
    return holds ? "while it held chunk " + std::to_string(stage().chunk.load())
                 : "while it held no chunk";
  }

 private:
  WorkerSetup Setup(const PullPlan& plan, int index, uint32_t generation) const {
    WorkerSetup setup;
    setup.role = WorkerRole::kPull;
    setup.index = index;
    setup.board = kBoard;
    setup.shape.generation = generation;
    setup.info.answer = layout_;
    setup.fault = ToText(plan);
    return setup;
  }
  AnswerTask AnswersOf() const {
    return {ChunkSequence(kPullItems, 1),
            {&layout_, {}, digests_, answers_},
            {},
            Order::kInput,
            kBoard.capacity,
            nullptr,
            {}};
  }
  void Collect(CollectTask task, int wake_fd, WorkerPool& pool) {
    PullCollector collector(std::move(task), board_, wake_fd, pool, nullptr);
    try {
      collector.Run();
    } catch (const TrialFailure& failure) {
      outcome_ = failure.outcome();
      message_ = failure.what();
    }
    collector.AddTo(measured_);
  }

  ItemLayout layout_{{{DType::kUInt8, {kAnswerBytes}}}};
  std::vector<std::byte> answers_;
  std::vector<uint64_t> digests_;
  ProcessContext context_;
  SharedRegion stage_region_ = SharedRegion::Create("coresweep.stage", sizeof(PullStage));
  StartGate gate_ = StartGate::Create();
  PullBoard board_ = PullBoard::Create(kBoard);
  std::optional<Outcome> outcome_;
  std::string message_;
  TrialMeasurement measured_;
};

/// All chunks, each once, right.
void ExpectAllAnswered(const PullTrial& trial) {
  const TrialMeasurement& measured = trial.measured();
  EXPECT_FALSE(trial.Failed()) << trial.message();
  EXPECT_EQ(measured.chunks, static_cast<int64_t>(kPullChunks));
  EXPECT_TRUE(measured.ordering.Clean());
  EXPECT_EQ(measured.output.bitwise_equal, static_cast<int64_t>(kPullChunks));
}

struct Death {
  std::string_view name;
  PullMisdeed misdeed;
  std::string_view how;
};

class PullerThatDies : public testing::TestWithParam<std::tuple<Death, NamedStep>> {
 protected:
  [[nodiscard]] static const Death& death() { return std::get<0>(GetParam()); }
  [[nodiscard]] static const NamedStep& at() { return std::get<1>(GetParam()); }
};

TEST_P(PullerThatDies, EndsTheTrialWhichNamesItAndItsChunk) {
  PullTrial trial;
  trial.Run({death().misdeed, at().step}, false);
  EXPECT_EQ(trial.outcome(), Outcome::kFailed);
  EXPECT_THAT(trial.message(), AllOf(HasSubstr("worker 0 (pid "), HasSubstr(death().how),
                                     HasSubstr(trial.Holding(at().holds))));
  const OrderingCounts& ordering = trial.measured().ordering;
  EXPECT_EQ(ordering.missing, at().holds ? 1 : 0);
  EXPECT_EQ(ordering.misplaced + ordering.corrupted + ordering.duplicated, 0);
}

TEST_P(PullerThatDies, IsReplacedAndEveryAnswerComesOnce) {
  PullTrial trial;
  trial.Run({death().misdeed, at().step}, true);
  ExpectAllAnswered(trial);
  ASSERT_EQ(trial.measured().replacements.size(), 1u);
  const Replacement& replacement = trial.measured().replacements[0];
  EXPECT_EQ(replacement.worker, 0);
  EXPECT_THAT(replacement.how, HasSubstr(death().how));
  const std::vector<uint64_t> lost{trial.stage().chunk.load()};
  EXPECT_EQ(replacement.resent, at().holds ? lost : std::vector<uint64_t>{});
}

constexpr std::array<Death, 4> kDeaths{{
    {"Kill", PullMisdeed::kKill, "signal 9"},
    {"Segv", PullMisdeed::kSegv, "signal 11"},
    {"Bus", PullMisdeed::kBus, "signal 7"},
    {"Exit", PullMisdeed::kExit, "exited with code 7"},
}};
INSTANTIATE_TEST_SUITE_P(Every, PullerThatDies,
                         testing::Combine(testing::ValuesIn(kDeaths), testing::ValuesIn(kSteps)),
                         [](const auto& test) {
                           return std::string(std::get<0>(test.param).name) + "_" +
                                  std::string(std::get<1>(test.param).name);
                         });

class PullerThatStops : public testing::TestWithParam<NamedStep> {};

TEST_P(PullerThatStops, IsTimedOutAndNamedWithItsChunk) {
  PullTrial trial;
  trial.Run({PullMisdeed::kStop, GetParam().step}, false, kPatienceNs);
  EXPECT_EQ(trial.outcome(), Outcome::kTimedOut);
  EXPECT_THAT(trial.message(), AllOf(HasSubstr("worker 0 (pid "), HasSubstr("no sign of life"),
                                     HasSubstr(trial.Holding(GetParam().holds))));
}

INSTANTIATE_TEST_SUITE_P(Every, PullerThatStops, testing::ValuesIn(kSteps),
                         [](const auto& test) { return std::string(test.param.name); });

// What a worker writes.

struct Lie {
  std::string_view name;
  PullMisdeed misdeed;
  std::string_view message;
};

class PullerThatLies : public testing::TestWithParam<Lie> {};

TEST_P(PullerThatLies, EndsTheTrialWhichSaysWhy) {
  PullTrial trial;
  trial.Run({GetParam().misdeed, Step::kSending}, false);
  EXPECT_EQ(trial.outcome(), Outcome::kFailed);
  EXPECT_THAT(trial.message(), HasSubstr(GetParam().message));
  EXPECT_EQ(trial.measured().ordering.corrupted, 0);
}

constexpr std::array<Lie, 10> kLies{{
    {"TooLong", PullMisdeed::kTooLong, "left a malformed answer to chunk 1: longer than its place"},
    {"Short", PullMisdeed::kShort, "worker 0 (pid "},
    {"Generation", PullMisdeed::kGeneration, "left a malformed answer to chunk 1"},
    {"Worker", PullMisdeed::kWorker, "a worker left a malformed answer to chunk 1"},
    {"Sequence", PullMisdeed::kSequence, "left a malformed answer to chunk 1"},
    {"Items", PullMisdeed::kItems, "left a malformed answer to chunk 1"},
    {"Times", PullMisdeed::kTimes, "left a malformed answer to chunk 1"},
    {"NextHigh", PullMisdeed::kNextHigh, "wrote nonsense to the board that all share"},
    {"Owed", PullMisdeed::kOwed, "wrote nonsense to the board that all share"},
    {"Freed", PullMisdeed::kFreed, "its claim has gone"},
}};
INSTANTIATE_TEST_SUITE_P(Every, PullerThatLies, testing::ValuesIn(kLies),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(PullFaults, WithoutOneEveryAnswerComesOnce) {
  PullTrial trial;
  trial.Run({}, false);
  ExpectAllAnswered(trial);
}

TEST(PullFaults, AnAnswerThatWasChangedIsCorruption) {
  PullTrial trial;
  trial.Run({PullMisdeed::kBytes, Step::kSending}, false);
  EXPECT_FALSE(trial.Failed()) << trial.message();
  EXPECT_EQ(trial.measured().ordering.corrupted, 1);
}

TEST(PullFaults, AChunkThatItsWorkerForgotIsMissing) {
  PullTrial trial;
  trial.Run({PullMisdeed::kForget, Step::kSending}, false);
  EXPECT_FALSE(trial.Failed()) << trial.message();
  EXPECT_EQ(trial.measured().ordering.missing, 1);
}

TEST(PullFaults, HintsThatAreWrongCostTimeOnly) {
  for (const PullMisdeed misdeed : {PullMisdeed::kNextLow, PullMisdeed::kSleepers}) {
    PullTrial trial;
    trial.Run({misdeed, Step::kSending}, false);
    ExpectAllAnswered(trial);
  }
}

TEST(PullFaults, NoiseInAllSlotsIsSeen) {
  PullTrial trial;
  trial.Run({PullMisdeed::kWords, Step::kSending}, false);
  EXPECT_TRUE(trial.Failed() || trial.measured().ordering.missing > 0);
}

TEST(PullFaults, AnAnswerInAnothersNameIsSeen) {
  PullTrial trial;
  trial.Run({PullMisdeed::kForged, Step::kSending}, false);
  EXPECT_TRUE(trial.Failed() || !trial.measured().ordering.Clean());
}

}  // namespace
}  // namespace coresweep

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "worker") return coresweep::FaultyPullerMain();
  std::signal(SIGPIPE, SIG_IGN);  // as `StopSignal` does in the program
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
