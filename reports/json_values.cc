#include "reports/json_values.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "harness/base/clock.h"

namespace coresweep {

OrderedJson TextOrNull(const std::string& text) {
  return text.empty() ? OrderedJson(nullptr) : OrderedJson(text);
}

OrderedJson MsOrNull(int64_t ns) {
  if (ns <= 0) return nullptr;
  return static_cast<double>(ns) / static_cast<double>(kNsPerMs);
}

OrderedJson SpreadJson(const std::optional<Spread>& spread) {
  if (!spread) return {{"median", nullptr}, {"low", nullptr}, {"high", nullptr}};
  return {{"median", spread->median}, {"low", spread->low}, {"high", spread->high}};
}

OrderedJson IntervalJson(const MedianEstimate& estimate) {
  const bool known = estimate.low.has_value();
  return {{"low", OrNull(estimate.low)},
          {"high", OrNull(estimate.high)},
          {"confidence", known ? OrderedJson(estimate.confidence) : OrderedJson(nullptr)},
          {"method", known ? OrderedJson("order statistics") : OrderedJson(nullptr)},
          {"values", estimate.values},
          {"why_null", TextOrNull(estimate.why_null)}};
}

OrderedJson TimestampJson(int64_t unix_ms) {
  if (unix_ms == 0) return nullptr;
  const auto seconds = static_cast<std::time_t>(unix_ms / 1000);
  return fmt::format("{:%FT%T}.{:03}Z", fmt::gmtime(seconds), unix_ms % 1000);
}

std::string DumpLine(const OrderedJson& json) {
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

std::string DumpIndented(const OrderedJson& json) {
  return json.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

}  // namespace coresweep
