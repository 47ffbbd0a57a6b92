// Values of a report as a `SweepResult` holds them: the way back from `json_values.h`.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

#include "harness/core/json_field.h"

namespace coresweep {

/// "" for null. This and those below throw `Error` "NAME is missing or of another type".
inline std::string StoredText(const nlohmann::json& json, const char* name) {
  return OptionalFieldOf<std::string>(json, name).value_or("");
}

/// Nothing for null.
inline std::vector<std::string> StoredTexts(const nlohmann::json& json, const char* name) {
  if (PartOf(json, name).is_null()) return {};
  return FieldOf<std::vector<std::string>>(json, name);
}

/// 0 for null.
template <typename T>
T StoredCount(const nlohmann::json& json, const char* name) {
  return OptionalFieldOf<T>(json, name).value_or(0);
}

/// The whole number of nanoseconds whose quotient by `ns_per_unit` is `value`: exact up to 2^50 ns
/// (13 days), since a double holds the quotient with an error of less than half a nanosecond.
inline int64_t NsFrom(double value, double ns_per_unit) {
  constexpr double kMostNs = 4e18;
  const double ns = value * ns_per_unit;
  if (!(std::abs(ns) < kMostNs)) throw Error("a time is beyond what coresweep measures");
  return std::llround(ns);
}

/// Nanoseconds of the milliseconds json[name]; nullopt for null.
inline std::optional<int64_t> StoredNsOrNull(const nlohmann::json& json, const char* name) {
  const auto ms = OptionalFieldOf<double>(json, name);
  if (!ms) return std::nullopt;
  return NsFrom(*ms, 1e6);
}

/// The same; 0 for null.
inline int64_t StoredNs(const nlohmann::json& json, const char* name) {
  return StoredNsOrNull(json, name).value_or(0);
}

}  // namespace coresweep
