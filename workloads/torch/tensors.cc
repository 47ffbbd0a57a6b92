#include "workloads/torch/tensors.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "harness/base/error.h"

namespace coresweep {
namespace {

constexpr std::array<std::pair<DType, at::ScalarType>, 10> kTypes = {{
    {DType::kFloat32, at::kFloat},
    {DType::kFloat64, at::kDouble},
    {DType::kFloat16, at::kHalf},
    {DType::kBFloat16, at::kBFloat16},
    {DType::kInt64, at::kLong},
    {DType::kInt32, at::kInt},
    {DType::kInt16, at::kShort},
    {DType::kInt8, at::kChar},
    {DType::kUInt8, at::kByte},
    {DType::kBool, at::kBool},
}};

at::ScalarType ScalarTypeOf(DType dtype) {
  return std::ranges::find(kTypes, dtype, &std::pair<DType, at::ScalarType>::first)->second;
}

// Spec of one row of `output`.
TensorSpec RowSpec(const Output& output) {
  const std::optional<DType> dtype = DTypeOf(output.tensor);
  if (!dtype) {
    throw UsageError(fmt::format(
        "the model's {} is of type {}, stored {}; coresweep compares dense tensors of float, "
        "integer or bool",
        output.name, c10::toString(output.tensor.scalar_type()),
        output.tensor.layout() == at::kStrided ? "densely" : "sparsely"));
  }
  return {*dtype, output.tensor.sizes().slice(1).vec()};
}

}  // namespace

std::optional<DType> DTypeOf(const at::Tensor& tensor) {
  if (tensor.layout() != at::kStrided) return std::nullopt;
  const auto* row =
      std::ranges::find(kTypes, tensor.scalar_type(), &std::pair<DType, at::ScalarType>::second);
  return row == kTypes.end() ? std::nullopt : std::optional(row->first);
}

std::vector<at::Tensor> BatchOf(const ItemLayout& layout, int64_t count,
                                std::span<std::byte> items) {
  std::vector<at::Tensor> batch;
  for (size_t i = 0; i < layout.tensors.size(); ++i) {
    const TensorSpec& spec = layout.tensors[i];
    std::vector<int64_t> sizes = {count};
    sizes.insert(sizes.end(), spec.shape.begin(), spec.shape.end());
    std::vector<int64_t> strides(sizes.size(), 1);
    for (size_t d = sizes.size() - 1; d > 1; --d)
      strides[d - 1] = strides[d] * sizes[d];
    strides[0] = static_cast<int64_t>(layout.bytes / ElementBytes(spec.dtype));
    batch.push_back(at::from_blob(items.data() + layout.offsets[i], sizes, strides,
                                  at::TensorOptions(ScalarTypeOf(spec.dtype)))
                        .contiguous());
  }
  return batch;
}

bool HaveBatchDimension(const std::vector<Output>& outputs, int64_t count) {
  return std::ranges::all_of(outputs, [count](const Output& output) {
    return output.tensor.dim() > 0 && output.tensor.size(0) == count;
  });
}

ItemLayout AnswerLayout(const std::vector<Output>& outputs) {
  std::vector<TensorSpec> specs;
  for (const Output& output : outputs) {
    specs.push_back(RowSpec(output));
    if (specs.back().Elements() == 0) {
      throw UsageError(
          fmt::format("the model's {} is empty ({} for one item); nothing could be "
                      "compared",
                      output.name, specs.back().ToText()));
    }
  }
  return ItemLayout(std::move(specs));
}

void PackAnswers(const ItemLayout& layout, int64_t count, const std::vector<Output>& outputs,
                 std::span<std::byte> answers) {
  if (!HaveBatchDimension(outputs, count) || AnswerLayout(outputs).tensors != layout.tensors) {
    throw Error(
        fmt::format("the model's outputs for {} items have other shapes or types than before, or "
                    "no batch dimension; answers could not be told apart",
                    count));
  }
  const auto rows = static_cast<size_t>(count);
  if (outputs.size() > 1) std::memset(answers.data(), 0, rows * layout.bytes);
  for (size_t i = 0; i < outputs.size(); ++i) {
    const at::Tensor tensor = outputs[i].tensor.contiguous().resolve_neg();
    const auto* from = static_cast<const std::byte*>(tensor.data_ptr());
    const size_t row_bytes = layout.tensors[i].Bytes();
    if (row_bytes == layout.bytes) {
      std::memcpy(answers.data(), from, rows * row_bytes);
      continue;
    }
    std::byte* to = answers.data() + layout.offsets[i];
    for (size_t row = 0; row < rows; ++row)
      std::memcpy(to + row * layout.bytes, from + row * row_bytes, row_bytes);
  }
}

Tolerance DefaultTolerance(const ItemLayout& answer) {
  const auto has = [&answer](DType dtype) {
    return std::ranges::find(answer.tensors, dtype, &TensorSpec::dtype) != answer.tensors.end();
  };
  // A few units in the last place of values near 1: 2^-8 for bfloat16, 2^-11 for float16.
  if (has(DType::kBFloat16)) return {2e-2, 5e-2};
  if (has(DType::kFloat16)) return {2e-3, 1e-2};
  return {1e-5, 1e-4};
}

}  // namespace coresweep
