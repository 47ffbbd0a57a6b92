#include "harness/core/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "harness/core/search_schedule.h"

namespace coresweep {
namespace {

/// Spawn, dynamic linking, model and warm-up of one trial, as seen with Debian's libtorch.
constexpr double kStartupSeconds = 0.7;

/// SplitMix64 (Steele, Lea, Flood 2014): the same order on every platform, unlike std::shuffle.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }

 private:
  uint64_t state_;
};

void Shuffle(std::vector<Trial>& trials, size_t first, Random& random) {
  for (size_t i = trials.size() - 1; i > first; --i) {  // Fisher and Yates
    std::swap(trials[i], trials[first + random.Next() % (i - first + 1)]);
  }
}

std::vector<Trial> MakeTrials(const Plan& plan) {
  std::vector<Trial> trials;
  if (plan.cells.empty() || plan.config.search) return trials;
  Random random(plan.config.seed);
  for (int repetition = 0; repetition < plan.config.repetitions; ++repetition) {
    const size_t first = trials.size();
    for (size_t i = 0; i < plan.cells.size(); ++i) {
      trials.push_back({static_cast<int>(i), repetition});
    }
    Shuffle(trials, first, random);
    if (repetition > 0) continue;
    // A share of the closed throughput is a rate only once that was measured.
    std::stable_partition(trials.begin(), trials.end(), [&plan](const Trial& trial) {
      return plan.cells[static_cast<size_t>(trial.cell_index)].cell.load.share <= 0;
    });
  }
  return WithReferences(trials, ReferenceCell(plan), plan.config.reference_every);
}

/// A policy and how widely it binds.
struct Binding {
  std::string placement;
  Width width;
};

/// Policies that do not look at the width come once.
std::vector<Binding> Bindings(const SweepConfig& config) {
  std::vector<Binding> bindings;
  for (const std::string& placement : config.placements) {
    for (const Width width : config.widths) {
      if (UsesWidth(placement)) {
        bindings.push_back({placement, width});
      } else if (width == config.widths.front()) {
        bindings.push_back({placement, Width::kPu});
      }
    }
  }
  return bindings;
}

/// How chunks reach the workers.
struct Connection {
  std::string transport = "none";
  DispatcherPlace dispatcher = DispatcherPlace::kUnpinned;
  Dispatch dispatch = Dispatch::kDynamic;
  int credit = 0;
  Wait wait = Wait::kAdaptive;
  Load load = {};
};

/// Closed load alone; or each rate of open load, after closed load where a rate is a share of its
/// throughput.
std::vector<Load> Loads(const SweepConfig& config) {
  std::vector<Load> loads;
  if (!config.open_load) return {Load{}};
  const auto is_share = [](const Rate& rate) { return rate.share > 0; };
  if (std::any_of(config.rates.begin(), config.rates.end(), is_share)) loads.emplace_back();
  for (const Rate& rate : config.rates)
    loads.push_back({true, config.arrivals, rate.per_s, rate.share});
  return loads;
}

/// Those of `loads` that go with `dispatch`. A cell that cannot have an open load comes once, to be
/// skipped with the reason.
std::vector<Load> LoadsFor(Mode mode, Dispatch dispatch, const std::vector<Load>& loads) {
  if (mode == Mode::kProcesses && dispatch == Dispatch::kDynamic) return loads;
  return {loads.back()};
}

/// Workers that pull are given no credit: such cells come once.
std::vector<std::pair<Dispatch, int>> DispatchesWithCredit(const SweepConfig& config) {
  std::vector<std::pair<Dispatch, int>> dispatches;
  for (const Dispatch dispatch : config.dispatches) {
    if (dispatch == Dispatch::kPull) {
      dispatches.emplace_back(dispatch, 0);
      continue;
    }
    for (const int credit : config.credits)
      dispatches.emplace_back(dispatch, credit);
  }
  return dispatches;
}

std::vector<Connection> Connections(const SweepConfig& config, Mode mode) {
  const std::vector<Load> loads = Loads(config);
  std::vector<Connection> connections;
  if (mode != Mode::kProcesses) {
    connections.emplace_back();
    connections.back().load = loads.back();
    return connections;
  }
  const auto dispatches = DispatchesWithCredit(config);
  for (const std::string& transport : config.transports) {
    for (const auto& [dispatch, credit] : dispatches) {
      for (const Wait wait : config.waits) {
        for (const DispatcherPlace place : config.dispatchers) {
          for (const Load& load : LoadsFor(mode, dispatch, loads))
            connections.push_back({transport, place, dispatch, credit, wait, load});
        }
      }
    }
  }
  return connections;
}

/// "" or why the values of the axes do not go together, whatever the machine.
std::string WhyNoSuchCell(const Cell& cell) {
  if (cell.dispatch == Dispatch::kPull && !IsSharedMemory(cell.transport))
    return "dispatch pull needs shared memory: use transport shm or shm_loan";
  if (!cell.load.open) return "";
  if (cell.mode != Mode::kProcesses)
    return fmt::format("load open needs a dispatcher, which mode {} has not: use mode processes",
                       ToString(cell.mode));
  if (cell.dispatch != Dispatch::kDynamic)
    return fmt::format(
        "load open hands each request out when it is due, which dispatch {} does not: use dispatch "
        "dynamic",
        ToString(cell.dispatch));
  return "";
}

/// Calls `visit` for every combination of the axes that `mode` knows.
template <typename Visit>
void ForEachCell(const SweepConfig& config, Mode mode, Visit visit) {
  const std::vector<int> one_worker{1};
  const auto& workers = mode == Mode::kSerial ? one_worker : config.workers.values;
  const std::vector<Binding> bindings = Bindings(config);
  const std::vector<Connection> connections = Connections(config, mode);
  for (const int worker_count : workers) {
    for (const int threads : config.threads.values) {
      for (const auto& [placement, width] : bindings) {
        for (const int64_t chunk : config.chunks) {
          for (const Connection& link : connections) {
            visit(Cell{mode, worker_count, threads, placement, chunk, link.transport, width,
                       link.dispatcher, link.dispatch, link.credit, link.wait, link.load});
          }
        }
      }
    }
  }
}

/// The asked-for cells with their controls, each once: controls first.
std::vector<Cell> AllCells(const SweepConfig& config) {
  std::vector<Cell> asked;
  for (const Mode mode : config.modes) {
    ForEachCell(config, mode, [&](const Cell& cell) { asked.push_back(cell); });
  }
  std::vector<Cell> cells;
  std::set<Cell> seen;
  const auto add = [&](const Cell& cell) {
    if (seen.insert(cell).second) cells.push_back(cell);
  };
  for (const Mode control : {Mode::kSerial, Mode::kIndependent}) {
    // A search chooses; `independent` cannot be chosen and would only take its time.
    if (control == Mode::kIndependent && config.search) continue;
    for (const Cell& cell : asked) {
      if (control == Mode::kIndependent && cell.mode == Mode::kSerial) continue;
      if (cell.load.open || !WhyNoSuchCell(cell).empty()) continue;
      add(ControlOf(cell, control));
    }
  }
  for (const Cell& cell : asked)
    add(cell);
  return cells;
}

/// Places each shape once, however many cells share it.
class Placer {
 public:
  explicit Placer(const Topology& topology) : topology_(topology) {}

