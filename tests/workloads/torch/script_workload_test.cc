#include "workloads/torch/script_workload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <string>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "tests/workloads/workload_testing.h"
#include "workloads/torch_spec.h"

namespace coresweep {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr int64_t kItems = 12;  // as in make_models.py

std::string PathOf(const std::string& file) {
  return std::string(CORESWEEP_TORCH_MODELS) + "/" + file;
}

// Models, inputs and expected answers by make_models.py, which CTest runs first.
class AgainstPython : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(PathOf("text.pt"))) {
      GTEST_SKIP() << PathOf("") << " is empty: Python has no torch (apt-get install "
                   << "python3-torch), or this program was not run by ctest";
    }
  }

  static WorkloadSpec FileSpec(const std::string& name) {
    WorkloadSpec spec = SpecOf("torchscript", PathOf(name + ".pt"));
    spec.inputs = PathOf(name + ".inputs.pt");
    return spec;
  }
  static WorkloadSpec ShapeSpec(const std::string& name, std::vector<TensorSpec> inputs) {
    WorkloadSpec spec = SpecOf("torchscript", PathOf(name + ".pt"));
    spec.input_specs = std::move(inputs);
    return spec;
  }
  static std::string Refusal(const WorkloadSpec& spec) {
    const std::string message = MessageOf<UsageError>([&] {
      CheckWorkloadSpec(spec);
      MakeWorkload(spec, {});
    });
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    return message;
  }
};

// The expected answers to all items in the harness's layout.
Bytes ExpectedAnswers(const std::string& name, const ItemLayout& layout) {
  Bytes answers(static_cast<size_t>(kItems) * layout.bytes);
  for (size_t k = 0; k < layout.tensors.size(); ++k) {
    const std::string rows = ReadFile(PathOf(name + ".expected." + std::to_string(k)));
    const size_t bytes = layout.tensors[k].Bytes();
    EXPECT_EQ(rows.size(), kItems * bytes) << name << " output " << k;
    if (rows.size() != kItems * bytes) return {};
    for (size_t i = 0; i < kItems; ++i)
      std::memcpy(answers.data() + i * layout.bytes + layout.offsets[k], rows.data() + i * bytes,
                  bytes);
  }
  EXPECT_FALSE(
      std::filesystem::exists(PathOf(name + ".expected." + std::to_string(layout.tensors.size()))));
  return answers;
}

struct Case {
  const char* name;
  const char* outputs;
  std::vector<int64_t> chunks = {1, 5, kItems};
};

void PrintTo(const Case& value, std::ostream* out) {
  *out << value.name;
}

class EqualAnswers : public AgainstPython, public testing::WithParamInterface<Case> {};

