#include "workloads/torch/model_workload.h"

#include <ATen/core/Tensor.h>
#include <fmt/format.h>

#include "harness/base/error.h"
#include "workloads/torch/message.h"
#include "workloads/torch/models.h"
#include "workloads/torch/runtime.h"
#include "workloads/torch/tensors.h"
#include "workloads/torch_spec.h"

namespace coresweep {
namespace {

class ModelWorkload final : public Workload {
 public:
  explicit ModelWorkload(const WorkloadSpec& spec)
      : spec_(spec), model_(MakeModel(spec.model, spec.seed)) {
    if (!model_) CheckTorchSpec(spec);
    shape_ = model_->Shape();
    item_ = ItemLayout({shape_.input});
    answer_ = ItemLayout({shape_.answer});
  }

  [[nodiscard]] WorkloadInfo Info() const override {
    WorkloadInfo info;
    info.item = item_;
    info.answer = answer_;
    info.items = ItemCount(spec_, shape_.default_items);
    info.tolerance = {NumberOption(kTorchOptions, spec_.options, "atol"),
                      NumberOption(kTorchOptions, spec_.options, "rtol")};
    info.digest = model_->Digest();
    info.facts = {{"model", spec_.model},
                  {"parameters", std::to_string(model_->Parameters())},
                  {"inputs", shape_.input.ToText()},
                  {"outputs", shape_.answer.ToText()}};
    return info;
  }

  void MakeItem(int64_t index, std::span<std::byte> item) const override {
    FillItem(item_, shape_.input_range, spec_.seed, index, item);
  }

  void Run(int64_t count, std::span<std::byte> items, std::span<std::byte> answers) override {
    try {
      const std::vector<at::Tensor> batch = BatchOf(item_, count, items);
      PackAnswers(answer_, count, {{"output", model_->Forward(batch.front())}}, answers);
    } catch (const c10::Error& error) {
      throw Error(fmt::format("model {} refused {} items of {}: {}", spec_.model, count,
                              shape_.input.ToText(),
                              MeaningfulLine(error.what_without_backtrace())));
    }
  }

  void OnEachThread(const std::function<void(int)>& visit) override { OnEachIntraOpThread(visit); }

  [[nodiscard]] RuntimeFacts Runtime() const override { return ReadRuntimeFacts(); }

 private:
  WorkloadSpec spec_;
  std::unique_ptr<Model> model_;
  ModelShape shape_;
  ItemLayout item_;
  ItemLayout answer_;
};

}  // namespace

std::unique_ptr<Workload> MakeModelWorkload(const WorkloadSpec& spec) {
  return std::make_unique<ModelWorkload>(spec);
}

}  // namespace coresweep
