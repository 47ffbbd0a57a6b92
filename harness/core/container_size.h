// Which container sizes of a price book hold a configuration.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/price_book.h"

namespace coresweep {

/// What a configuration takes.
struct SizeDemand {
  double vcpus = 0;
  double memory = 0;  ///< in the unit of the book
};

struct ContainerSize {
  std::string name;  ///< of a fixed size; "" otherwise
  double vcpus = 0;
  double memory = 0;  ///< in the unit of the book

  [[nodiscard]] bool Holds(const SizeDemand& demand) const;
};

/// The least value of `range` that is not below `value`; nullopt above `range.most`.
std::optional<double> RoundedUp(const SizeRange& range, double value);

/// The least multiple of `step` that is not below `value`.
double RoundedUp(double step, double value);

/// Sizes of `grid` that hold `demand`, by vCPUs, at most `most` of them: the smallest; then each
/// the smallest with more vCPUs, of free and ratio grids the next whole number. Empty: none holds
/// it.
std::vector<ContainerSize> SizesThatHold(const SizeGrid& grid, const SizeDemand& demand,
                                         size_t most);

/// The size that `text` names, "4x16" (vCPUs x memory) or the name of a fixed one; nullopt when
/// `grid` does not have it.
std::optional<ContainerSize> SizeNamed(const SizeGrid& grid, const std::string& text);

}  // namespace coresweep
