// The formats of stored reports of `coresweep gate`, of arms and against stored runs.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace coresweep {

/// A report, valid by the schema of its kind.
struct GateFormatSource {
  const nlohmann::json& report;
  const std::string& text;  ///< the file
  const std::string& path;
  size_t width = 100;  ///< of a text for a terminal
};

using GateFormats = std::map<std::string, std::function<std::string(const GateFormatSource&)>>;

/// By name: console, html, json, markdown. Each makes the verdict again from the launches and
/// throws `UsageError` where the report says another one.
const GateFormats& FormatsOfGates();

/// The same of reports of `coresweep gate --baseline`, from the stored runs' values.
const GateFormats& FormatsOfHistoryGates();

}  // namespace coresweep
