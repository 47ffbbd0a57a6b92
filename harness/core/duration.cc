#include "harness/core/duration.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace coresweep {
namespace {

struct Unit {
  char letter;
  double seconds;
};
constexpr std::array<Unit, 3> kUnits{{{'h', 3600}, {'m', 60}, {'s', 1}}};

}  // namespace

std::optional<double> SecondsOf(std::string_view text) {
  double seconds = 0;
  size_t next_unit = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  do {
    double value = 0;
    const auto [rest, error] = std::from_chars(at, end, value);
    if (error != std::errc() || !std::isfinite(value) || value < 0 || std::signbit(value))
      return std::nullopt;
    if (rest == end) {
      // A plain number: alone, it counts seconds.
      if (at != text.data()) return std::nullopt;
      seconds = value;
      break;
    }
    while (next_unit < kUnits.size() && kUnits.at(next_unit).letter != *rest)
      ++next_unit;
    if (next_unit == kUnits.size()) return std::nullopt;
    seconds += value * kUnits.at(next_unit++).seconds;
    at = rest + 1;
  } while (at != end);
  if (!(seconds > 0) || seconds > kLongestDurationS) return std::nullopt;
  return seconds;
}

std::string DurationText(double seconds) {
  if (seconds < 60) return fmt::format("{:.3g} s", seconds);
  const int64_t whole = std::lround(seconds);
  std::string text;
  const auto add = [&text](int64_t count, const char* unit) {
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : " ", count, unit);
  };
  add(whole / 3600, "h");
  add(whole / 60 % 60, "min");
  add(whole % 60, "s");
  return text;
}

}  // namespace coresweep
