#include "workloads/torch/script_workload.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/script.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "harness/base/error.h"
#include "workloads/item_maker.h"
#include "workloads/torch/input_file.h"
#include "workloads/torch/message.h"
#include "workloads/torch/runtime.h"
#include "workloads/torch/tensors.h"
#include "workloads/torch_spec.h"

namespace coresweep {
namespace {

constexpr int64_t kDefaultItems = 64;

torch::jit::Module LoadScript(const std::string& path) {
  try {
    torch::jit::Module module = torch::jit::load(path, c10::kCPU);
    module.eval();
    return module;
  } catch (const std::exception& error) {
    throw UsageError(
        fmt::format("--model {}: not a TorchScript file that this libtorch can load: {}", path,
                    MeaningfulLine(error.what())));
  }
}

std::string TextOf(const std::vector<TensorSpec>& specs) {
  std::vector<std::string> texts;
  for (const TensorSpec& spec : specs)
    texts.push_back(spec.ToText());
  return fmt::format("{}", fmt::join(texts, " "));
}

// Appends the tensors in `value`, tuples and lists in their order and dictionaries by key.
void AddOutputs(const c10::IValue& value, const std::string& name, std::vector<Output>& outputs) {
  if (value.isTensor() && value.toTensor().defined()) {
    outputs.push_back({name, value.toTensor()});
  } else if (value.isTuple()) {
    size_t i = 0;
    for (const c10::IValue& element : value.toTupleRef().elements())
      AddOutputs(element, fmt::format("{}[{}]", name, i++), outputs);
  } else if (value.isList()) {
    size_t i = 0;
    for (const c10::IValue& element : value.toList())
      AddOutputs(element, fmt::format("{}[{}]", name, i++), outputs);
  } else if (value.isGenericDict()) {
    std::vector<std::pair<std::string, c10::IValue>> entries;
    for (const auto& entry : value.toGenericDict()) {
      if (!entry.key().isString())
        throw UsageError("the model's " + name + " is a dictionary whose keys are no strings");
      entries.emplace_back(entry.key().toStringRef(), entry.value());
    }
    std::ranges::sort(entries, {}, &std::pair<std::string, c10::IValue>::first);
    for (const auto& [key, element] : entries)
      AddOutputs(element, fmt::format("{}['{}']", name, key), outputs);
  } else {
    throw UsageError(fmt::format(
        "the model's {} is a {}; coresweep compares tensors and tuples, lists and dictionaries of "
        "them",
        name, value.tagKind()));
  }
}

class ScriptWorkload final : public Workload {
 public:
  ScriptWorkload(const WorkloadSpec& spec, const ItemLayout* answer)
      : spec_(spec), module_(LoadScript(spec.model)), item_(spec.input_specs) {
    if (!spec.inputs.empty()) ReadInputs();
    items_ = inputs_ ? inputs_->items() : ItemCount(spec, kDefaultItems);
    if (answer != nullptr) {
      answer_ = *answer;
    } else {
      FindAnswerLayout();
    }
  }

  [[nodiscard]] WorkloadInfo Info() const override {
    WorkloadInfo info;
    info.item = item_;
    info.answer = answer_;
    info.items = items_;
    info.tolerance = DefaultTolerance(answer_);
    if (spec_.options.contains("atol"))
      info.tolerance.absolute = NumberOption(kTorchScriptOptions, spec_.options, "atol");
    if (spec_.options.contains("rtol"))
      info.tolerance.relative = NumberOption(kTorchScriptOptions, spec_.options, "rtol");
    info.digest = DigestFile(spec_.model);
    int64_t parameters = 0;
    for (const at::Tensor& parameter : module_.parameters())
      parameters += parameter.numel();
    info.facts = {{"model", spec_.model},
                  {"parameters", std::to_string(parameters)},
                  {"inputs", TextOf(item_.tensors)},
                  {"outputs", TextOf(answer_.tensors)}};
    if (inputs_) info.facts["inputs_digest"] = DigestFile(spec_.inputs);
    return info;
  }

