#include "reports/console_load.h"

#include <fmt/format.h>

#include "harness/core/knee.h"
#include "reports/text.h"

namespace coresweep {
namespace {

std::string PerSecond(double rate) {
  return Quantity(rate) + " requests/s";
}

std::string P99(const CellResult& cell) {
  if (!cell.latency.p99_us) return "p99 not known: " + cell.latency.why_null;
  return fmt::format("p99 {} from due, {} from issue", Duration(*cell.latency.p99_us),
                     cell.open_load->from_issue.p99_us
                         ? Duration(*cell.open_load->from_issue.p99_us)
                         : std::string("not known"));
}

std::string Lateness(const OpenLoadSummary& load) {
  if (!load.issue_late_p50_us || !load.issue_late_p99_us) return "";
  return fmt::format("; the harness itself was late by {} (p99 {})",
                     Duration(load.issue_late_p50_us->median),
                     Duration(load.issue_late_p99_us->median));
}

/// Why the first rate above the knee does not count.
std::string WhyNot(const SweepResult& sweep, const CellResult& cell, const RatePoint& point) {
  if (point.sustained == Sustained::kUnknown) {
    const bool failed = !cell.open_load || cell.verdict == "incorrect" ||
                        cell.verdict == "disordered" || cell.verdict == "failed";
    return failed ? cell.verdict : "not known: " + cell.latency.why_null;
  }
  if (cell.open_load->saturated) {
    return fmt::format("saturated, {} reached", PerSecond(cell.open_load->reached_per_s->median));
  }
  return fmt::format("p99 {} beyond the bound of {}", Duration(*cell.latency.p99_us),
                     Duration(*sweep.plan.config.latency_bound_ms * 1e3));
}

std::string KneeLine(const SweepResult& sweep, const std::vector<CellResult>& cells,
                     const Knee& knee) {
  std::string line =
      fmt::format("Open load ({} arrivals), {}: ", ToString(knee.arrivals), knee.shape);
  if (knee.points.empty()) return line + "no rate was measured.";
  const auto cell_of = [&](size_t point) -> const CellResult& {
    return cells[static_cast<size_t>(knee.points[point].cell_index)];
  };
  size_t above = 0;
  if (knee.highest) {
    const CellResult& best = cell_of(*knee.highest);
    above = *knee.highest + 1;
    line += fmt::format("sustains {} ({}; queue {} on average, at most {}{})",
                        PerSecond(knee.points[*knee.highest].rate_per_s), P99(best),
                        Quantity(best.open_load->queue_mean->median), best.open_load->queue_most,
                        Lateness(*best.open_load));
  } else {
    line += "no measured rate is shown to be sustained";
  }
  if (above == knee.points.size()) return line + ", the highest rate measured.";
  return fmt::format("{}; {}: {}.", line, PerSecond(knee.points[above].rate_per_s),
                     WhyNot(sweep, cell_of(above), knee.points[above]));
}

std::string SingleStreamLine(const SweepResult& sweep, const CellResult& cell) {
  const std::string id = sweep.plan.cells[static_cast<size_t>(cell.cell_index)].cell.Id();
  if (!cell.latency.p90_us)
    return fmt::format("Single stream, {}: p90 not known: {}.", id, cell.latency.why_null);
  return fmt::format("Single stream, {}: p90 {}.", id, Duration(*cell.latency.p90_us));
}

}  // namespace

std::vector<std::string> LoadLines(const SweepResult& sweep, const std::vector<CellResult>& cells) {
  std::vector<std::string> lines;
  for (const Knee& knee : FindKnees(sweep, cells))
    lines.push_back(KneeLine(sweep, cells, knee));
  if (sweep.plan.config.scenario != Scenario::kSingleStream) return lines;
  for (const CellResult& cell : cells) {
    if (!IsControl(sweep.plan.cells[static_cast<size_t>(cell.cell_index)].cell.mode))
      lines.push_back(SingleStreamLine(sweep, cell));
  }
  return lines;
}

}  // namespace coresweep