TEST_P(EqualAnswers, ForEveryItemInEveryChunk) {
  const Case& test = GetParam();
  WorkloadSpec spec = FileSpec(test.name);
  spec.least_items = test.chunks.back();
  CheckWorkloadSpec(spec);
  const auto workload = MakeWorkload(spec, {});
  const WorkloadInfo info = workload->Info();
  EXPECT_EQ(info.items, kItems);
  EXPECT_EQ(info.facts.at("outputs"), test.outputs);
  const Bytes expected = ExpectedAnswers(test.name, info.answer);
  ASSERT_FALSE(expected.empty());
  for (const int64_t chunk : test.chunks) {
    const Bytes answers = AnswersOf(*workload, 0, kItems, chunk);
    for (size_t i = 0; i < kItems; ++i) {
      const auto row = [&](const Bytes& all) {
        return std::span(all).subspan(i * info.answer.bytes, info.answer.bytes);
      };
      EXPECT_TRUE(AllClose(info.answer, row(answers), row(expected), info.tolerance))
          << "chunk " << chunk << ", item " << i << ", difference "
          << MaxAbsDiff(info.answer, row(answers), row(expected));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Torch, EqualAnswers,
    testing::Values(Case{"plain", "float32[5]"}, Case{"traced", "float32[5]"},
                    Case{"frozen", "float32[5]"}, Case{"linear", "float32[4]"},
                    Case{"float64", "float64[4]"}, Case{"float16", "float16[6]"},
                    Case{"bfloat16", "bfloat16[4]"}, Case{"in_place", "float32[6]"},
                    Case{"tuple", "float32[] int64[3]"}, Case{"list", "float32[1] float32[2]"},
                    Case{"dict", "bool[6] float32[6]"}, Case{"two_inputs", "float32[6]"},
                    Case{"embedding", "float32[7]"}, Case{"strided_inputs", "float32[4]"},
                    Case{"transposed", "float32[3,2]"}, Case{"picky", "float32[6]", {2, 6}},
                    Case{"fixed_batch", "float32[6]", {4}}),
    [](const auto& test) { return test.param.name; });

TEST_F(AgainstPython, FactsNameModelAndInputs) {
  const WorkloadInfo info = MakeWorkload(FileSpec("linear"), {})->Info();
  EXPECT_EQ(info.digest, DigestFile(PathOf("linear.pt")));
  EXPECT_EQ(info.facts.at("inputs_digest"), DigestFile(PathOf("linear.inputs.pt")));
  EXPECT_EQ(info.facts.at("parameters"), "28");
  EXPECT_EQ(info.facts.at("inputs"), "float32[6]");
}

TEST_F(AgainstPython, MadeItemsNeedNoFile) {
  WorkloadSpec spec = ShapeSpec("embedding", {{DType::kInt64, {5}}});
  EXPECT_THAT(Refusal(spec), HasSubstr("index out of range"));
  spec.options["input_high"] = "50";
  spec.items = 10;
  const auto workload = MakeWorkload(spec, {});
  EXPECT_EQ(workload->Info().items, 10);
  EXPECT_NE(AnswersOf(*workload, 0, 1, 1), AnswersOf(*workload, 1, 1, 1));
  spec.items.reset();
  EXPECT_EQ(MakeWorkload(spec, {})->Info().items, 64);
  spec.least_items = 100;
  EXPECT_EQ(MakeWorkload(spec, {})->Info().items, 100);
}

TEST_F(AgainstPython, TolerancesFollowTheTypeUnlessGiven) {
  EXPECT_EQ(MakeWorkload(FileSpec("linear"), {})->Info().tolerance.absolute, 1e-5);
  EXPECT_GT(MakeWorkload(FileSpec("float16"), {})->Info().tolerance.absolute, 1e-4);
  WorkloadSpec spec = FileSpec("float16");
  spec.options = {{"atol", "0"}, {"rtol", "0.5"}};
  EXPECT_EQ(MakeWorkload(spec, {})->Info().tolerance.absolute, 0);
  EXPECT_EQ(MakeWorkload(spec, {})->Info().tolerance.relative, 0.5);
}

TEST_F(AgainstPython, ShapeThatTheModelRefusesIsNamed) {
  EXPECT_THAT(Refusal(ShapeSpec("linear", {{DType::kFloat32, {5}}})),
              AllOf(HasSubstr("refused 2 items of float32[5]"), HasSubstr("cannot be multiplied"),
                    HasSubstr("--input-shape")));
  EXPECT_THAT(Refusal(ShapeSpec("linear", {{DType::kInt64, {6}}})), HasSubstr("int64[6]"));
  EXPECT_THAT(Refusal(ShapeSpec("two_inputs", {{DType::kFloat32, {2, 3}}})), HasSubstr("'ids'"));
  EXPECT_THAT(Refusal(ShapeSpec("linear", {{DType::kFloat32, {6}}, {DType::kFloat32, {6}}})),
              HasSubstr("float32[6] float32[6]"));
}

TEST_F(AgainstPython, ShapeOtherThanThatOfTheInputFileIsRefused) {
  WorkloadSpec spec = FileSpec("linear");
  spec.input_specs = {{DType::kFloat32, {6}}};
  EXPECT_EQ(Refusal(spec), "");
  spec.input_specs = {{DType::kFloat32, {7}}};
  EXPECT_THAT(Refusal(spec),
              AllOf(HasSubstr("--input-shape says float32[7]"), HasSubstr("holds float32[6]")));
}

TEST_F(AgainstPython, OutputsThatCannotBeSplitAmongItemsAreRefused) {
  EXPECT_THAT(Refusal(ShapeSpec("batchless", {{DType::kFloat32, {6}}})),
              HasSubstr("output has no batch dimension: its shape is []"));
  EXPECT_THAT(Refusal(ShapeSpec("complex", {{DType::kFloat32, {6}}})), HasSubstr("ComplexFloat"));
  EXPECT_THAT(Refusal(ShapeSpec("text", {{DType::kFloat32, {6}}})),
              HasSubstr("output[1] is a String"));
}

TEST_F(AgainstPython, BatchOfAnotherSizeThanTracedIsAnError) {
  WorkloadSpec spec = FileSpec("fixed_batch");
  EXPECT_THAT(Refusal(spec), HasSubstr("refused 2 items of float32[6]"));
  spec.least_items = 4;
  const auto workload = MakeWorkload(spec, {});
  EXPECT_THAT(MessageOf<Error>([&] { AnswersOf(*workload, 0, 3, 3); }),
              HasSubstr("refused 3 items of float32[6]"));
}

TEST_F(AgainstPython, InputFilesMayHoldLists) {
  const auto inputs_of = [](const std::string& model, const std::string& inputs) {
    WorkloadSpec spec = SpecOf("torchscript", PathOf(model + ".pt"));
    spec.inputs = PathOf(inputs + ".inputs.pt");
    const auto workload = MakeWorkload(spec, {});
    return ItemsOf(*workload, 0, kItems);
  };
  EXPECT_EQ(inputs_of("two_inputs", "list_of_two"), inputs_of("two_inputs", "two_inputs"));
}

TEST_F(AgainstPython, ForeignAndDamagedModelsAreRefused) {
  const std::vector<TensorSpec> inputs = {{DType::kFloat32, {6}}};
  EXPECT_THAT(Refusal(ShapeSpec("damaged", inputs)), HasSubstr("not a TorchScript file"));
  EXPECT_THAT(Refusal(ShapeSpec("state_dict", inputs)), HasSubstr("not a TorchScript file"));
  EXPECT_THAT(Refusal(ShapeSpec("linear.inputs", inputs)), HasSubstr("not a TorchScript file"));
}

TEST_F(AgainstPython, ForeignAndDamagedInputsAreRefused) {
  const auto refusal = [](const std::string& name) {
    WorkloadSpec spec = SpecOf("torchscript", PathOf("linear.pt"));
    spec.inputs = PathOf(name + ".inputs.pt");
    return Refusal(spec);
  };
  EXPECT_THAT(refusal("damaged"), HasSubstr("not a readable tensor file"));
  EXPECT_THAT(refusal("legacy"), HasSubstr("legacy"));
  EXPECT_THAT(refusal("dict_of_one"), HasSubstr("not a readable tensor file"));
  // libtorch 1.13 reads neither, later ones may; the message says what all of them read.
  for (const char* name : {"list_of_one", "parameter"}) {
    const std::string message = refusal(name);
    if (!message.empty()) {
      EXPECT_THAT(message, HasSubstr("torch.save((first, second), path)"));
    }
  }
  EXPECT_THAT(refusal("dict_of_two"), HasSubstr("holds a GenericDict"));
  EXPECT_THAT(refusal("unequal"), HasSubstr("3 and 4 items"));
  EXPECT_THAT(refusal("mixed"), HasSubstr("holds a Int among its tensors"));
  EXPECT_THAT(refusal("scalar"), HasSubstr("first dimension"));
  EXPECT_THAT(refusal("complex"), HasSubstr("ComplexFloat"));
}

}  // namespace
}  // namespace coresweep
