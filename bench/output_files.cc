#include "bench/output_files.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/error.h"
#include "reports/npy_writer.h"

namespace coresweep {

OutputFiles::OutputFiles(std::filesystem::path folder, const ReferenceData& reference)
    : folder_(std::move(folder)), reference_(reference) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) {
    throw UsageError(fmt::format("--save-outputs {}: {}", folder_.string(), error.message()));
  }
  const auto count = static_cast<size_t>(reference.info.items);
  WriteNpy(folder_, "inputs", reference.info.item, reference.items.bytes(), count);
  WriteNpy(folder_, "reference", reference.info.answer, reference.Answers(), count);
}

void OutputFiles::Save(const Cell& cell, const std::vector<std::byte>& answers) const {
  std::string stem = cell.Id();
  std::replace(stem.begin(), stem.end(), '/', '_');
  WriteNpy(folder_, stem, reference_.info.answer, answers,
           static_cast<size_t>(reference_.info.items));
}

}  // namespace coresweep
