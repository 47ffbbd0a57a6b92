#include "reports/gate_machine_notes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/core/gate_order.h"
#include "harness/core/gate_sentence.h"
#include "reports/text.h"

namespace coresweep {
namespace {

std::vector<SentinelTime> SentinelTimes(const GateLog& log) {
  std::vector<SentinelTime> times;
  for (const GateRecord& record : log.records)
    if (record.machine) times.push_back(record.machine->sentinel);
  return times;
}

std::string FiguresText(const SentinelFigures& figures) {
  return fmt::format("spread {:.1f} %, worst {:.1f} times the median, waited {} of its time",
                     100 * figures.spread, figures.worst, Percent(figures.waited));
}

/// ", CPU pressure 12 %"; "" where it was not read.
std::string PressureText(int64_t pressed_ns, int64_t interval_ns) {
  if (interval_ns <= 0) return "";
  return ", CPU pressure " +
         Percent(static_cast<double>(pressed_ns) / static_cast<double>(interval_ns));
}

std::string PressureText(const GateLog& log) {
  int64_t pressed_ns = 0;
  int64_t interval_ns = 0;
  for (const GateRecord& record : log.records) {
    if (!record.machine || !record.machine->since_last.pressure) continue;
    const auto& cpu_ns = record.machine->since_last.pressure->cpu_ns;
    if (!cpu_ns) continue;
    pressed_ns += *cpu_ns;
    interval_ns += record.machine->since_last.interval_ns;
  }
  return PressureText(pressed_ns, interval_ns);
}

}  // namespace

std::string GateBurnInNote(const GateLog& log) {
  if (!log.burn_in) return "";
  const auto figures = FiguresOf(log.burn_in->times);
  if (!figures) return "";
  const auto& pressure = log.burn_in->system.pressure;
  const int64_t interval_ns = pressure && pressure->cpu_ns ? log.burn_in->system.interval_ns : 0;
  return fmt::format("burn-in: {} times {:.1f} ms of fixed work on one core: {}{}",
                     log.burn_in->times.size(), figures->median_ms, FiguresText(*figures),
                     PressureText(interval_ns > 0 ? *pressure->cpu_ns : 0, interval_ns));
}

std::string GateSentinelNote(const GateLog& log) {
  const std::vector<SentinelTime> times = SentinelTimes(log);
  const auto figures = FiguresOf(times);
  if (!figures) return "";
  return fmt::format("sentinel: {:.1f} ms of fixed work on one core before each block: {}{}",
                     figures->median_ms, FiguresText(*figures), PressureText(log));
}

std::string GateDriftNote(const GateLog& log) {
  const std::vector<SentinelTime> times = SentinelTimes(log);
  const auto drift = DriftOf(times);
  if (!drift || !drift->beyond_chance) return "";
  return fmt::format(
      "the machine itself became {:.1f} % {} during the run: the sentinel's second half against "
      "its first, beyond chance at 1 %; the order of the launches cancels that within each block",
      100 * std::abs(drift->ratio - 1), drift->ratio > 1 ? "slower" : "faster");
}

std::vector<std::string> GateOrderNotes(const GateLog& log) {
  std::vector<std::string> notes;
  for (size_t m = 0; m < log.setup.metrics.size(); ++m) {
    const auto effect = OrderEffectOf(log, m);
    if (!effect || !effect->beyond_chance) continue;
    const GateMetric& metric = log.setup.metrics[m];
    const double change = 100 * RelativeChange(metric, effect->ratio);
    notes.push_back(fmt::format(
        "order: {} of launches 3 and 4 of a block is {:.1f} % {} than of 1 and 2 (median; {} of {} "
        "blocks), beyond chance at 1 %: launches leave something behind (heat, caches, a used-up "
        "quota); each arm has both places, so it cancels, unless one arm leaves more than the "
        "other",
        metric.name, std::abs(change), change < 0 ? "lower" : "higher",
        std::max(effect->second_worse, effect->first_worse), effect->blocks));
  }
  return notes;
}

}  // namespace coresweep
