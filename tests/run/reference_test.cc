#include "harness/run/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "tests/core/framing_testing.h"

namespace coresweep {
namespace {

ReferenceData Data() {
  ReferenceData data;
  data.info.answer = ItemLayout({{DType::kFloat32, {1}}});
  data.info.tolerance = {0.5, 0.25};
  data.info.items = 2;
  data.distinct_items = data.distinct_answers = 2;
  data.chunks.resize(2);
  data.chunks[0].chunk = 1;
  data.chunks[1].chunk = 8;
  data.chunks[1].digests_offset = 16;
  data.answers_offset = 32;
  data.region = SharedRegion::Create("coresweep.test", 40);
  const uint64_t digests[] = {11, 12, 81, 82};
  const float answers[] = {1.5F, 2.5F};
  std::memcpy(data.region.data(), digests, sizeof digests);
  std::memcpy(data.region.data() + 32, answers, sizeof answers);
  return data;
}

TEST(ReferenceData, FindsWhatItHas) {
  const ReferenceData data = Data();
  EXPECT_EQ(data.Find(8), &data.chunks[1]);
  EXPECT_EQ(data.Find(2), nullptr);
}

TEST(ReferenceData, GivesTheDigestsOfTheChunkSizeAndAllAnswers) {
  const ReferenceData data = Data();
  const Reference reference = data.For(8);
  EXPECT_THAT(reference.digests, testing::ElementsAre(81, 82));
  EXPECT_THAT(data.For(1).digests, testing::ElementsAre(11, 12));
  EXPECT_EQ(reference.tolerance.relative, 0.25);
  EXPECT_EQ(reference.layout, &data.info.answer);
  ASSERT_EQ(reference.answers.size(), 8u);
  float second = 0;
  std::memcpy(&second, reference.answers.data() + 4, 4);
  EXPECT_EQ(second, 2.5F);
}

TEST(ReferenceData, FindsAnswersOfVariableSize) {
  ReferenceData data = Data();
  data.info.answer = kLetters;
  const auto answers = Frames({"one", "second"});
  data.region = SharedRegion::Create("coresweep.test", 32 + answers.size() + 100);
  std::copy(answers.begin(), answers.end(), data.region.bytes().begin() + 32);
  data.answer_offsets = FrameOffsets(kLetters, data.Answers(), 2);
  const Reference reference = data.For(8);
  EXPECT_EQ(TextOf(reference.Answer(0)), "one");
  EXPECT_EQ(TextOf(reference.Answer(1)), "second");
}

TEST(ReferenceData, WarnsOfNothingWhenAllIsDistinct) {
  EXPECT_TRUE(Data().Warnings().empty());
}

TEST(ReferenceData, WarnsOfEqualItemsAndAnswers) {
  ReferenceData data = Data();
  data.distinct_answers = 1;
  EXPECT_THAT(data.Warnings(),
              testing::ElementsAre(testing::HasSubstr("only 1 of 2 answers are different")));
  data.distinct_items = 1;
  EXPECT_EQ(data.Warnings().size(), 2u);
}

TEST(ReferenceData, WarnsWhenAnswersDependOnTheChunk) {
  ReferenceData data = Data();
  data.chunks[1].differs = true;
  data.chunks[1].max_abs_diff = 0.125;
  EXPECT_THAT(data.Warnings(),
              testing::ElementsAre(
                  testing::AllOf(testing::HasSubstr("chunks of 8"), testing::HasSubstr("0.125"))));
}

}  // namespace
}  // namespace coresweep
