// Sizes of items and answers that vary: the same in every process.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace coresweep {

/// A whole number uniform (by remainder) between (1 − `vary`) · `most`, but at least `least`, and
/// `most`, made from `random` bits. 0 <= `vary` <= 1, `least` <= `most`.
inline int64_t VariedSize(int64_t most, double vary, int64_t least, uint64_t random) {
  const auto low = static_cast<int64_t>(std::ceil((1 - vary) * static_cast<double>(most)));
  const int64_t smallest = std::clamp(low, least, most);
  return smallest + static_cast<int64_t>(random % static_cast<uint64_t>(most - smallest + 1));
}

/// Element numbers that no item has, for `RandomBits` to make sizes from.
inline constexpr uint64_t kItemSizeElement = ~uint64_t{0};
inline constexpr uint64_t kAnswerSizeElement = kItemSizeElement - 1;

}  // namespace coresweep
