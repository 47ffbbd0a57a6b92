// Times as people write them: "90s", "10m", "1h30m".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace coresweep {

constexpr double kLongestDurationS = 7.0 * 24 * 3600;

/// What `SecondsOf` takes, to follow "expected ".
constexpr const char* kDurationWords =
    "a time above 0 and up to a week, as 90s, 10m or 1.5h, 1h30m";

/// Seconds of "90s", "10m", "1.5h", "1h30m" or a plain number of seconds; nullopt for anything
/// else, for 0 and for more than `kLongestDurationS`. Each unit at most once, the longest first.
std::optional<double> SecondsOf(std::string_view text);

/// "45 s", "0.5 s", "10 min", "1 h 30 min"; whole seconds from a minute on.
std::string DurationText(double seconds);

}  // namespace coresweep
