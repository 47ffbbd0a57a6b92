// What the user asked for: one typed struct, parsed and checked in one place.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/cell.h"
#include "harness/core/search_plan.h"
#include "harness/core/workload.h"

namespace coresweep {

/// A list of counts, or `auto`: to be derived from the usable CPUs.
struct CountAxis {
  bool automatic = false;
  std::vector<int> values;
};

/// One sweep as asked for; `auto` axes are not resolved yet.
struct SweepConfig {
  std::string name = "sweep";
  std::string sku;  ///< label of the container size it runs in, see `CheckSkuLabel`; "" = none
  WorkloadSpec workload;
  std::vector<Mode> modes = {Mode::kProcesses};  ///< besides the controls, which are always there
  CountAxis workers{true, {}};
  CountAxis threads{false, {1}};
  std::vector<std::string> placements = {"none", "compact"};  ///< canonical policies
  std::vector<Width> widths = {Width::kPu};
  std::vector<DispatcherPlace> dispatchers = {DispatcherPlace::kUnpinned};
  std::vector<int64_t> chunks = {1, 8};
  std::vector<std::string> transports = {"shm"};
  std::vector<Dispatch> dispatches = {Dispatch::kDynamic};
  std::vector<int> credits = {0};  ///< chunks in flight per worker; 0 = auto, see `Cell::credit`
  std::vector<Wait> waits = {Wait::kAdaptive};
  bool open_load = false;
  Arrivals arrivals = Arrivals::kPoisson;  ///< open load only, as the next two
  std::vector<Rate> rates;
  std::optional<double> latency_bound_ms;  ///< of the p99, for a rate to count as sustained
  Scenario scenario = Scenario::kNone;     ///< what it sets is in the other fields
  Order order = Order::kInput;
  OnWorkerDeath on_worker_death = OnWorkerDeath::kFail;
  WorkerStart worker_start = WorkerStart::kSpawn;
  int repetitions = 3;               ///< of each cell; of a search: passes over all cells
  std::optional<SearchMode> search;  ///< nullopt: `grid`, every cell `repetitions` times
  int reference_every = 4;           ///< launches of cells between two of the reference; 0 = none
  uint64_t seed = 1;
  double window_s = 0.5;                  ///< least length of the measured window
  int64_t work_items = 0;                 ///< fixed work of the window; 0: a length of time
  double warmup_s = 0.1;                  ///< least time between the gate and the window
  double startup_timeout_s = 60;          ///< from spawn to ready
  double measure_cpus_s = 0.5;            ///< length of the spin test at the start; 0 = none
  std::optional<double> chunk_timeout_s;  ///< longest time without an answer; nullopt: derived
  std::optional<double> budget_s;         ///< of one call of `run`, everything in it; nullopt: none
  std::string fault;                      ///< fault to plant (tests); "" = none
  std::string fault_cell;  ///< only in cells whose id contains this; "" = all but controls
};

/// Where a value came from, for messages: "--workers" or "quick.json: workers".
using ConfigOrigins = std::map<std::string, std::string>;

/// Reads the merged configuration (file overridden by options). Throws `UsageError` naming origin,
/// key, what is wrong and what is accepted: unknown key, wrong type, empty list, value out of
/// range.
SweepConfig ParseConfig(const nlohmann::json& merged, const ConfigOrigins& origins);

/// The configuration as `ParseConfig` reads it.
nlohmann::ordered_json ToJson(const SweepConfig& config);

/// Every key that `ParseConfig` knows.
const std::vector<std::string>& ConfigKeys();

}  // namespace coresweep
