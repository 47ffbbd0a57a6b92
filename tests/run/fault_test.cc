#include "harness/run/fault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <deque>

#include "harness/base/error.h"
#include "tests/core/framing_testing.h"

namespace coresweep {
namespace {

TEST(ParseFault, KnowsEveryKind) {
  const std::pair<const char*, FaultKind> kinds[] = {
      {"drop", FaultKind::kDrop},
      {"repeat", FaultKind::kRepeat},
      {"swap", FaultKind::kSwap},
      {"flip", FaultKind::kFlip},
      {"wrong", FaultKind::kWrong},
      {"cut", FaultKind::kCut},
      {"crash", FaultKind::kCrash},
      {"kill", FaultKind::kKill},
      {"hang", FaultKind::kHang},
      {"exit", FaultKind::kExit},
      {"start_crash", FaultKind::kStartCrash},
      {"start_hang", FaultKind::kStartHang},
  };
  for (const auto& [name, kind] : kinds) {
    const auto fault = ParseFault(std::string(name) + ":17");
    ASSERT_TRUE(fault) << name;
    EXPECT_EQ(fault->kind, kind) << name;
    EXPECT_EQ(fault->at, 17u);
    EXPECT_EQ(fault->delay_ms, 0);
  }
}

TEST(ParseFault, DelayHasMilliseconds) {
  const auto fault = ParseFault("delay:18446744073709551615:250");
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->kind, FaultKind::kDelay);
  EXPECT_EQ(fault->at, 18446744073709551615U);
  EXPECT_EQ(fault->delay_ms, 250);
}

TEST(ParseFault, NothingIsNoFault) {
  EXPECT_FALSE(ParseFault(""));
}

TEST(ParseFault, MalformedTextsAreUsageErrorsThatListTheKinds) {
  for (const char* text :
       {"drop", "drop:", ":3", "explode:3", "drop:x", "drop:-1", "drop:1x", "drop:1:5", "delay:3",
        "delay:3:", "delay:3:-1", "delay:3:4:5", "DROP:1", " drop:1"}) {
    try {
      (void)ParseFault(text);
      ADD_FAILURE() << "accepted: " << text;
    } catch (const UsageError& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("--fault " + std::string(text) + ":"));
      EXPECT_THAT(error.what(), testing::HasSubstr("start_crash"));
    }
  }
}

/// An answer as it was sent.
struct Sent {
  uint64_t sequence;
  uint64_t digest;
  std::string payload;
  bool operator==(const Sent&) const = default;
};

void PrintTo(const Sent& sent, std::ostream* out) {
  *out << sent.sequence << " (digest " << sent.digest << "): " << sent.payload;
}

/// A worker's end that writes down what is sent.
class FakeChannel final : public WorkerChannel {
 public:
  explicit FakeChannel(std::vector<Sent>* sent) : sent_(sent) {}
  std::optional<Incoming> Receive() override {
    ChunkHeader header;
    header.sequence = 42;
    return Incoming{header, {}};
  }
  std::span<std::byte> AnswerSpace(size_t bytes) override {
    space_.assign(bytes, std::byte{'?'});
    return space_;
  }
  void Send(const ChunkHeader& header) override {
    const char* text = reinterpret_cast<const char*>(space_.data());
    sent_->push_back({header.sequence, header.digest, {text, header.payload_bytes}});
  }

 private:
  std::vector<Sent>* sent_;
  std::vector<std::byte> space_;
};

const ItemLayout kBytes({{DType::kUInt8, {1}}});

/// What arrives when chunks 0, 1, … with these payloads are answered through `fault`; the digest of
/// chunk n is 100 + n. Answers of fixed size are of one byte each, of variable size four a chunk.
std::vector<Sent> Through(const char* fault, const std::vector<std::string>& payloads,
                          const ItemLayout& layout = kBytes) {
  std::vector<Sent> sent;
  const auto channel =
      MakeFaultyChannel(std::make_unique<FakeChannel>(&sent), ParseFault(fault).value(), layout);
  for (size_t i = 0; i < payloads.size(); ++i) {
    const auto space = channel->AnswerSpace(payloads[i].size());
    std::ranges::copy(std::as_bytes(std::span(payloads[i])), space.begin());
    ChunkHeader header;
    header.sequence = i;
    header.digest = 100 + i;
    header.payload_bytes = payloads[i].size();
    header.items = layout.Varies() ? 4 : static_cast<uint32_t>(payloads[i].size());
    channel->Send(header);
  }
  return sent;
}

const std::vector<std::string> kPayloads{"aaaa", "bbbb", "cccc"};
const Sent kFirst{0, 100, "aaaa"};
const Sent kSecond{1, 101, "bbbb"};
const Sent kThird{2, 102, "cccc"};

