#include "harness/core/chunk_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "harness/base/error.h"
#include "tests/core/framing_testing.h"

namespace coresweep {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// Items are letters, item i has i + 1 of them or, where sizes are fixed, 4; the answer is the item
/// twice, or its first two letters where answers are fixed.
class Letters : public Workload {
 public:
  Letters(Sizing item, Sizing answer) {
    info_.item = ItemLayout({{DType::kUInt8, {4}}}, item);
    info_.answer = ItemLayout({{DType::kUInt8, {answer == Sizing::kFixed ? 2 : 8}}}, answer);
    info_.items = 4;
  }
  [[nodiscard]] WorkloadInfo Info() const override { return info_; }
  [[nodiscard]] size_t ItemBytes(int64_t index) const override {
    return static_cast<size_t>(index) + 1;
  }
  void MakeItem(int64_t index, std::span<std::byte> item) const override {
    std::fill(item.begin(), item.end(), static_cast<std::byte>('a' + index));
  }
  void Run(int64_t count, std::span<std::byte> items, std::span<std::byte> answers) override {
    ++plain_runs;
    for (size_t i = 0; i < static_cast<size_t>(count); ++i)
      std::memcpy(answers.data() + 2 * i, items.data() + 4 * i, 2);
  }
  void RunEach(std::span<const std::span<std::byte>> items, AnswerWriter& answers) override {
    for (const auto& item : items) {
      const bool fixed = !info_.answer.Varies();
      const auto answer = answers.Next(fixed ? 2 : 2 * item.size());
      for (size_t i = 0; i < answer.size(); ++i)
        answer[i] = item[i % item.size()];
    }
  }
  int plain_runs = 0;

 protected:
  WorkloadInfo info_;
};

/// Does with its answers what the test says.
class Misbehaving final : public Letters {
 public:
  explicit Misbehaving(std::function<void(AnswerWriter&)> write, Sizing answer = Sizing::kVariable)
      : Letters(Sizing::kVariable, answer), write_(std::move(write)) {}
  void RunEach(std::span<const std::span<std::byte>> /*items*/, AnswerWriter& answers) override {
    write_(answers);
  }

 private:
  std::function<void(AnswerWriter&)> write_;
};

/// The answers to items 1 and 2, as texts.
std::vector<std::string> AnswersOf(Letters& workload) {
  const WorkloadInfo info = workload.Info();
  auto items = PackItems(workload, info, {1, 2});
  std::vector<std::byte> space(MostPackedBytes(info.answer, 2), std::byte{0xee});
  ChunkRunner runner(workload, info, "letters");
  const size_t bytes = runner.Run({1, 2}, items, space);
  std::vector<std::span<std::byte>> views;
  EXPECT_TRUE(Split(info.answer, std::span(space).first(bytes), 2, views));
  std::vector<std::string> texts;
  for (const auto& view : views)
    texts.push_back(TextOf(view));
  return texts;
}

std::string ErrorOf(Letters& workload) {
  try {
    (void)AnswersOf(workload);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(ChunkRunner, RunsFixedItemsWithFixedAnswersInOneGo) {
  Letters workload(Sizing::kFixed, Sizing::kFixed);
  EXPECT_THAT(AnswersOf(workload), ElementsAre("bb", "cc"));
  EXPECT_EQ(workload.plain_runs, 1);
}

TEST(ChunkRunner, RunsEveryOtherCombinationItemByItem) {
  Letters variable(Sizing::kVariable, Sizing::kVariable);
  EXPECT_THAT(AnswersOf(variable), ElementsAre("bbbb", "cccccc"));
  Letters to_fixed(Sizing::kVariable, Sizing::kFixed);
  EXPECT_THAT(AnswersOf(to_fixed), ElementsAre("bb", "cc"));
  Letters from_fixed(Sizing::kFixed, Sizing::kVariable);
  EXPECT_THAT(AnswersOf(from_fixed), ElementsAre("bbbbbbbb", "cccccccc"));
  EXPECT_EQ(variable.plain_runs + to_fixed.plain_runs + from_fixed.plain_runs, 0);
}

TEST(ChunkRunner, AnAnswerLargerThanDeclaredIsAnErrorThatNamesWorkloadItemAndSizes) {
  Misbehaving workload([](AnswerWriter& answers) {
    (void)answers.Next(8);
    (void)answers.Next(9);
  });
  EXPECT_THAT(ErrorOf(workload), AllOf(HasSubstr("workload letters"), HasSubstr("9 bytes"),
                                       HasSubstr("item 2"), HasSubstr("at most 8 bytes")));
}

TEST(ChunkRunner, AFixedAnswerMustHaveItsSize) {
  Misbehaving workload([](AnswerWriter& answers) { (void)answers.Next(1); }, Sizing::kFixed);
  EXPECT_THAT(ErrorOf(workload), AllOf(HasSubstr("1 bytes to item 1"), HasSubstr("declared 2")));
}

TEST(ChunkRunner, ThereIsOneAnswerToEachItem) {
  Misbehaving few([](AnswerWriter& answers) { (void)answers.Next(1); });
  EXPECT_THAT(ErrorOf(few), HasSubstr("gave 1 answers to 2 items"));
  Misbehaving many([](AnswerWriter& answers) {
    for (int i = 0; i < 3; ++i)
      (void)answers.Next(0);
  });
  EXPECT_THAT(ErrorOf(many), HasSubstr("more than the 2 answers to items 1 to 2"));
}

TEST(ChunkRunner, RefusesWhatIsNotTheItems) {
  Letters workload(Sizing::kVariable, Sizing::kVariable);
  const WorkloadInfo info = workload.Info();
  std::vector<std::byte> space(MostPackedBytes(info.answer, 2));
  ChunkRunner runner(workload, info, "letters");
  auto items = PackItems(workload, info, {0, 2});
  EXPECT_THROW((void)runner.Run({0, 3}, items, space), Error);
  SetLength(items, 0, 1000);
  EXPECT_THROW((void)runner.Run({0, 2}, items, space), Error);
}

TEST(ChunkRunner, AWorkloadThatDeclaresSizesItCannotRunSaysSo) {
  class Unprepared final : public Letters {
   public:
    using Letters::Letters;
    void RunEach(std::span<const std::span<std::byte>> items, AnswerWriter& answers) override {
      Workload::RunEach(items, answers);  // NOLINT(bugprone-parent-virtual-call)
    }
  };
  Unprepared workload(Sizing::kFixed, Sizing::kVariable);
  EXPECT_THAT(ErrorOf(workload), HasSubstr("cannot run"));
}

TEST(PackItems, FramesItemsOfVariableSize) {
  const Letters workload(Sizing::kVariable, Sizing::kFixed);
  EXPECT_EQ(PackItems(workload, workload.Info(), {1, 3}), Frames({"bb", "ccc", "dddd"}));
  EXPECT_EQ(PackedBytes(workload, workload.Info(), 2), 32u);
}

TEST(PackItems, PacksItemsOfFixedSizeWithoutAnythingBetween) {
  const Letters workload(Sizing::kFixed, Sizing::kFixed);
  EXPECT_EQ(TextOf(PackItems(workload, workload.Info(), {1, 2})), "bbbbcccc");
}

TEST(PackItems, RefusesAnItemLargerThanDeclared) {
  const Letters workload(Sizing::kVariable, Sizing::kFixed);
  EXPECT_THROW((void)PackItems(workload, workload.Info(), {4, 1}), Error);  // of 5 letters
}

}  // namespace
}  // namespace coresweep
