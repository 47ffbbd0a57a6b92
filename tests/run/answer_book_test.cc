#include "harness/run/answer_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/digest.h"
#include "tests/core/framing_testing.h"

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int64_t kItems = 6;

/// Answers are the numbers 0 to 5, one byte each.
struct Numbers {
  ItemLayout layout{{{DType::kUInt8, {1}}}};
  std::vector<std::byte> answers;
  std::vector<uint64_t> digests;

  Numbers() {
    for (uint8_t i = 0; i < kItems; ++i) {
      answers.push_back(std::byte{i});
      digests.push_back(Digest(std::span(answers).last(1)));
    }
  }
};

class Keeper final : public AnswerKeeper {
 public:
  void Release(uint32_t slot) override { released.push_back(slot); }
  std::vector<uint32_t> released;
};

struct FixedWork {
  int64_t items = 0;
  StartGate* gate = nullptr;
};

class Book : public testing::Test {
 protected:
  /// Chunks of one item.
  AnswerBook Make(Order order, std::vector<std::byte>* outputs = nullptr,
                  const FixedWork& work = FixedWork()) const {
    AnswerTask task{ChunkSequence(kItems, 1),
                    {&numbers_.layout, {}, numbers_.digests, numbers_.answers},
                    {0, 2 * NowNs()},
                    order,
                    4,
                    outputs,
                    {}};
    if (work.gate != nullptr) task.SetSchedule({0, task.window, work.items}, *work.gate);
    return AnswerBook(std::move(task));
  }

  /// Takes the answer `value` to chunk `sequence`, which lies in memory that is used again.
  bool Take(AnswerBook& book, uint64_t sequence, uint8_t value, AnswerKeeper* keeper = nullptr) {
    std::vector<std::byte>& memory = keeper != nullptr ? kept_[sequence] : reused_;
    memory.assign(1, std::byte{value});
    Incoming answer{{}, memory, static_cast<uint32_t>(sequence)};
    answer.header.digest = DigestOfChunk(memory, numbers_.layout);
    const int64_t now_ns = NowNs();
    return book.Take({sequence, 0, 1, now_ns - 3, now_ns - 2, now_ns - 1, 0}, answer, keeper);
  }
  static TrialMeasurement Measured(const AnswerBook& book) {
    TrialMeasurement measurement;
    book.AddTo(measurement);
    return measurement;
  }
  static std::vector<uint64_t> Merged(const AnswerBook& book) {
    std::vector<uint64_t> order;
    for (const ChunkSample& sample : book.merger().log().samples())
      order.push_back(sample.sequence);
    return order;
  }

  Numbers numbers_;
  std::vector<std::byte> reused_;
  std::map<uint64_t, std::vector<std::byte>> kept_;
};

TEST_F(Book, EndsTheWindowWhenTheWorkIsDone) {
  StartGate gate = StartGate::Create();
  const Window window{0, 2 * NowNs()};
  gate.Open({0, window, 3});
  AnswerBook book = Make(Order::kInput, nullptr, {3, &gate});
  for (const uint64_t sequence : {0U, 1U})
    EXPECT_TRUE(Take(book, sequence, static_cast<uint8_t>(sequence)));
  EXPECT_GT(book.window().end_ns, NowNs() + kNsPerS);
  const int64_t before_ns = NowNs();
  EXPECT_TRUE(Take(book, 2, 2));
  EXPECT_GE(book.window().end_ns, before_ns + kEndLeadNs);
  EXPECT_LE(book.window().end_ns, NowNs() + kEndLeadNs);
  EXPECT_EQ(gate.EndNs(), book.window().end_ns);
  const int64_t end_ns = book.window().end_ns;
  EXPECT_TRUE(Take(book, 3, 3));
  EXPECT_EQ(book.window().end_ns, end_ns) << "once";
  EXPECT_EQ(Measured(book).window.end_ns, end_ns);
}

