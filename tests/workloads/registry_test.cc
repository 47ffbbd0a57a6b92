#include "workloads/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "harness/base/error.h"
#include "tests/workloads/workload_testing.h"
#include "workloads/torch_module.h"

namespace coresweep {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string Refusal(const WorkloadSpec& spec) {
  return MessageOf<UsageError>([&] { CheckWorkloadSpec(spec); });
}

TEST(Registry, NamesAreUniqueAndFound) {
  for (const WorkloadEntry& entry : WorkloadTable())
    EXPECT_EQ(FindWorkload(entry.name), &entry);
  EXPECT_EQ(FindWorkload("spun"), nullptr);
}

TEST(Registry, OptionDefaultsLieInTheirRanges) {
  for (const WorkloadEntry& entry : WorkloadTable()) {
    for (const OptionRule& rule : entry.options) {
      EXPECT_GE(rule.fallback, rule.least) << rule.key;
      EXPECT_LE(rule.fallback, rule.most) << rule.key;
      EXPECT_FALSE(rule.summary.empty()) << rule.key;
    }
  }
}

TEST(Registry, NameOfAModelStandsForTorch) {
  const WorkloadSpec spec = NormalizeSpec(SpecOf("encoder"));
  EXPECT_EQ(spec.name, "torch");
  EXPECT_EQ(spec.model, "encoder");
  EXPECT_EQ(NormalizeSpec(SpecOf("spin")).name, "spin");
  EXPECT_EQ(NormalizeSpec(SpecOf("mlp", "mlp")).model, "mlp");
}

TEST(Registry, NameOfAModelBesideAnotherModelIsRefused) {
  EXPECT_THAT(MessageOf<UsageError>([] { NormalizeSpec(SpecOf("encoder", "mlp")); }),
              HasSubstr("drop --model mlp"));
}

TEST(Registry, UnknownWorkloadNamesTheKnownOnes) {
  EXPECT_THAT(Refusal(SpecOf("spun")),
              AllOf(HasSubstr("--workload spun"), HasSubstr("torchscript"), HasSubstr("encoder")));
  EXPECT_THAT(Refusal(SpecOf("")), HasSubstr("unknown workload"));
  EXPECT_THROW(MakeWorkload(SpecOf("spun"), {}), UsageError);
}

TEST(Registry, UnknownOptionNamesTheKnownOnes) {
  WorkloadSpec spec = SpecOf("spin");
  spec.options["busy"] = "1";
  EXPECT_THAT(Refusal(spec), AllOf(HasSubstr("--option busy=1"), HasSubstr("busy_us")));
}

TEST(Registry, FewerThanOneItemIsRefused) {
  WorkloadSpec spec = SpecOf("spin");
  spec.items = 0;
  EXPECT_THAT(Refusal(spec), HasSubstr("--items 0"));
}

TEST(Registry, ModelAndInputsAreRefusedWhereTheyMeanNothing) {
  EXPECT_THAT(Refusal(SpecOf("spin", "m.pt")), HasSubstr("--model m.pt"));
  WorkloadSpec spec = SpecOf("null");
  spec.inputs = "x.pt";
  EXPECT_THAT(Refusal(spec), HasSubstr("--inputs x.pt"));
  spec.inputs = "";
  spec.input_specs = {{DType::kFloat32, {3}}};
  EXPECT_THAT(Refusal(spec), HasSubstr("--input-shape"));
}

TEST(Registry, GoodSpecsPass) {
  EXPECT_EQ(Refusal(SpecOf("null")), "");
  EXPECT_EQ(Refusal(SpecOf("spin")), "");
  WorkloadSpec spec = SpecOf("sum_squares");
  spec.options["cost"] = "12";
  spec.items = 3;
  EXPECT_EQ(Refusal(spec), "");
}

TEST(Registry, MakesWhatTheSpecNames) {
  for (const char* name : {"sum_squares", "spin", "null"}) {
    WorkloadSpec spec = SpecOf(name);
    spec.items = 3;
    LoadWorkloadLibrary(spec);
    EXPECT_EQ(MakeWorkload(spec, {})->Info().items, 3) << name;
    EXPECT_FALSE(MakeWorkload(spec, {})->Runtime().intra_op_threads) << name;
  }
}

TEST(Registry, WithoutLibtorchItsWorkloadsAreRefused) {
  if (BuiltWithTorch()) GTEST_SKIP() << "this build has libtorch";
  EXPECT_THAT(Refusal(SpecOf("torch", "mlp")), HasSubstr("built without libtorch"));
  EXPECT_EQ(ReadTorchRuntime(), std::nullopt);
  EXPECT_THROW(LoadWorkloadLibrary(SpecOf("torch", "mlp")), Error);
}

TEST(BlasWarning, IsGivenForTheReferenceBlasAlone) {
  RuntimeFacts facts;
  for (const char* kind : {"openblas", "mkl", "blis", "atlas", "unknown", ""}) {
    facts.blas_kind = kind;
    EXPECT_EQ(BlasWarning(facts), "") << kind;
  }
  facts.blas_kind = "reference";
  facts.blas_library = "/lib/blas/libblas.so.3.11.0";
  EXPECT_THAT(BlasWarning(facts),
              AllOf(HasSubstr("/lib/blas/libblas.so.3.11.0"), HasSubstr("4.5 GFLOP/s"),
                    HasSubstr("apt-get install libopenblas0-openmp")));
}

}  // namespace
}  // namespace coresweep
