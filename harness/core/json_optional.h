// Values that may be missing, as JSON null.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

namespace coresweep {

template <typename T>
nlohmann::json OrNull(const std::optional<T>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

template <typename T>
std::optional<T> Optional(const nlohmann::json& json) {
  if (json.is_null()) return std::nullopt;
  return json.get<T>();
}

}  // namespace coresweep