using SentList = std::vector<Sent>;

TEST(FaultyChannel, HandsThroughWhatIsNotDue) {
  for (const char* fault :
       {"drop:9", "repeat:9", "swap:9", "flip:9", "delay:9:60000", "wrong:0", "hang:1"}) {
    EXPECT_EQ(Through(fault, kPayloads), (SentList{kFirst, kSecond, kThird})) << fault;
  }
}

TEST(FaultyChannel, HandsThroughWhatIsReceived) {
  std::vector<Sent> sent;
  const auto channel = MakeFaultyChannel(std::make_unique<FakeChannel>(&sent), {}, kBytes);
  EXPECT_EQ(channel->Receive()->header.sequence, 42u);
}

TEST(FaultyChannel, Drops) {
  EXPECT_EQ(Through("drop:1", kPayloads), (SentList{kFirst, kThird}));
}

TEST(FaultyChannel, Repeats) {
  EXPECT_EQ(Through("repeat:1", kPayloads), (SentList{kFirst, kSecond, kSecond, kThird}));
}

TEST(FaultyChannel, SwapsPayloadsWithTheirDigests) {
  EXPECT_EQ(Through("swap:0", kPayloads), (SentList{{0, 101, "bbbb"}, {1, 100, "aaaa"}, kThird}));
}

TEST(FaultyChannel, CannotSwapChunksOfDifferentNumbersOfItems) {
  EXPECT_EQ(Through("swap:0", {"aaaa", "b"}), (SentList{kFirst, {1, 101, "b"}}));
}

TEST(FaultyChannel, FlipsOneBitAndKeepsTheDigest) {
  EXPECT_EQ(Through("flip:1", kPayloads), (SentList{kFirst, {1, 101, "cbbb"}, kThird}));
  EXPECT_EQ(Through("flip:0", {""}), (SentList{{0, 100, ""}}));
}

TEST(FaultyChannel, CutsTheLastByteOff) {
  EXPECT_EQ(Through("cut:1", kPayloads), (SentList{kFirst, {1, 101, "bbb"}, kThird}));
  EXPECT_EQ(Through("cut:0", {""}), (SentList{{0, 100, ""}}));
}

TEST(FaultyChannel, SendsADelayedAnswerAfterAll) {
  EXPECT_EQ(Through("delay:1:1", kPayloads), (SentList{kFirst, kSecond, kThird}));
}

TEST(FaultyChannel, SwapsAnswersOfVariableSizeWhateverThatIs) {
  const std::string one = TextOf(Frames({"a", "b", "c", "d"}));
  const std::string two = TextOf(Frames({std::string(40, 'e'), "", "", ""}));
  EXPECT_EQ(Through("swap:0", {one, two}, kLetters), (SentList{{0, 101, two}, {1, 100, one}}));
}

TEST(FaultyChannel, FlipsABitOfTheFirstAnswerThatHasBytesAndOfNoHead) {
  EXPECT_EQ(Through("flip:0", {TextOf(Frames({"", "bc"}))}, kLetters),
            (SentList{{0, 100, TextOf(Frames({"", "cc"}))}}));
}

TEST(SpoilAnswers, ChangesEveryByte) {
  std::vector<std::byte> answers(100);
  SpoilAnswers(answers, kBytes);
  for (const std::byte byte : answers)
    EXPECT_NE(byte, std::byte{0});
}

TEST(SpoilAnswers, LeavesSizesAsTheyAre) {
  auto answers = Frames({"ab", "", "c"});
  SpoilAnswers(answers, kLetters);
  EXPECT_EQ(answers, Frames({"^]", "", "\\"}));  // each letter ^ 0x3f
}

TEST(MaybeEnd, DoesNothingWhenNotDue) {
  for (const char* fault : {"", "crash:3", "kill:3", "hang:3", "exit:3", "drop:4", "start_crash:4"})
    MaybeEnd(ParseFault(fault), 4);
  for (const char* fault : {"", "start_crash:3", "start_hang:3", "crash:4", "hang:4"})
    MaybeEndAtStart(ParseFault(fault), 4);
}

TEST(MaybeEndDeathTest, EndsTheProcessAsTheFaultSays) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(MaybeEnd(ParseFault("exit:3"), 3), testing::ExitedWithCode(7), "");
  EXPECT_EXIT(MaybeEnd(ParseFault("crash:3"), 3), testing::KilledBySignal(SIGSEGV), "");
  EXPECT_EXIT(MaybeEnd(ParseFault("kill:3"), 3), testing::KilledBySignal(SIGKILL), "");
  EXPECT_EXIT(MaybeEndAtStart(ParseFault("start_crash:1"), 1), testing::KilledBySignal(SIGSEGV),
              "");
}

}  // namespace
}  // namespace coresweep
