#include "harness/core/burn_in.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/core/json_field.h"
#include "harness/core/sign_test.h"
#include "harness/core/statistics.h"
#include "harness/core/system_use_json.h"

namespace coresweep {
namespace {

constexpr double kOfNormal = 1.4826;  // 1 / 0.6745, the quartile of the normal distribution
constexpr double kDriftRisk = 0.01;
constexpr size_t kLeastForDrift = 4;
constexpr double kSpreadOfMargin = 15;
constexpr const char* kRemedy =
    "close other programs, pick a quieter runner, or give --burn-in off";

std::vector<double> WallTimes(std::span<const SentinelTime> times) {
  std::vector<double> walls;
  walls.reserve(times.size());
  for (const SentinelTime& time : times)
    walls.push_back(static_cast<double>(time.wall_ns));
  return walls;
}

bool GatesOnTime(const GateSetup& setup) {
  return std::any_of(setup.metrics.begin(), setup.metrics.end(),
                     [](const GateMetric& metric) { return metric.unit != "bytes"; });
}

/// Times as [wall, cpu] pairs: there may be hundreds.
std::vector<SentinelTime> TimesFromJson(const nlohmann::json& json) {
  const auto walls = FieldOf<std::vector<int64_t>>(json, "wall_ns");
  const auto cpus = FieldOf<std::vector<int64_t>>(json, "cpu_ns");
  if (walls.empty() || walls.size() != cpus.size())
    throw Error("wall_ns and cpu_ns are not lists of one length");
  std::vector<SentinelTime> times;
  for (size_t i = 0; i < walls.size(); ++i) {
    if (walls[i] <= 0) throw Error(fmt::format("wall_ns {} is not above 0", i));
    times.push_back({walls[i], cpus[i]});
  }
  return times;
}

}  // namespace

std::optional<SentinelFigures> FiguresOf(std::span<const SentinelTime> times) {
  if (times.empty()) return std::nullopt;
  std::vector<double> walls = WallTimes(times);
  const double median = *Median(walls);
  double wall_sum = 0;
  double cpu_sum = 0;
  for (const SentinelTime& time : times) {
    wall_sum += static_cast<double>(time.wall_ns);
    cpu_sum += static_cast<double>(time.cpu_ns);
  }
  SentinelFigures figures;
  figures.median_ms = median / 1e6;
  figures.worst = *std::max_element(walls.begin(), walls.end()) / median;
  figures.waited = std::clamp(1 - cpu_sum / wall_sum, 0.0, 1.0);
  for (double& wall : walls)
    wall = std::abs(wall - median);
  figures.spread = kOfNormal * *Median(walls) / median;
  return figures;
}

std::optional<SentinelDrift> DriftOf(std::span<const SentinelTime> times) {
  if (times.size() < kLeastForDrift) return std::nullopt;
  const std::vector<double> walls = WallTimes(times);
  const size_t half = walls.size() / 2;
  const size_t later = walls.size() - half;  // of an odd number the middle one is left out
  std::vector<double> ratios;
  int64_t slower = 0;
  int64_t faster = 0;
  for (size_t i = 0; i < half; ++i) {
    ratios.push_back(walls[later + i] / walls[i]);
    slower += ratios.back() > 1 ? 1 : 0;
    faster += ratios.back() < 1 ? 1 : 0;
  }
  return SentinelDrift{*Median(ratios), SignTestP(slower, faster) <= kDriftRisk};
}

BurnInBounds BurnInBoundsFor(const GateRule& rule) {
  BurnInBounds bounds;
  bounds.spread = std::max(bounds.spread, kSpreadOfMargin * rule.must_catch);
  return bounds;
}

std::string WhyUnfit(const BurnIn& burn_in, const GateSetup& setup) {
  const auto figures = FiguresOf(burn_in.times);
  if (!figures || !GatesOnTime(setup)) return "";
  const BurnInBounds& bounds = burn_in.bounds;
  std::string what;
  if (figures->waited > bounds.waited) {
    what = fmt::format("had no CPU for {:.1f} % of its time (bound {:.0f} %)",
                       100 * figures->waited, 100 * bounds.waited);
  } else if (figures->spread > bounds.spread) {
    what = fmt::format("varies by {:.0f} % of its median, robustly (bound {:.0f} %)",
                       100 * figures->spread, 100 * bounds.spread);
  } else if (figures->worst > bounds.worst) {
    what = fmt::format("once took {:.0f} times its median (bound {:.0f})", figures->worst,
                       bounds.worst);
  } else {
    return "";
  }
  return fmt::format("before the first block, fixed work of {:.0f} ms on one core {}: {}",
                     figures->median_ms, what, kRemedy);
}

nlohmann::ordered_json ToJson(const BurnIn& burn_in) {
  nlohmann::ordered_json walls = nlohmann::ordered_json::array();
  nlohmann::ordered_json cpus = nlohmann::ordered_json::array();
  for (const SentinelTime& time : burn_in.times) {
    walls.push_back(time.wall_ns);
    cpus.push_back(time.cpu_ns);
  }
  return {{"asked_s", burn_in.asked_s},
          {"sentinel_steps", burn_in.steps},
          {"wall_ns", std::move(walls)},
          {"cpu_ns", std::move(cpus)},
          {"system", nlohmann::ordered_json(ToJson(burn_in.system))},
          {"bounds",
           {{"spread", burn_in.bounds.spread},
            {"worst", burn_in.bounds.worst},
            {"waited", burn_in.bounds.waited}}}};
}

BurnIn BurnInFromJson(const nlohmann::json& json) {
  BurnIn burn_in;
  burn_in.asked_s = FieldOf<double>(json, "asked_s");
  burn_in.steps = FieldOf<int64_t>(json, "sentinel_steps");
  burn_in.times = TimesFromJson(json);
  try {
    burn_in.system = SystemUseFromJson(PartOf(json, "system"));
  } catch (const nlohmann::json::exception&) {
    throw Error("system is not as coresweep writes it");
  }
  const nlohmann::json& bounds = PartOf(json, "bounds");
  burn_in.bounds = {FieldOf<double>(bounds, "spread"), FieldOf<double>(bounds, "worst"),
                    FieldOf<double>(bounds, "waited")};
  return burn_in;
}

}  // namespace coresweep
