// What a validator of JSON Schema finds, in words.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace coresweep {

/// "is \"two\" (a string), expected an integer or null" of the value of `document` at `pointer`,
/// of which valijson says `complaint`. `schema` is the whole schema.
std::string WhatIsWrong(const nlohmann::json& schema, const nlohmann::json& document,
                        const nlohmann::json::json_pointer& pointer, const std::string& complaint);

}  // namespace coresweep
