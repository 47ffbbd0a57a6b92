// The items of workload "torchscript" from a file written by torch.save.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/core/tensor_spec.h"

namespace coresweep {

/// A tensor, or a tuple or list of tensors, whose first dimension counts the items.
class InputFile {
 public:
  /// Throws `UsageError` naming --inputs and the file: damaged, not of tensors, of unequal length.
  explicit InputFile(const std::string& path);

  [[nodiscard]] int64_t items() const { return items_; }
  [[nodiscard]] const ItemLayout& layout() const { return layout_; }
  /// Copies item `index` in `layout()`.
  void CopyItem(int64_t index, std::span<std::byte> item) const;

 private:
  std::vector<at::Tensor> tensors_;  ///< contiguous
  int64_t items_ = 0;
  ItemLayout layout_;
};

}  // namespace coresweep
