#include "harness/core/scaling_cause.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "harness/core/result.h"
#include "harness/core/scaling_evidence.h"

namespace coresweep {
namespace {

constexpr double kThrottled = 0.05;
constexpr double kForeign = 0.05;
constexpr double kSaturated = 0.9;
constexpr double kComputing = 0.9;
constexpr double kWaiting = 0.5;  // head of line / computing, of a chunk
constexpr double kEvenItems = 0.8;
constexpr double kSlower = 1.1;
constexpr double kFell = 0.95;

/// What the rules look at.
struct Case {
  const SweepResult& sweep;
  const PlannedCell& planned;
  ScalingEvidence own;
  ScalingEvidence control;  ///< of the serial cell that judges it

  [[nodiscard]] const Cell& cell() const { return planned.cell; }
  /// Time of a chunk / that in one process.
  [[nodiscard]] std::optional<double> Growth() const {
    if (!own.compute_us || !control.compute_us || !(*control.compute_us > 0)) return std::nullopt;
    return *own.compute_us / *control.compute_us;
  }
};

using FoundCause = std::optional<ScalingCause>;

double Hundred(double share) {
  return 100 * share;
}

bool Above(const std::optional<double>& value, double bound) {
  return value && *value > bound;
}
bool Below(const std::optional<double>& value, double bound) {
  return value && *value < bound;
}

FoundCause Throttling(const Case& of) {
  if (!Above(of.own.throttled, kThrottled)) return std::nullopt;
  const std::string share =
      fmt::format("throttled in {:.0f} % of periods", Hundred(*of.own.throttled));
  const auto& quota = of.sweep.facts.cpu_quota;
  const int asked = of.cell().Parallelism();
  if (quota && asked > quota->value) {
    return ScalingCause{"quota",
                        fmt::format("{}: {} workers × threads under a quota of {:g} CPUs", share,
                                    asked, quota->value),
                        fmt::format("use at most {} workers × threads, or raise the quota",
                                    std::max(1, static_cast<int>(std::min(quota->value, 1e6))))};
  }
  return ScalingCause{"throttling",
                      share + ", though its workers × threads fit the quota that is known",
                      "stop what else runs in this container or above it, or raise its quota"};
}

FoundCause Oversubscription(const Case& of) {
  if (!of.planned.placement.oversubscribed) return std::nullopt;
  return ScalingCause{
      "oversubscription",
      fmt::format("{} workers × threads take turns on the CPUs that their placement gives them ({} "
                  "are usable)",
                  of.cell().Parallelism(), of.sweep.facts.UsableCpus()),
      fmt::format("use at most {} workers × threads, or a placement with more CPUs",
                  of.sweep.facts.UsableCpus())};
}

FoundCause ForeignLoad(const Case& of) {
  if (Above(of.own.stolen, kForeign)) {
    return ScalingCause{"foreign load",
                        fmt::format("the hypervisor gave {:.0f} % of the allowed CPUs' time to "
                                    "others",
                                    Hundred(*of.own.stolen)),
                        "measure again at another hour or on another host"};
  }
  if (!Above(of.own.foreign, kForeign)) return std::nullopt;
  return ScalingCause{"foreign load",
                      fmt::format("other programs used {:.0f} % of the allowed CPUs' time",
                                  Hundred(*of.own.foreign)),
                      "stop them, or leave them CPUs of their own and give coresweep the others"};
}

FoundCause DispatcherSaturated(const Case& of) {
  if (of.cell().wait == Wait::kSpin || !of.own.dispatcher || *of.own.dispatcher < kSaturated)
    return std::nullopt;
  return ScalingCause{
      "dispatcher saturated",
      fmt::format("the dispatcher computed {:.0f} % of the time", Hundred(*of.own.dispatcher)),
      "use a larger chunk, dispatch pull, or transport shm_loan"};
}

bool WorkersWait(const Case& of) {
  return Below(of.own.computing, kComputing);
}

FoundCause HeadOfLine(const Case& of) {
  if (!WorkersWait(of) || !of.own.head_of_line_us || !of.own.compute_us) return std::nullopt;
  if (*of.own.head_of_line_us <= kWaiting * *of.own.compute_us) return std::nullopt;
  return ScalingCause{
      "head of line",
      fmt::format("a chunk that has come waits {:.0f} us for earlier ones, and takes {:.0f} us to "
                  "compute; workers compute {:.0f} % of the time",
                  *of.own.head_of_line_us, *of.own.compute_us, Hundred(*of.own.computing)),
      "use --order completion where the order does not matter, dispatch guided, or more credit"};
}

FoundCause Imbalance(const Case& of) {
  if (!Below(of.own.least_items, kEvenItems)) return std::nullopt;
  return ScalingCause{
      "imbalance",
      fmt::format("one worker did {:.0f} % of the items of another", Hundred(*of.own.least_items)),
      "use dispatch dynamic or a smaller chunk, and give all workers CPUs of one kind"};
}

FoundCause Transport(const Case& of) {
  if (of.cell().mode != Mode::kProcesses || !WorkersWait(of)) return std::nullopt;
  if (DispatcherSaturated(of) || HeadOfLine(of) || Imbalance(of)) return std::nullopt;
  return ScalingCause{
      "transport",
      fmt::format("workers compute {:.0f} % of the time and wait for chunks to travel the rest",
                  Hundred(*of.own.computing)),
      "use a larger chunk, more credit, or transport shm"};
}

std::string Slower(const Case& of) {
  return fmt::format("a chunk takes {:.0f} us to compute, {:.0f} us in one process",
                     *of.own.compute_us, *of.control.compute_us);
}

/// own / control of a counter; nullopt where one was not counted.
std::optional<double> Against(const std::optional<double>& own,
                              const std::optional<double>& control) {
  if (!own || !control || !(*control > 0)) return std::nullopt;
  return *own / *control;
}

/// What makes a chunk take longer when others compute beside it. A cause above, which takes CPU
/// time away, explains that by itself.
FoundCause SlowerComputation(const Case& of) {
  if (!Above(of.Growth(), kSlower)) return std::nullopt;
  const auto clock = Against(of.own.cycles_per_ns, of.control.cycles_per_ns);
  if (Below(clock, 1 / kSlower)) {
    return ScalingCause{
        "clock",
        fmt::format("{}; its CPUs ran at {:.0f} % of the clock", Slower(of), Hundred(*clock)),
        "expect no more of this machine: clocks fall as more cores are busy"};
  }
  const auto work = Against(of.own.instructions_per_cycle, of.control.instructions_per_cycle);
  if (work && *work >= kFell) return std::nullopt;
  const std::string seen =
      work ? fmt::format("; instructions per cycle fell to {:.0f} %", Hundred(*work))
           : std::string("; no counter of instructions tells more");
  return ScalingCause{"memory bandwidth", Slower(of) + seen,
                      "use fewer workers, spread them over caches and memory (placement scatter or "
                      "l3), or a smaller chunk or model"};
}

}  // namespace

std::vector<ScalingCause> FindCauses(const SweepResult& sweep, const CellResult& cell) {
  const PlannedCell& planned = sweep.plan.cells[static_cast<size_t>(cell.cell_index)];
  if (planned.cell.mode == Mode::kSerial) return {};
  if (!cell.parallel_efficiency || cell.parallel_efficiency->median >= kGoodEfficiency) return {};
  const int control = ControlIndex(sweep.plan, cell.cell_index, Mode::kSerial);
  const Case of{sweep, planned, GatherEvidence(sweep, cell.cell_index),
                GatherEvidence(sweep, control)};
  std::vector<ScalingCause> causes;
  for (const auto rule : {Throttling, Oversubscription, ForeignLoad}) {
    if (auto cause = rule(of)) causes.push_back(*std::move(cause));
  }
  const bool robbed = !causes.empty();  // of CPU time: a chunk then takes longer for that alone
  for (const auto rule : {DispatcherSaturated, HeadOfLine, Imbalance, Transport}) {
    if (auto cause = rule(of)) causes.push_back(*std::move(cause));
  }
  if (auto cause = SlowerComputation(of); cause && !robbed) causes.push_back(*std::move(cause));
  if (causes.empty()) {
    causes.push_back({"unknown", "nothing that was measured explains it",
                      "allow hardware counters (see coresweep host) and measure again"});
  }
  return causes;
}

}  // namespace coresweep