  /// As `Place`.
  std::optional<Placement> PlaceCell(const Cell& cell, std::string* why_not) {
    const PlacementShape shape{cell.workers, cell.threads, cell.width, cell.dispatcher};
    const auto key =
        std::tuple(cell.placement, cell.workers, cell.threads, cell.width, cell.dispatcher);
    const auto [entry, is_new] = known_.try_emplace(key);
    if (is_new)
      entry->second.placement = Place(cell.placement, topology_, shape, &entry->second.why_not);
    *why_not = entry->second.why_not;
    return entry->second.placement;
  }

 private:
  struct Answer {
    std::optional<Placement> placement;
    std::string why_not;
  };
  const Topology& topology_;
  std::map<std::tuple<std::string, int, int, Width, DispatcherPlace>, Answer> known_;
};

}  // namespace

std::vector<int> AutoCounts(int usable) {
  std::set<int> counts{usable};
  for (int power = 1; power <= usable; power *= 2)
    counts.insert(power);
  if (usable > 1) counts.insert(usable - 1);
  counts.insert(std::max(1, usable * 3 / 4));
  return {counts.begin(), counts.end()};
}

Plan MakePlan(const SweepConfig& config, const HostFacts& facts) {
  Plan plan;
  plan.config = config;
  const int usable = facts.UsableCpus();
  const bool automatic = config.workers.automatic || config.threads.automatic;
  std::vector<int> counts = AutoCounts(usable);
  const int most = facts.MostCpus();
  if (most > usable) counts.push_back(most);
  if (config.workers.automatic) plan.config.workers = {false, counts};
  if (config.threads.automatic) plan.config.threads = {false, counts};
  Placer placer(facts.topology);
  for (const Cell& cell : AllCells(plan.config)) {
    if (automatic && cell.Parallelism() > most) {
      plan.skipped.push_back(
          {cell, fmt::format("{} workers × {} threads are more than the usable CPUs ({}); "
                             "give --workers and --threads as numbers to measure it all the same",
                             cell.workers, cell.threads, facts.BindingLimit())});
      continue;
    }
    if (config.search && cell.mode == Mode::kIndependent) {
      plan.skipped.push_back({cell, "a search measures what can be chosen: use --search grid"});
      continue;
    }
    if (std::string reason = WhyNoSuchCell(cell); !reason.empty()) {
      plan.skipped.push_back({cell, std::move(reason)});
      continue;
    }
    std::string why_not;
    if (auto placement = placer.PlaceCell(cell, &why_not)) {
      plan.cells.push_back({cell, *std::move(placement)});
    } else {
      plan.skipped.push_back({cell, std::move(why_not)});
    }
  }
  plan.trials = MakeTrials(plan);
  plan.estimated_s = EstimateSeconds(plan);
  return plan;
}

