#include "bench/one_cell.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/run/cell_shape.h"

namespace coresweep {
namespace {

std::vector<PlannedCell> MeasuredCells(const Plan& plan) {
  std::vector<PlannedCell> cells;
  for (const PlannedCell& planned : plan.cells) {
    if (!IsControl(planned.cell.mode)) cells.push_back(planned);
  }
  return cells;
}

ReferenceData MakeReference(const ProcessContext& context, const SweepConfig& config,
                            const HostFacts& facts, Progress& progress) {
  progress.Show("loading the workload");
  ReferenceData reference = RunReference(context, config, facts, [&](int64_t done, int64_t total) {
    progress.Show(fmt::format("serial reference: {} of {} items", done, total));
  });
  progress.Clear();
  return reference;
}

}  // namespace

PlannedCell PlanOneCell(const SweepConfig& config, const HostFacts& facts,
                        const std::string& name) {
  for (const Rate& rate : config.rates) {
    if (rate.share <= 0) continue;
    throw UsageError(
        fmt::format("{}: rate {} is known once the closed throughput was measured, "
                    "which `run` does; give requests a second",
                    name, RateText(rate)));
  }
  const Plan plan = MakePlan(config, facts);
  std::vector<PlannedCell> cells = MeasuredCells(plan);
  if (cells.size() == 1) return std::move(cells[0]);
  if (cells.empty()) {
    throw UsageError(fmt::format("{}: it cannot be run here: {}", name,
                                 plan.skipped.empty() ? "no cell" : plan.skipped[0].reason));
  }
  throw UsageError(
      fmt::format("{}: {} configurations, among them {} and {}; give each axis one value", name,
                  cells.size(), cells.front().cell.Id(), cells.back().cell.Id()));
}

void RequireSpawn(const SweepConfig& config, const std::string& name) {
  if (config.worker_start == WorkerStart::kSpawn) return;
  throw UsageError(fmt::format(
      "{}: worker_start {}: a program that ends after one launch starts its workers by spawn", name,
      ToString(config.worker_start)));
}

LaunchSettings SettingsOf(const SweepConfig& config, const HostFacts& facts) {
  constexpr int64_t kPeriods = 3;
  const double periods_s = NsToSeconds(kPeriods * facts.cpu_period_us * kNsPerUs);
  return {std::max(config.window_s, periods_s), config.warmup_s, config.work_items};
}

int64_t LeastWorkOf(const Cell& cell) {
  return int64_t{4} * cell.workers * cell.chunk;
}

void ApplyTo(SweepConfig& config, const LaunchSettings& settings) {
  config.window_s = settings.window_s;
  config.warmup_s = settings.warmup_s;
  config.work_items = settings.work_items;
}

void OneCell::Apply(const LaunchSettings& settings) {
  ApplyTo(config_, settings);
}

OneCell::OneCell(SweepConfig config, const HostFacts& facts, const ProcessContext& context,
                 Progress& progress, const std::string& name)
    : config_(std::move(config)),
      context_(context),
      planned_(PlanOneCell(config_, facts, name)),
      reference_(MakeReference(context_, config_, facts, progress)) {
  const std::string why_not = WhyImpossible(planned_, facts, reference_);
  if (!why_not.empty()) throw UsageError(fmt::format("{}: {}", name, why_not));
  if (config_.worker_start == WorkerStart::kZygote) context_.zygotes = &zygotes_.emplace();
  arm_ = std::make_unique<CellArm>(TrialEnvironment{context_, config_, facts, reference_, {}},
                                   planned_);
}

}  // namespace coresweep
