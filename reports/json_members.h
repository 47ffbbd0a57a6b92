// Members of stored reports' JSON objects that may be missing or of any type: what is not there is
// shown as nothing. (harness/core/json_field.h refuses instead.)
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace coresweep {

/// The member `key` of `json`; null where there is none, or no object.
const nlohmann::json& MemberOf(const nlohmann::json& json, const char* key);

/// The same as text: a string as it is, "" for null, else JSON.
std::string MemberText(const nlohmann::json& json, const char* key);

/// The same where it is a number.
std::optional<double> MemberNumber(const nlohmann::json& json, const char* key);

/// The same where it is an integer, else 0.
int64_t MemberCount(const nlohmann::json& json, const char* key);

}  // namespace coresweep