void SkipCells(Plan& plan, const std::function<std::string(const PlannedCell&)>& why) {
  std::vector<PlannedCell> kept;
  for (PlannedCell& planned : plan.cells) {
    std::string reason = why(planned);
    if (reason.empty()) {
      kept.push_back(std::move(planned));
    } else {
      plan.skipped.push_back({planned.cell, std::move(reason)});
    }
  }
  plan.cells = std::move(kept);
  plan.trials = MakeTrials(plan);
  plan.estimated_s = EstimateSeconds(plan);
}

int ReferenceCell(const Plan& plan) {
  int reference = -1;
  for (size_t i = 0; i < plan.cells.size(); ++i) {
    const Cell& cell = plan.cells[i].cell;
    if (cell.mode != Mode::kSerial) continue;
    const bool fewer =
        reference < 0 || cell.threads < plan.cells[static_cast<size_t>(reference)].cell.threads;
    if (fewer) reference = static_cast<int>(i);
  }
  return reference;
}

std::vector<Trial> WithReferences(const std::vector<Trial>& trials, int reference, int every) {
  if (reference < 0 || every == 0 || trials.empty()) return trials;
  std::vector<Trial> all;
  for (size_t i = 0; i < trials.size(); ++i) {
    if (i % static_cast<size_t>(every) == 0)
      all.push_back({reference, trials[i].repetition, TrialRole::kReference});
    all.push_back(trials[i]);
  }
  all.push_back({reference, trials.back().repetition, TrialRole::kReference});
  return all;
}

int64_t PlannedTrials(const Plan& plan) {
  if (!plan.config.search || ReferenceCell(plan) < 0)
    return static_cast<int64_t>(plan.trials.size());
  return SearchSchedule(plan).Expected();
}

double EstimateTrialSeconds(const SweepConfig& config, const Cell& cell) {
  // Windows that hold more because requests are rare.
  const double window_s = std::max(config.window_s, LeastWindowSeconds(cell.load));
  return kStartupSeconds + config.warmup_s + window_s;
}

double EstimateSeconds(const Plan& plan) {
  if (plan.config.search && !plan.cells.empty()) {  // all of closed load
    return EstimateTrialSeconds(plan.config, plan.cells.front().cell) *
           static_cast<double>(PlannedTrials(plan));
  }
  double seconds = 0;
  for (const Trial& trial : plan.trials) {
    const Cell& cell = plan.cells[static_cast<size_t>(trial.cell_index)].cell;
    seconds += EstimateTrialSeconds(plan.config, cell);
  }
  return seconds;
}

int ControlIndex(const Plan& plan, int index, Mode control) {
  const Cell& cell = plan.cells[static_cast<size_t>(index)].cell;
  if (cell.load.open) return -1;
  const Cell wanted = ControlOf(cell, control);
  for (size_t i = 0; i < plan.cells.size(); ++i) {
    if (plan.cells[i].cell == wanted) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace coresweep
