// Between the harness's packed bytes and libtorch's tensors.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/core/tensor_spec.h"

namespace coresweep {

/// nullopt: a type that the harness does not know (complex, quantised).
std::optional<DType> DTypeOf(const at::Tensor& tensor);

/// The tensors of `count` packed items, batch dimension first. A lone tensor is a view of `items`;
/// of several, each is a contiguous copy, as their items lie apart.
std::vector<at::Tensor> BatchOf(const ItemLayout& layout, int64_t count,
                                std::span<std::byte> items);

/// One output tensor of a model and what to call it in messages.
struct Output {
  std::string name;
  at::Tensor tensor;
};

/// True when every output has `count` rows.
bool HaveBatchDimension(const std::vector<Output>& outputs, int64_t count);

/// Layout of the answer to one item, from outputs that have the batch dimension. Throws
/// `UsageError` for a type or storage that the harness does not know and for an empty output.
ItemLayout AnswerLayout(const std::vector<Output>& outputs);

/// Packs outputs for `count` items into `answers`, padding zeroed. Throws `Error` when their types
/// or shapes are not those of `layout`.
void PackAnswers(const ItemLayout& layout, int64_t count, const std::vector<Output>& outputs,
                 std::span<std::byte> answers);

/// What float answers may differ from the serial reference by default: batches of other sizes are
/// summed in another order.
Tolerance DefaultTolerance(const ItemLayout& answer);

}  // namespace coresweep
