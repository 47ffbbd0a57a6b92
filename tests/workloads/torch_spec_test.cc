#include "workloads/torch_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "harness/base/digest.h"
#include "harness/base/error.h"
#include "tests/workloads/workload_testing.h"

namespace coresweep {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// A folder of files that look like models from outside.
class TorchScriptSpec : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "coresweep_spec_XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& text) {
    std::string path = folder_ / name;
    std::ofstream(path) << text;
    return path;
  }
  WorkloadSpec Good() {
    WorkloadSpec spec = SpecOf("torchscript", Write("m.pt", "PK\x03\x04 and so on"));
    spec.input_specs = {{DType::kFloat32, {3, 4}}};
    return spec;
  }
  static std::string Refusal(const WorkloadSpec& spec) {
    return MessageOf<UsageError>([&] { CheckTorchScriptSpec(spec); });
  }

  std::filesystem::path folder_;
};

TEST(TorchSpec, KnowsItsModelsAlone) {
  for (const std::string_view model : kTorchModels)
    EXPECT_NO_THROW(CheckTorchSpec(SpecOf("torch", std::string(model))));
  EXPECT_THAT(MessageOf<UsageError>([] { CheckTorchSpec(SpecOf("torch", "m.pt")); }),
              AllOf(HasSubstr("--model m.pt"), HasSubstr("mlp, resnet18, encoder"),
                    HasSubstr("--workload torchscript")));
  EXPECT_THAT(MessageOf<UsageError>([] { CheckTorchSpec(SpecOf("torch")); }),
              HasSubstr("--model mlp, resnet18, encoder"));
}

TEST_F(TorchScriptSpec, GoodOnePasses) {
  EXPECT_EQ(Refusal(Good()), "");
}

TEST_F(TorchScriptSpec, MissingModelIsRefused) {
  WorkloadSpec spec = Good();
  spec.model = "";
  EXPECT_THAT(Refusal(spec), HasSubstr("--model FILE.pt"));
  spec.model = folder_ / "absent.pt";
  EXPECT_THAT(Refusal(spec), AllOf(HasSubstr("--model " + spec.model), HasSubstr("No such file")));
}

TEST_F(TorchScriptSpec, WhatIsNoFileOfThatKindIsRefused) {
  WorkloadSpec spec = Good();
  spec.model = folder_;
  EXPECT_THAT(Refusal(spec), HasSubstr("is a directory"));
  spec.model = Write("empty.pt", "");
  EXPECT_THAT(Refusal(spec), HasSubstr("is empty"));
  spec.model = Write("text.pt", "import torch");
  EXPECT_THAT(Refusal(spec), HasSubstr("not a TorchScript file"));
  spec.model = Write("short.pt", "PK");
  EXPECT_THAT(Refusal(spec), HasSubstr("not a TorchScript file"));
  spec.model = folder_ / "pipe";
  ASSERT_EQ(mkfifo(spec.model.c_str(), 0600), 0);
  EXPECT_THAT(Refusal(spec), HasSubstr("not a regular file"));
}

TEST_F(TorchScriptSpec, UnreadableModelIsRefused) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read every file";
  const WorkloadSpec spec = Good();
  chmod(spec.model.c_str(), 0);
  EXPECT_THAT(Refusal(spec), HasSubstr("Permission denied"));
}

TEST_F(TorchScriptSpec, NeitherShapeNorInputsIsRefused) {
  WorkloadSpec spec = Good();
  spec.input_specs.clear();
  EXPECT_THAT(Refusal(spec), AllOf(HasSubstr("--input-shape"), HasSubstr("--inputs")));
}

TEST_F(TorchScriptSpec, ImpossibleShapesAreRefused) {
  WorkloadSpec spec = Good();
  spec.input_specs[0].shape = {3, 0};
  EXPECT_THAT(Refusal(spec), HasSubstr("--input-shape 3,0"));
  spec.input_specs[0].shape = {-1, 4};
  EXPECT_THAT(Refusal(spec), HasSubstr("at least 1"));
  spec.input_specs[0].shape = {int64_t{1} << 40, int64_t{1} << 40};
  EXPECT_THAT(Refusal(spec), HasSubstr("would exceed"));
  spec.input_specs[0].shape = {};
  EXPECT_EQ(Refusal(spec), "");
}

TEST_F(TorchScriptSpec, IntegerRangeMustFitTheInput) {
  WorkloadSpec spec = Good();
  spec.options["input_low"] = "100";
  EXPECT_THAT(Refusal(spec), HasSubstr("input_low=100 must be below"));
  spec.options = {{"input_high", "256"}};
  spec.input_specs[0].dtype = DType::kUInt8;
  EXPECT_EQ(Refusal(spec), "");
  spec.input_specs[0].dtype = DType::kInt8;
  EXPECT_THAT(Refusal(spec), HasSubstr("int8 holds only -128 to 127"));
}

TEST_F(TorchScriptSpec, InputFileIsCheckedLikeTheModel) {
  WorkloadSpec spec = Good();
  spec.inputs = Write("x.pt", "legacy");
  EXPECT_THAT(Refusal(spec), AllOf(HasSubstr("--inputs"), HasSubstr("not a tensor file"),
                                   HasSubstr("torch.save")));
  spec.inputs = Write("y.pt", "PK\x03\x04");
  spec.input_specs.clear();
  EXPECT_EQ(Refusal(spec), "");
  spec.items = 5;
  EXPECT_THAT(Refusal(spec), HasSubstr("--items 5"));
}

TEST_F(TorchScriptSpec, DigestIsThatOfTheContent) {
  const std::string text = "some bytes";
  EXPECT_EQ(DigestFile(Write("a", text)), DigestHex(Digest(std::as_bytes(std::span(text)))));
  EXPECT_EQ(DigestFile(Write("b", "")), DigestHex(Digest({})));
  EXPECT_THROW(DigestFile(folder_ / "absent"), Error);
}

}  // namespace
}  // namespace coresweep