  void MakeItem(int64_t index, std::span<std::byte> item) const override {
    if (inputs_) return inputs_->CopyItem(index, item);
    const IntegerRange range{WholeOption(kTorchScriptOptions, spec_.options, "input_low"),
                             WholeOption(kTorchScriptOptions, spec_.options, "input_high")};
    FillItem(item_, range, spec_.seed, index, item);
  }

  void Run(int64_t count, std::span<std::byte> items, std::span<std::byte> answers) override {
    PackAnswers(answer_, count, Forward(count, items), answers);
  }

  // The profiling executor specialises a graph in its first two runs of a shape.
  [[nodiscard]] int WarmRuns() const override { return 3; }

  void OnEachThread(const std::function<void(int)>& visit) override { OnEachIntraOpThread(visit); }

  [[nodiscard]] RuntimeFacts Runtime() const override { return ReadRuntimeFacts(); }

 private:
  void ReadInputs() {
    inputs_.emplace(spec_.inputs);
    const ItemLayout& found = inputs_->layout();
    if (!spec_.input_specs.empty() && spec_.input_specs != found.tensors) {
      throw UsageError(
          fmt::format("--input-shape says {} for one item, but --inputs {} holds {}; "
                      "drop --input-shape",
                      TextOf(spec_.input_specs), spec_.inputs, TextOf(found.tensors)));
    }
    item_ = found;
  }

  std::vector<Output> Forward(int64_t count, std::span<std::byte> items) {
    const torch::NoGradGuard no_grad;
    c10::IValue result;
    try {
      std::vector<c10::IValue> arguments;
      for (at::Tensor& tensor : BatchOf(item_, count, items))
        arguments.emplace_back(std::move(tensor));
      result = module_.forward(std::move(arguments));
    } catch (const std::exception& error) {
      throw Error(fmt::format("--model {}: the model refused {} items of {}: {}", spec_.model,
                              count, TextOf(item_.tensors), MeaningfulLine(error.what())));
    }
    std::vector<Output> outputs;
    AddOutputs(result, "output", outputs);
    if (outputs.empty()) throw UsageError("the model's output holds no tensor");
    return outputs;
  }

  // Some models refuse a lone item, and traced ones all batches but their own, which should then
  // be the sweep's largest chunk.
  void FindAnswerLayout() {
    std::string refusal;
    std::optional<Output> without_batch;
    for (const int64_t count : {int64_t{2}, int64_t{1}, spec_.least_items}) {
      std::vector<std::byte> items(static_cast<size_t>(count) * item_.bytes);
      for (int64_t i = 0; i < count; ++i)
        MakeItem(i % items_,
                 std::span(items).subspan(static_cast<size_t>(i) * item_.bytes, item_.bytes));
      try {
        const std::vector<Output> outputs = Forward(count, items);
        if (HaveBatchDimension(outputs, count)) {
          answer_ = AnswerLayout(outputs);
          return;
        }
        without_batch = *std::ranges::find_if(
            outputs, [&](const Output& one) { return !HaveBatchDimension({one}, count); });
      } catch (const UsageError&) {
        throw;
      } catch (const Error& error) {
        if (refusal.empty()) refusal = error.what();
      }
    }
    if (!without_batch) {
      throw UsageError(refusal + "; is --input-shape the shape of one item, without the batch?");
    }
    throw UsageError(fmt::format(
        "--model {}: the model's {} has no batch dimension: its shape is [{}] whatever the number "
        "of items; its first dimension must count them",
        spec_.model, without_batch->name, fmt::join(without_batch->tensor.sizes(), ",")));
  }

  WorkloadSpec spec_;
  torch::jit::Module module_;
  std::optional<InputFile> inputs_;
  ItemLayout item_;
  ItemLayout answer_;
  int64_t items_ = 0;
};

}  // namespace

std::unique_ptr<Workload> MakeScriptWorkload(const WorkloadSpec& spec,
                                             const WorkloadContext& context) {
  return std::make_unique<ScriptWorkload>(spec, context.answer);
}

}  // namespace coresweep
