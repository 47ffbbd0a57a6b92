// Items and answers as NumPy files, for comparison outside.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "harness/core/tensor_spec.h"

namespace coresweep {

/// Writes `count` packed items as "<stem>.npy", of shape [count, shape of one]; for a layout of
/// several tensors one file each, "<stem>.0.npy", …. Items of variable size are written one after
/// the other as one flat array of elements, and "<stem>.offsets.npy" has the `count` + 1 element
/// numbers (int64) at which they begin and the last one ends. bfloat16, which NumPy lacks, is
/// written as its bits (uint16). Atomic per file; throws `Error` naming it.
void WriteNpy(const std::filesystem::path& folder, const std::string& stem,
              const ItemLayout& layout, std::span<const std::byte> items, size_t count);

}  // namespace coresweep
