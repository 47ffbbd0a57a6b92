// One field of a JSON object, checked: what is read back was written by this program, or is named.
#pragma once

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "harness/base/error.h"

namespace coresweep {

template <typename T>
struct JsonValue {
  /// Stricter than nlohmann's conversions: no number from a truth value, no integer from 1.5.
  static bool Fits(const nlohmann::json& json) {
    if constexpr (std::is_same_v<T, bool>) {
      return json.is_boolean();
    } else if constexpr (std::is_unsigned_v<T>) {
      return json.is_number_unsigned();
    } else if constexpr (std::is_integral_v<T>) {
      return json.is_number_integer();
    } else if constexpr (std::is_floating_point_v<T>) {
      return json.is_number();
    } else {
      return true;
    }
  }
};

template <typename T>
struct JsonValue<std::vector<T>> {
  static bool Fits(const nlohmann::json& json) {
    if (!json.is_array()) return false;
    for (const nlohmann::json& element : json)
      if (!JsonValue<T>::Fits(element)) return false;
    return true;
  }
};

/// json[name], whatever it is. Throws `Error` "NAME is missing or of another type".
inline const nlohmann::json& PartOf(const nlohmann::json& json, const char* name) {
  if (json.is_object()) {
    const auto found = json.find(name);
    if (found != json.end()) return *found;
  }
  throw Error(fmt::format("{} is missing or of another type", name));
}

/// The same as a `T`: a number, text, truth value or list of these.
template <typename T>
T FieldOf(const nlohmann::json& json, const char* name) {
  const nlohmann::json& value = PartOf(json, name);
  try {
    if (JsonValue<T>::Fits(value)) return value.get<T>();
  } catch (const nlohmann::json::exception&) {
    // Said below.
  }
  throw Error(fmt::format("{} is missing or of another type", name));
}

/// The same of a value that may be null.
template <typename T>
std::optional<T> OptionalFieldOf(const nlohmann::json& json, const char* name) {
  if (PartOf(json, name).is_null()) return std::nullopt;
  return FieldOf<T>(json, name);
}

/// `read` of each element of the list json[name]; its errors are preceded by "NAME 2: ".
template <typename Read>
auto ListOf(const nlohmann::json& json, const char* name, Read read) {
  std::vector<decltype(read(json))> values;
  const nlohmann::json& elements = PartOf(json, name);
  if (!elements.is_array()) throw Error(fmt::format("{} is no list", name));
  for (const nlohmann::json& element : elements) {
    try {
      values.push_back(read(element));
    } catch (const Error& error) {
      throw Error(fmt::format("{} {}: {}", name, values.size(), error.what()));
    }
  }
  return values;
}

}  // namespace coresweep
