#include "workloads/null_workload.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "tests/workloads/workload_testing.h"

namespace coresweep {
namespace {

std::unique_ptr<Workload> Make(const OptionValues& options) {
  WorkloadSpec spec = SpecOf("null");
  spec.options = options;
  return MakeNullWorkload(spec, {});
}

TEST(NullWorkload, ItemsBeginWithTheirNumberAndDiffer) {
  const auto workload = Make({{"item_bytes", "24"}});
  const Bytes items = ItemsOf(*workload, 5, 2);
  ASSERT_EQ(items.size(), 48U);
  for (const size_t i : {0U, 1U}) {
    int64_t number = 0;
    std::memcpy(&number, items.data() + i * 24, sizeof number);
    EXPECT_EQ(number, 5 + static_cast<int64_t>(i));
  }
  EXPECT_NE(std::memcmp(items.data() + 8, items.data() + 32, 16), 0);
}

TEST(NullWorkload, AnswerIsTheLeadingBytesOfTheItem) {
  const auto workload = Make({{"item_bytes", "64"}, {"answer_bytes", "16"}});
  const Bytes items = ItemsOf(*workload, 0, 4);
  const Bytes answers = AnswersOf(*workload, 0, 4, 4);
  ASSERT_EQ(answers.size(), 64U);
  for (size_t i = 0; i < 4; ++i)
    EXPECT_EQ(std::memcmp(answers.data() + i * 16, items.data() + i * 64, 16), 0);
}

TEST(NullWorkload, LongerAnswerIsFilledWithZeros) {
  const auto workload = Make({{"item_bytes", "8"}, {"answer_bytes", "20"}});
  const Bytes answers = AnswersOf(*workload, 7, 1, 1);
  ASSERT_EQ(answers.size(), 20U);
  EXPECT_EQ(answers[0], std::byte{7});
  for (size_t i = 8; i < 20; ++i)
    EXPECT_EQ(answers[i], std::byte{0});
}

TEST(NullWorkload, SplittingIntoChunksChangesNothing) {
  const auto workload = Make({});
  EXPECT_EQ(AnswersOf(*workload, 0, 10, 10), AnswersOf(*workload, 0, 10, 3));
}

TEST(NullWorkload, TellsItsSizesAndItems) {
  const WorkloadInfo info = Make({})->Info();
  EXPECT_EQ(info.items, 4096);
  EXPECT_EQ(info.item.bytes, 64U);
  EXPECT_EQ(info.answer.bytes, 64U);
  EXPECT_NE(info.digest, Make({{"answer_bytes", "8"}})->Info().digest);
}

std::vector<size_t> ItemSizes(const Workload& workload, int64_t count) {
  std::vector<size_t> sizes;
  for (int64_t i = 0; i < count; ++i)
    sizes.push_back(workload.ItemBytes(i));
  return sizes;
}

TEST(NullWorkload, ItemsVaryBetweenAPartOfTheLargestAndThat) {
  const auto workload = Make({{"item_bytes", "100"}, {"vary", "0.3"}});
  EXPECT_TRUE(workload->Info().item.Varies());
  EXPECT_FALSE(workload->Info().answer.Varies());
  EXPECT_EQ(workload->Info().item.bytes, 100U);
  const auto sizes = ItemSizes(*workload, 4096);
  EXPECT_EQ(*std::ranges::min_element(sizes), 70U);
  EXPECT_EQ(*std::ranges::max_element(sizes), 100U);
  EXPECT_EQ(std::set<size_t>(sizes.begin(), sizes.end()).size(), 31U);
  EXPECT_EQ(ItemSizes(*Make({{"item_bytes", "100"}, {"vary", "0.3"}}), 4096), sizes);
}

TEST(NullWorkload, SizesDependOnTheSeed) {
  WorkloadSpec spec = SpecOf("null");
  spec.options = {{"vary", "1"}};
  const auto one = MakeNullWorkload(spec, {});
  spec.seed = 2;
  EXPECT_NE(ItemSizes(*one, 64), ItemSizes(*MakeNullWorkload(spec, {}), 64));
}

TEST(NullWorkload, TheNumberAlwaysFits) {
  const auto workload = Make({{"item_bytes", "20"}, {"vary", "1"}, {"vary_answers", "1"}});
  for (int64_t i = 0; i < 200; ++i) {
    const Bytes item = SizedItemOf(*workload, i);
    ASSERT_GE(item.size(), 8U);
    int64_t number = 0;
    std::memcpy(&number, item.data(), sizeof number);
    EXPECT_EQ(number, i);
  }
}

TEST(NullWorkload, AnswersOfVariableSizeBeginAsTheirItemsAndDiffer) {
  const auto workload = Make({{"vary", "0.5"}, {"answer_bytes", "100"}, {"vary_answers", "1"}});
  const auto answers = SizedAnswersOf(*workload, 3, 50, 7);
  ASSERT_EQ(answers.size(), 50U);
  std::set<size_t> sizes;
  for (size_t i = 0; i < answers.size(); ++i) {
    Bytes expected = SizedItemOf(*workload, 3 + static_cast<int64_t>(i));
    expected.resize(answers[i].size());  // cut, or filled with zeros
    EXPECT_EQ(answers[i], expected) << i;
    sizes.insert(answers[i].size());
  }
  EXPECT_GT(sizes.size(), 10U);
  EXPECT_EQ(SizedAnswersOf(*workload, 3, 50, 50), answers);
}

TEST(NullWorkload, AnswersMayVaryWhereItemsDoNot) {
  const auto workload = Make({{"vary_answers", "0.5"}});
  EXPECT_FALSE(workload->Info().item.Varies());
  const auto answers = SizedAnswersOf(*workload, 0, 20, 6);
  for (size_t i = 0; i < answers.size(); ++i) {
    const Bytes item = ItemsOf(*workload, static_cast<int64_t>(i), 1);
    EXPECT_EQ(answers[i],
              Bytes(item.begin(), item.begin() + static_cast<ptrdiff_t>(answers[i].size())));
  }
}

TEST(NullWorkload, OptionsOfVariableSizeChangeTheDigestOnlyWhereTheyVary) {
  const auto digest = [](const OptionValues& options) { return Make(options)->Info().digest; };
  EXPECT_EQ(digest({{"vary", "0"}, {"vary_answers", "0"}}), digest({}));
  EXPECT_NE(digest({{"vary", "0.5"}}), digest({}));
  EXPECT_NE(digest({{"vary", "0.5"}}), digest({{"vary_answers", "0.5"}}));
}

}  // namespace
}  // namespace coresweep
