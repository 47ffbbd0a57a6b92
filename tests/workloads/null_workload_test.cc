#include "workloads/null_workload.h"

#include <gtest/gtest.h>

#include <cstring>

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

}  // namespace
}  // namespace coresweep