TEST_F(Book, MergesInOrderOfInput) {
  std::vector<std::byte> outputs(kItems);
  AnswerBook book = Make(Order::kInput, &outputs);
  for (const uint64_t sequence : {1U, 2U, 0U, 5U, 3U, 4U})
    EXPECT_TRUE(Take(book, sequence, static_cast<uint8_t>(sequence)));
  EXPECT_THAT(Merged(book), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_EQ(outputs, numbers_.answers);
  const OrderingCounts counts = Measured(book).ordering;
  EXPECT_EQ(counts.answers, kItems);
  EXPECT_TRUE(counts.Clean());
  EXPECT_EQ(counts.completion_inversions, 3);
  EXPECT_GT(counts.head_of_line_ns, 0);
  EXPECT_GT(counts.max_reorder_depth, 0);
}

TEST_F(Book, MergesAsTheyComeWhereThatIsAskedFor) {
  std::vector<std::byte> outputs(kItems);
  AnswerBook book = Make(Order::kCompletion, &outputs);
  EXPECT_TRUE(book.merger().MayIssue(1'000'000));
  for (const uint64_t sequence : {5U, 2U, 0U, 1U, 3U, 4U})
    EXPECT_TRUE(Take(book, sequence, static_cast<uint8_t>(sequence)));
  EXPECT_THAT(Merged(book), ElementsAre(5, 2, 0, 1, 3, 4));
  EXPECT_EQ(outputs, numbers_.answers);  // each still in its item's place
  const OrderingCounts counts = Measured(book).ordering;
  EXPECT_TRUE(counts.Clean());
  EXPECT_EQ(counts.completion_inversions, 5);
  EXPECT_EQ(counts.head_of_line_ns, 0);
  EXPECT_EQ(counts.max_reorder_depth, 0);
}

TEST_F(Book, KeepersKeepWhatWaitsAndNothingElse) {
  AnswerBook book = Make(Order::kInput);
  Keeper keeper;
  EXPECT_TRUE(Take(book, 2, 2, &keeper));
  EXPECT_TRUE(Take(book, 1, 1, &keeper));
  EXPECT_THAT(keeper.released, IsEmpty());
  EXPECT_EQ(book.kept(), 2u);
  EXPECT_TRUE(book.Keeps(&keeper));
  EXPECT_TRUE(Take(book, 0, 0, &keeper));
  EXPECT_THAT(keeper.released, ElementsAre(0, 1, 2));
  EXPECT_EQ(book.kept(), 0u);
  EXPECT_FALSE(book.Keeps(&keeper));
  EXPECT_TRUE(Take(book, 3, 3));  // nobody keeps it
  EXPECT_EQ(keeper.released.size(), 3u);
}

TEST_F(Book, KeepersGetRepeatedAnswersBack) {
  AnswerBook book = Make(Order::kInput);
  Keeper keeper;
  EXPECT_TRUE(Take(book, 1, 1, &keeper));
  EXPECT_FALSE(Take(book, 1, 1, &keeper));
  EXPECT_THAT(keeper.released, ElementsAre(1));
  EXPECT_EQ(Measured(book).ordering.answers, 1);
}

TEST_F(Book, WhatIsGivenUpIsMissingAndWhatIsSkippedIsNot) {
  AnswerBook book = Make(Order::kInput);
  EXPECT_TRUE(Take(book, 2, 2));
  book.Skip(0);
  book.GiveUp(1);
  EXPECT_THAT(Merged(book), IsEmpty());
  book.MergeReady();
  EXPECT_THAT(Merged(book), ElementsAre(2));
  EXPECT_EQ(Measured(book).ordering.missing, 1);
}

TEST_F(Book, WrongAndMisplacedAnswersAreCounted) {
  AnswerBook book = Make(Order::kInput);
  EXPECT_TRUE(Take(book, 0, 77));
  EXPECT_TRUE(Take(book, 1, 3));
  const TrialMeasurement measurement = Measured(book);
  EXPECT_EQ(measurement.output.outside_tolerance, 1);
  EXPECT_EQ(measurement.ordering.misplaced, 1);
}

/// Answers of 1, 2, … letters to five items, in chunks of two.
class VariableBook : public testing::Test {
 protected:
  VariableBook() {
    for (const std::string& text : texts_)
      digests_.push_back(Digest(BytesOf(text)));
  }
  AnswerBook Make(Order order) {
    outputs_.resize(MostPackedBytes(kLetters, 5));
    return AnswerBook({chunks_,
                       {&kLetters, {}, digests_, packed_, offsets_},
                       {0, 2 * NowNs()},
                       order,
                       4,
                       &outputs_,
                       {}});
  }
  /// Takes the right answers to chunk `sequence`, in memory of their size that is used again.
  void Take(AnswerBook& book, uint64_t sequence) {
    const auto chunk = ItemIndex(kLetters, offsets_)
                           .Chunk(std::span<const std::byte>(packed_), chunks_.Range(sequence));
    reused_.assign(chunk.begin(), chunk.end());
    Incoming answer{{}, reused_, 0};
    answer.header.digest = DigestOfChunk(reused_, kLetters);
    const int64_t now_ns = NowNs();
    EXPECT_TRUE(
        book.Take({sequence, 0, 1, now_ns - 3, now_ns - 2, now_ns - 1, 0}, answer, nullptr));
  }

  ChunkSequence chunks_{5, 2};
  std::vector<std::string> texts_{"a", "bb", "ccc", "dddd", std::string(40, 'e')};
  std::vector<std::byte> packed_ = Frames(texts_);
  std::vector<size_t> offsets_ = FrameOffsets(kLetters, packed_, 5);
  std::vector<uint64_t> digests_;
  std::vector<std::byte> outputs_;
  std::vector<std::byte> reused_;
};

TEST_F(VariableBook, KeepsOutputsWhateverTheOrder) {
  for (const Order order : {Order::kInput, Order::kCompletion}) {
    AnswerBook book = Make(order);
    for (const uint64_t sequence : {2U, 0U, 1U})
      Take(book, sequence);
    TrialMeasurement measurement;
    book.AddTo(measurement);
    EXPECT_EQ(measurement.output.bitwise_equal, 5);
    EXPECT_EQ(PackOutputs(kLetters, chunks_, outputs_), packed_);
  }
}

TEST_F(VariableBook, OutputsThatNeverCameHaveNoBytes) {
  AnswerBook book = Make(Order::kInput);
  Take(book, 0);
  Take(book, 2);
  book.GiveUp(1);
  book.MergeReady();
  EXPECT_EQ(PackOutputs(kLetters, chunks_, outputs_), Frames({"a", "bb", "", "", texts_[4]}));
}

TEST(MergeCapacity, HoldsWhatIsInFlightAndTheSpanWithinABoundOfMemory) {
  EXPECT_EQ(MergeCapacity(2, 1, 10), 64u);
  EXPECT_EQ(MergeCapacity(20, 1, 10), 160u);
  EXPECT_EQ(MergeCapacity(2, 1000, 10), 1000u);
  EXPECT_EQ(MergeCapacity(2, 1000, size_t{16} << 20), 16u);
  EXPECT_EQ(MergeCapacity(20, 1000, size_t{16} << 20), 20u);
}

}  // namespace
}  // namespace coresweep
