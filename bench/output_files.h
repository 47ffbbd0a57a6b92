// `--save-outputs`: what went in and what came out, as NumPy files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "harness/core/cell.h"
#include "harness/run/reference.h"

namespace coresweep {

/// Saves inputs, reference and the merged answers of each cell, for comparison outside.
class OutputFiles {
 public:
  /// Makes `folder` and writes inputs and reference, which it keeps a reference to. Throws
  /// `UsageError` when that cannot be made.
  OutputFiles(std::filesystem::path folder, const ReferenceData& reference);

  void Save(const Cell& cell, const std::vector<std::byte>& answers) const;

 private:
  std::filesystem::path folder_;
  const ReferenceData& reference_;
};

}  // namespace coresweep
