#include "reports/gate_notes.h"

#include <fmt/format.h>

#include <array>
#include <map>

#include "harness/core/steady_state.h"
#include "reports/text.h"

namespace coresweep {
namespace {

/// The first launch that did not measure this metric says why.
std::string WhyUnmeasured(const GateLog& log, const std::string& metric) {
  for (const GateRecord& record : log.records) {
    for (const Launch& launch : record.launches) {
      const MetricValue value = launch.Metric(metric);
      if (!value.value) return value.why_null;
    }
  }
  return "";
}

struct LaunchCounts {
  int64_t launches = 0;
  int64_t throttled = 0;
  int64_t pressed = 0;
  int64_t stolen = 0;
  int64_t items = 0;
  int64_t good = 0;
};

LaunchCounts CountsOf(const GateLog& log) {
  constexpr double kShare = 0.02;  // of the window
  LaunchCounts counts;
  for (const GateRecord& record : log.records) {
    for (const Launch& launch : record.launches) {
      ++counts.launches;
      counts.items += launch.items;
      counts.good += launch.outcome == Outcome::kOk ? 1 : 0;
      const auto interval = static_cast<double>(launch.system.interval_ns);
      const auto exceeds = [&](const std::optional<int64_t>& ns) {
        return interval > 0 && ns && static_cast<double>(*ns) > kShare * interval;
      };
      if (launch.system.throttle) counts.throttled += launch.system.throttle->throttled_periods > 0;
      if (launch.system.pressure) counts.pressed += exceeds(launch.system.pressure->cpu_ns);
      counts.stolen += exceeds(launch.system.steal_ns);
    }
  }
  return counts;
}

}  // namespace

std::vector<std::string> GateUnmeasuredNotes(const GateLog& log) {
  std::vector<std::string> notes;
  for (const GateMetric& metric : log.setup.metrics) {
    const std::string why = WhyUnmeasured(log, metric.name);
    if (!why.empty())
      notes.push_back(fmt::format("{} was not measured in every launch: {}", metric.name, why));
  }
  return notes;
}

std::vector<std::string> GateLaunchNotes(const GateLog& log) {
  std::array<std::vector<double>, 2> drifts;  // by arm
  std::map<std::string, int64_t> warnings;    // by arm and text
  for (const GateRecord& record : log.records) {
    const auto arms = ArmsOf(record.block.order);
    for (size_t slot = 0; slot < record.launches.size(); ++slot) {
      // In the null control B's place is A's.
      const bool control = record.block.phase == GatePhase::kNullControl;
      const GateArm arm = control ? GateArm::kBase : arms.at(slot);
      const Launch& launch = record.launches[slot];
      if (launch.window_drift) drifts.at(static_cast<size_t>(arm)).push_back(*launch.window_drift);
      for (const std::string& text : launch.warnings)
        ++warnings[fmt::format("{}: {}", NameOf(arm), text)];
    }
  }
  std::vector<std::string> notes;
  for (const GateArm arm : {GateArm::kBase, GateArm::kCandidate}) {
    const std::string why = UnsteadyWarning(JudgeSteadiness(drifts.at(static_cast<size_t>(arm))));
    if (!why.empty()) notes.push_back(fmt::format("{}: {}", NameOf(arm), why));
  }
  for (const auto& [text, count] : warnings)
    notes.push_back(fmt::format("{} (in {})", text, Plural(count, "launch", "launches")));
  return notes;
}

std::string GateAnswersNote(const GateLog& log) {
  const LaunchCounts counts = CountsOf(log);
  if (counts.launches == 0) return "";
  return fmt::format("answers: {} items in {} launches, {} of them whole, right and in order",
                     counts.items, counts.launches, counts.good);
}

std::string GateLayoutNote(const GateLog& log) {
  const auto& [base, candidate] = log.setup.builds;
  if (base == 0) return "";
  if (base > 1 && candidate > 1) {
    return fmt::format(
        "layout: {} builds of A and {} of B, drawn anew for each block: what the layout of one "
        "build does is noise here",
        base, candidate);
  }
  return fmt::format(
      "layout: {} of A and {} of B: where the linker put the code of a single build can make 2 to "
      "3 % by itself, which no number of blocks shows; give --base-program and "
      "--candidate-program several times, with builds that differ in layout alone",
      Plural(base, "build", "builds"), Plural(candidate, "build", "builds"));
}

std::string GateMachineNote(const GateLog& log) {
  const LaunchCounts counts = CountsOf(log);
  if (counts.throttled + counts.pressed + counts.stolen == 0) return "";
  const auto share = [&](int64_t count) {
    return Percent(static_cast<double>(count) / static_cast<double>(counts.launches));
  };
  return fmt::format(
      "machine: throttled in {} of the launches, CPU pressure above 2 % in {}, steal above 2 % "
      "in {}: such launches widen the interval and are not left out",
      share(counts.throttled), share(counts.pressed), share(counts.stolen));
}

}  // namespace coresweep
