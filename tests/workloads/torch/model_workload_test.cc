#include "workloads/torch/model_workload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <thread>

#include "harness/base/error.h"
#include "tests/workloads/workload_testing.h"

namespace coresweep {
namespace {

// Through the program's own door, so that loading the module is tested, too.
std::unique_ptr<Workload> Make(const std::string& model, uint64_t seed = 1, int threads = 1) {
  WorkloadSpec spec = SpecOf("torch", model);
  spec.seed = seed;
  return MakeWorkload(spec, {threads});
}

std::set<Bytes> RowsOf(const Bytes& answers, size_t row_bytes) {
  std::set<Bytes> rows;
  for (size_t at = 0; at < answers.size(); at += row_bytes)
    rows.emplace(answers.begin() + static_cast<ptrdiff_t>(at),
                 answers.begin() + static_cast<ptrdiff_t>(at + row_bytes));
  return rows;
}

class Models : public testing::TestWithParam<const char*> {};

TEST_P(Models, AnswerTheSameInEveryInstanceAndDifferentlyWithAnotherSeed) {
  const auto one = Make(GetParam());
  const auto other = Make(GetParam());
  const auto reseeded = Make(GetParam(), 2);
  EXPECT_EQ(one->Info().digest, other->Info().digest);
  EXPECT_NE(one->Info().digest, reseeded->Info().digest);
  EXPECT_EQ(AnswersOf(*one, 0, 2, 2), AnswersOf(*other, 0, 2, 2));
  EXPECT_NE(AnswersOf(*one, 0, 2, 2), AnswersOf(*reseeded, 0, 2, 2));
}

TEST_P(Models, AnswerSingleItemsAsInABatchWithinTheTolerance) {
  const auto workload = Make(GetParam());
  const WorkloadInfo info = workload->Info();
  const Bytes batch = AnswersOf(*workload, 0, 4, 4);
  const Bytes single = AnswersOf(*workload, 0, 4, 1);
  for (size_t i = 0; i < 4; ++i) {
    const auto row = [&](const Bytes& all) {
      return std::span(all).subspan(i * info.answer.bytes, info.answer.bytes);
    };
    EXPECT_TRUE(AllClose(info.answer, row(single), row(batch), info.tolerance))
        << MaxAbsDiff(info.answer, row(single), row(batch));
    const auto next = std::span(batch).subspan((i + 1) % 4 * info.answer.bytes, info.answer.bytes);
    EXPECT_FALSE(AllClose(info.answer, row(single), next, info.tolerance))
        << "answers to other items are too alike to tell";
  }
}

TEST_P(Models, AnswerInASensibleMagnitude) {
  const auto workload = Make(GetParam());
  const Bytes answers = AnswersOf(*workload, 0, 2, 2);
  const Bytes zeros(workload->Info().answer.bytes);
  const double largest =
      MaxAbsDiff(workload->Info().answer, std::span(answers).first(zeros.size()), zeros);
  EXPECT_GT(largest, 0.01);
  EXPECT_LT(largest, 1000);
}

TEST_P(Models, MakeDifferentItems) {
  const auto workload = Make(GetParam());
  EXPECT_EQ(RowsOf(ItemsOf(*workload, 0, 4), workload->Info().item.bytes).size(), 4U);
}

INSTANTIATE_TEST_SUITE_P(Torch, Models, testing::Values("mlp", "resnet18", "encoder"));

TEST(ModelWorkload, HasTheParametersOfThePublishedModels) {
  EXPECT_EQ(Make("mlp")->Info().facts.at("parameters"), "669706");
  EXPECT_EQ(Make("resnet18")->Info().facts.at("parameters"), "11689512");
  // 30522·256 + 128·256 + 4·(12·256² + 13·256) + 2·256
  EXPECT_EQ(Make("encoder")->Info().facts.at("parameters"), "11005952");
}

TEST(ModelWorkload, TellsShapesAndItems) {
  const WorkloadInfo resnet = Make("resnet18")->Info();
  EXPECT_EQ(resnet.item.tensors.front().ToText(), "float32[3,224,224]");
  EXPECT_EQ(resnet.answer.tensors.front().ToText(), "float32[1000]");
  EXPECT_EQ(resnet.items, 32);
  const WorkloadInfo encoder = Make("encoder")->Info();
  EXPECT_EQ(encoder.item.tensors.front().ToText(), "int64[128]");
  EXPECT_EQ(encoder.answer.tensors.front().ToText(), "float32[256]");
  EXPECT_EQ(encoder.items, 128);
}

TEST(ModelWorkload, TolerancesAreOptions) {
  WorkloadSpec spec = SpecOf("torch", "mlp");
  EXPECT_EQ(MakeWorkload(spec, {})->Info().tolerance.absolute, 1e-5);
  spec.options = {{"atol", "0.5"}, {"rtol", "0.25"}};
  EXPECT_EQ(MakeWorkload(spec, {})->Info().tolerance.absolute, 0.5);
  EXPECT_EQ(MakeWorkload(spec, {})->Info().tolerance.relative, 0.25);
}

TEST(ModelWorkload, InstancesMadeSideBySideAreAlike) {
  std::vector<std::string> digests(4);
  std::vector<std::thread> threads;
  for (std::string& digest : digests)
    threads.emplace_back([&digest] { digest = Make("mlp")->Info().digest; });
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_THAT(digests, testing::Each(digests.front()));
}

TEST(ModelWorkload, UnknownModelIsAUsageErrorAcrossTheModule) {
  EXPECT_THAT(MessageOf<UsageError>([] { Make("vgg"); }), testing::HasSubstr("--model vgg"));
}

TEST(ModelWorkload, RefusedInputIsAnErrorOfOneLine) {
  const auto encoder = Make("encoder");
  Bytes items(encoder->Info().item.bytes, std::byte{0x7f});  // token ids far outside
  Bytes answers(encoder->Info().answer.bytes);
  const std::string message = MessageOf<Error>([&] { encoder->Run(1, items, answers); });
  EXPECT_THAT(message,
              testing::HasSubstr("model encoder refused 1 items of int64[128]: index out"));
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

TEST(ModelWorkload, ThreadCountsAreThoseGrantedAndReadBack) {
  for (const int threads : {2, 1}) {
    const auto workload = Make("mlp", 1, threads);
    AnswersOf(*workload, 0, 64, 64);
    const RuntimeFacts facts = workload->Runtime();
    EXPECT_EQ(facts.intra_op_threads, threads);
    EXPECT_EQ(facts.inter_op_threads, 1);
    if (facts.blas_kind == "openblas") {
      EXPECT_EQ(facts.blas_threads, threads);
    }
  }
}

TEST(TorchRuntime, NamesTheLibrariesInUse) {
  const RuntimeFacts facts = ReadTorchRuntime().value();
  EXPECT_THAT(facts.library, testing::StartsWith("libtorch "));
  EXPECT_THAT(facts.blas_kind, testing::AnyOf("openblas", "mkl", "blis", "atlas", "reference"));
  if (!facts.blas_library.empty()) {
    EXPECT_EQ(facts.blas_library.front(), '/');
  }
  EXPECT_GE(facts.intra_op_threads.value(), 1);
}

}  // namespace
}  // namespace coresweep
