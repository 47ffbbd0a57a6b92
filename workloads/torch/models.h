// The models of workload "torch": built here, with weights from a seed.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "harness/core/tensor_spec.h"
#include "workloads/item_maker.h"

namespace coresweep {

/// What goes in and comes out of a model, for one item.
struct ModelShape {
  TensorSpec input;
  TensorSpec answer;
  IntegerRange input_range;  ///< of integer inputs
  int64_t default_items = 0;
};

/// One model in evaluation mode.
class Model {
 public:
  virtual ~Model() = default;
  [[nodiscard]] virtual ModelShape Shape() const = 0;
  /// Batch first. Throws what libtorch throws.
  virtual at::Tensor Forward(const at::Tensor& batch) = 0;
  [[nodiscard]] virtual int64_t Parameters() const = 0;
  /// Digest of all parameters and buffers with their names.
  [[nodiscard]] virtual std::string Digest() const = 0;
};

/// Makes one of `kTorchModels`; the same name and seed give the same weights in every process.
/// Reseeds libtorch's generator. May be called by several threads at once. nullptr: unknown name.
std::unique_ptr<Model> MakeModel(std::string_view name, uint64_t seed);

}  // namespace coresweep
