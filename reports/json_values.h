// Values as the JSON report shows them: what was not measured is null, never 0.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "harness/core/order_interval.h"
#include "harness/core/statistics.h"

namespace coresweep {

using OrderedJson = nlohmann::ordered_json;

/// The value, or null.
template <typename T>
OrderedJson OrNull(const std::optional<T>& value) {
  return value ? OrderedJson(*value) : OrderedJson(nullptr);
}

/// The text, or null when it is empty.
OrderedJson TextOrNull(const std::string& text);

/// Milliseconds, or null for 0 and less: times that are 0 when they were not measured.
OrderedJson MsOrNull(int64_t ns);

/// {"median", "low", "high"}; all null without a spread.
OrderedJson SpreadJson(const std::optional<Spread>& spread);

/// {"low", "high", "confidence", "method", "values", "why_null"} of an interval of a median.
OrderedJson IntervalJson(const MedianEstimate& estimate);

/// RFC 3339 in UTC with milliseconds, "2026-01-31T12:00:00.000Z"; null for 0.
OrderedJson TimestampJson(int64_t unix_ms);

/// One line of JSON. NaN and infinities become null, bytes that are not UTF-8 become U+FFFD.
std::string DumpLine(const OrderedJson& json);

/// The same over lines, two spaces a level, with a line feed at the end: for files and standard
/// output.
std::string DumpIndented(const OrderedJson& json);

}  // namespace coresweep
