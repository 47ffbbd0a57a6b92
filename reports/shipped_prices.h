// The price books of reports/prices, built into the program.
#pragma once

#include <string_view>
#include <vector>

namespace coresweep {

struct ShippedPriceBook {
  std::string_view name;  ///< of its file, without .json
  std::string_view text;  ///< JSON
};

/// By name.
const std::vector<ShippedPriceBook>& ShippedPriceBooks();

}  // namespace coresweep
