#include "harness/core/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace coresweep {
namespace {

// In the order of the enumerators, which have no values of their own.
constexpr std::array<std::string_view, 2> kArrivals{"poisson", "constant"};
constexpr std::array<std::string_view, 3> kScenarios{"single-stream", "server", "offline"};

}  // namespace

const std::vector<Rate>& KneeRates() {
  static const std::vector<Rate> rates{{0, 0.5}, {0, 0.7}, {0, 0.8}, {0, 0.9}, {0, 0.95}, {0, 1.0}};
  return rates;
}

std::string_view ToString(Arrivals arrivals) {
  return kArrivals.at(static_cast<size_t>(arrivals));
}

std::string_view ToString(Scenario scenario) {
  if (scenario == Scenario::kNone) return "";
  return kScenarios.at(static_cast<size_t>(scenario) - 1);
}

std::string_view LoadKind(bool open) {
  return open ? "open" : "closed";
}

std::string RateText(const Rate& rate) {
  // 12 digits: 95 % is written as that, and no rate that was typed in loses any.
  return rate.share > 0 ? fmt::format("{:.12g}%", rate.share * 100)
                        : fmt::format("{:.12g}", rate.per_s);
}

std::optional<Arrivals> ParseArrivals(std::string_view name) {
  const auto* const found = std::find(kArrivals.begin(), kArrivals.end(), name);
  if (found == kArrivals.end()) return std::nullopt;
  return static_cast<Arrivals>(found - kArrivals.begin());
}

std::optional<Scenario> ParseScenario(std::string_view name) {
  const auto* const found = std::find(kScenarios.begin(), kScenarios.end(), name);
  if (found == kScenarios.end()) return std::nullopt;
  return static_cast<Scenario>(found - kScenarios.begin() + 1);
}

std::span<const std::string_view> ArrivalsNames() {
  return kArrivals;
}

std::span<const std::string_view> ScenarioNames() {
  return kScenarios;
}

double LeastWindowSeconds(const Load& load) {
  return load.open && load.rate_per_s > 0 ? kLeastRequests / load.rate_per_s : 0;
}

}  // namespace coresweep
