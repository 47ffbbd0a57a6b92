// What so many hits of so many tries say of a chance.
#pragma once

#include <cstdint>

namespace coresweep {

struct ChanceLimits {
  double low = 0;
  double high = 1;
};

/// Two-sided confidence limits of the chance behind `hits` of `tries` at level 1 − `risk` (Clopper
/// and Pearson 1934: exact, never too narrow). No tries: 0 to 1. Throws `Error` unless
/// 0 <= hits <= tries and 0 < risk < 1.
ChanceLimits ChanceOf(int64_t hits, int64_t tries, double risk);

}  // namespace coresweep
