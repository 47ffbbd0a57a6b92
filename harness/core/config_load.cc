#include "harness/core/config_load.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "harness/base/error.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

constexpr double kLeastRate = 0.001;
constexpr double kMostRate = 1e7;
constexpr double kMostPercent = 1000;

/// "80%" as 0.8; 0 where the text is none from 1 % to 1000 %.
double ShareOfRate(const std::string& text) {
  if (text.size() < 2 || text.back() != '%') return 0;
  const Json number = Json::parse(text.substr(0, text.size() - 1), nullptr, false);
  if (!number.is_number()) return 0;
  const auto percent = number.get<double>();
  return percent >= 1 && percent <= kMostPercent ? percent / 100 : 0;
}

Rate ReadRate(const Field& field) {
  const Json& json = field.json();
  if (json.is_string()) {
    if (const double share = ShareOfRate(field.Text()); share > 0) return {0, share};
  } else if (json.is_number() && json.get<double>() >= kLeastRate &&
             json.get<double>() <= kMostRate) {
    return {json.get<double>(), 0};
  }
  field.Fail(
      fmt::format("requests (chunks) a second from {} to {:.0f}, a share of the closed "
                  "throughput as 80% (1% to {:.0f}%), or knee alone",
                  kLeastRate, kMostRate, kMostPercent));
}

/// Which keys were given, for contradictions.
class Given {
 public:
  Given(const Json& merged, const ConfigOrigins& origins) : merged_(merged), origins_(origins) {}
  [[nodiscard]] bool Has(const std::string& key) const { return merged_.contains(key); }
  [[noreturn]] void Fail(const std::string& key, std::string_view what) const {
    const auto origin = origins_.find(key);
    throw UsageError(fmt::format("{}: {}", origin == origins_.end() ? key : origin->second, what));
  }
  /// Throws when `key` was given and `fits` is false.
  void Require(const std::string& key, bool fits, Scenario scenario, std::string_view what) const {
    if (Has(key) && !fits)
      Fail(key, fmt::format("scenario {} has {}; leave this out", ToString(scenario), what));
  }

 private:
  const Json& merged_;
  const ConfigOrigins& origins_;
};

void ApplyServer(const Given& given, SweepConfig& config) {
  given.Require("load", config.open_load, config.scenario, "open load");
  given.Require("arrivals", config.arrivals == Arrivals::kPoisson, config.scenario,
                "Poisson arrivals");
  if (!given.Has("latency_bound_ms"))
    given.Fail("scenario", "server is judged by its p99: give a bound too (--latency-bound-ms 20)");
  config.open_load = true;
  if (config.rates.empty()) config.rates = KneeRates();
}

void ApplySingleStream(const Given& given, SweepConfig& config) {
  const bool one = !config.workers.automatic && config.workers.values == std::vector<int>{1};
  given.Require("workers", one, config.scenario, "one request at a time, so one worker");
  given.Require("credit", config.credits == std::vector<int>{1}, config.scenario,
                "one request at a time, so credit 1");
  given.Require("dispatch", config.dispatches == std::vector<Dispatch>{Dispatch::kDynamic},
                config.scenario, "one request at a time, so dispatch dynamic");
  config.workers = {false, {1}};
  config.credits = {1};
}

}  // namespace

void ReadLoad(const Field& field, SweepConfig& config) {
  const Json& json = field.json();
  if (json != LoadKind(false) && json != LoadKind(true)) field.Fail("one of closed, open");
  config.open_load = json == LoadKind(true);
}

void ReadArrivals(const Field& field, SweepConfig& config) {
  const auto arrivals =
      field.json().is_string() ? ParseArrivals(field.Text()) : std::optional<Arrivals>();
  if (!arrivals) field.Fail(fmt::format("one of {}", fmt::join(ArrivalsNames(), ", ")));
  config.arrivals = *arrivals;
}

void ReadRates(const Field& field, SweepConfig& config) {
  const Json& json = field.json();
  const bool knee = json == "knee" || (json.is_array() && json.size() == 1 && json[0] == "knee");
  config.rates = knee ? KneeRates() : field.List<Rate>(ReadRate, "requests a second, or knee");
}

void ReadLatencyBound(const Field& field, SweepConfig& config) {
  const Json& json = field.json();
  if (!json.is_number() || json.get<double>() < 0.001 || json.get<double>() > 1e8)
    field.Fail("a number of milliseconds from 0.001 to 1e8");
  config.latency_bound_ms = json.get<double>();
}

void ReadScenario(const Field& field, SweepConfig& config) {
  const auto scenario =
      field.json().is_string() ? ParseScenario(field.Text()) : std::optional<Scenario>();
  if (!scenario) field.Fail(fmt::format("one of {}", fmt::join(ScenarioNames(), ", ")));
  config.scenario = *scenario;
}

void ResolveLoad(const Json& merged, const ConfigOrigins& origins, SweepConfig& config) {
  const Given given(merged, origins);
  switch (config.scenario) {
    case Scenario::kServer:
      ApplyServer(given, config);
      break;
    case Scenario::kSingleStream:
      given.Require("load", !config.open_load, config.scenario, "closed load");
      ApplySingleStream(given, config);
      break;
    case Scenario::kOffline:
      given.Require("load", !config.open_load, config.scenario, "closed load");
      break;
    case Scenario::kNone:
      break;
  }
  for (const char* key : {"arrivals", "rate", "latency_bound_ms"}) {
    if (!config.open_load && given.Has(key))
      given.Fail(key, "closed load sends as fast as answers come; give --load open too");
  }
  if (config.open_load && config.work_items > 0)
    given.Fail("work_items", "under open load the rate sets the work; give --window-s alone");
  if (config.open_load && config.rates.empty())
    given.Fail("load", "open load needs a rate: --rate 100 (requests/s), or --rate knee");
}

void LoadToJson(const SweepConfig& config, nlohmann::ordered_json& json) {
  if (config.scenario != Scenario::kNone) json["scenario"] = ToString(config.scenario);
  json["load"] = LoadKind(config.open_load);
  if (!config.open_load) return;
  json["arrivals"] = ToString(config.arrivals);
  json["rate"] = nlohmann::ordered_json::array();
  for (const Rate& rate : config.rates) {
    if (rate.share > 0) {
      json["rate"].push_back(RateText(rate));
    } else {
      json["rate"].push_back(rate.per_s);
    }
  }
  if (config.latency_bound_ms) json["latency_bound_ms"] = *config.latency_bound_ms;
}

}  // namespace coresweep
