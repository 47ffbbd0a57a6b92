#include "workloads/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "harness/base/digest.h"
#include "harness/base/error.h"

namespace coresweep {
namespace {

std::optional<double> ParseNumber(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

const OptionRule* FindRule(std::span<const OptionRule> rules, std::string_view key) {
  const auto rule = std::ranges::find(rules, key, &OptionRule::key);
  return rule == rules.end() ? nullptr : &*rule;
}

std::string KnownKeys(std::span<const OptionRule> rules) {
  if (rules.empty()) return "it has none";
  std::string keys = "it has: ";
  for (const OptionRule& rule : rules)
    keys += fmt::format("{}{}", &rule == &rules.front() ? "" : ", ", rule.key);
  return keys;
}

double CheckedValue(const OptionRule& rule, const std::string& text) {
  const std::optional<double> value = ParseNumber(text);
  const bool whole = value && *value == std::floor(*value);
  if (value && (whole || !rule.whole) && *value >= rule.least && *value <= rule.most) return *value;
  const auto bound = [&rule](double number) {
    return rule.whole ? fmt::format("{:.0f}", number) : fmt::format("{}", number);
  };
  throw UsageError(fmt::format("--option {}={}: not a {}number from {} to {}", rule.key, text,
                               rule.whole ? "whole " : "", bound(rule.least), bound(rule.most)));
}

}  // namespace

void CheckOptions(std::string_view workload, std::span<const OptionRule> rules,
                  const OptionValues& values) {
  for (const auto& [key, text] : values) {
    const OptionRule* rule = FindRule(rules, key);
    if (rule == nullptr) {
      throw UsageError(fmt::format("--option {}={}: workload {} has no such option; {}", key, text,
                                   workload, KnownKeys(rules)));
    }
    CheckedValue(*rule, text);
  }
}

double NumberOption(std::span<const OptionRule> rules, const OptionValues& values,
                    std::string_view key) {
  const OptionRule& rule = *FindRule(rules, key);
  const auto given = values.find(std::string(key));
  return given == values.end() ? rule.fallback : CheckedValue(rule, given->second);
}

int64_t WholeOption(std::span<const OptionRule> rules, const OptionValues& values,
                    std::string_view key) {
  return static_cast<int64_t>(NumberOption(rules, values, key));
}

int64_t ItemCount(const WorkloadSpec& spec, int64_t fallback) {
  return spec.items ? *spec.items : std::max(fallback, spec.least_items);
}

std::string OptionsDigest(std::string_view name, std::span<const OptionRule> rules,
                          const OptionValues& values) {
  std::string text(name);
  for (const OptionRule& rule : rules)
    text += fmt::format(" {}={}", rule.key, NumberOption(rules, values, rule.key));
  return DigestHex(Digest(std::as_bytes(std::span(text))));
}

}  // namespace coresweep
