// When requests come: the axis `load` of mode `processes`. A request is one chunk.
#pragma once

#include <compare>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coresweep {

/// How requests follow each other under open load.
enum class Arrivals {
  kPoisson,   ///< exponential gaps: callers that do not know of each other
  kConstant,  ///< equal gaps
};

/// Named presets after MLPerf LoadGen (mlcommons/inference, loadgen/README.md). They set axes; what
/// is measured and reported is as without them.
enum class Scenario {
  kNone,
  kSingleStream,  ///< one request at a time, the next when its answer has come; p90 latency
  kServer,        ///< Poisson arrivals; the highest rate whose p99 stays within the latency bound
  kOffline,       ///< all requests are there at the start; throughput
};

/// Closed load sends the next chunk as soon as there is room for it. Open load sends chunk k when
/// it is due, however far the answers are, and counts latency from then.
struct Load {
  bool open = false;
  Arrivals arrivals = Arrivals::kPoisson;
  double rate_per_s = 0;  ///< requests/s; 0: closed, or not known before `share` is resolved
  /// When not 0: of the rate that the same cell answers under closed load; 0.8 is 80 %.
  double share = 0;

  auto operator<=>(const Load&) const = default;
};

/// One element of the axis `rate`.
struct Rate {
  double per_s = 0;  ///< requests/s; 0: `share` is given
  double share = 0;
  auto operator<=>(const Rate&) const = default;
};

/// What `rate: knee` stands for: shares of the closed throughput, denser where queues grow.
const std::vector<Rate>& KneeRates();

std::string_view ToString(Arrivals arrivals);  ///< "poisson", "constant"
std::string_view ToString(Scenario scenario);  ///< "single-stream", …; "" for none
/// "closed" or "open".
std::string_view LoadKind(bool open);
/// "120", "0.5"; "80%" for a share.
std::string RateText(const Rate& rate);

std::optional<Arrivals> ParseArrivals(std::string_view name);
std::optional<Scenario> ParseScenario(std::string_view name);

/// The names, in the order of the enumerators; of the scenarios those that have one.
std::span<const std::string_view> ArrivalsNames();
std::span<const std::string_view> ScenarioNames();

/// Requests that a window of open load holds at least on average: as many as a median asks for.
constexpr int kLeastRequests = 20;

/// Least length of the window for `load`, seconds: 0 for closed load and where the rate is not
/// known yet.
double LeastWindowSeconds(const Load& load);

}  // namespace coresweep
