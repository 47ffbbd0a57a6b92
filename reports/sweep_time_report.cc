#include "reports/sweep_time_report.h"

#include <fmt/format.h>

#include "harness/base/clock.h"
#include "harness/core/duration.h"
#include "harness/core/sweep_time.h"
#include "reports/text.h"

namespace coresweep {

OrderedJson CallsJson(const SweepResult& sweep) {
  OrderedJson calls = OrderedJson::array();
  for (size_t i = 0; i < sweep.calls.size(); ++i) {
    const SweepCall& call = sweep.calls[i];
    const auto trials_after = i + 1 < sweep.calls.size()
                                  ? sweep.calls[i + 1].trials_before
                                  : static_cast<int64_t>(sweep.trials.size());
    calls.push_back({{"started", TimestampJson(call.started_unix_ms)},
                     {"argv", TextOrNull(call.argv)},
                     {"trials_before", call.trials_before},
                     {"trials", trials_after - call.trials_before},
                     {"total_s", NsToSeconds(call.total_ns)}});
  }
  return calls;
}

OrderedJson BudgetJson(const SweepResult& sweep) {
  const auto& asked_s = sweep.plan.config.budget_s;
  if (!asked_s || sweep.calls.empty()) return nullptr;
  return {{"asked_s", *asked_s},
          {"used_s", NsToSeconds(sweep.calls.back().total_ns)},
          {"ended_sweep", !sweep.ended_by.empty()}};
}

OrderedJson TimeJson(const SweepResult& sweep) {
  const SweepTime time = TimeOf(sweep);
  const auto share = time.NotMeasuringShare();
  if (!share) return nullptr;
  return {{"total_s", time.total_s},
          {"measuring_s", time.measuring_s},
          {"not_measuring_share", *share}};
}

std::string TimeLine(const SweepResult& sweep) {
  const SweepTime time = TimeOf(sweep);
  const auto share = time.NotMeasuringShare();
  if (!share) return "";
  std::string line = fmt::format(
      "Took {}, of which {} were measured windows: {} went into start-up, warm-up, checks, reports "
      "and the serial reference.",
      DurationText(time.total_s), DurationText(time.measuring_s), Percent(*share));
  if (sweep.calls.size() > 1) {
    line += fmt::format(
        " Resumed {}: {} had been measured before.",
        sweep.calls.size() == 2 ? "once" : fmt::format("{} times", sweep.calls.size() - 1),
        Plural(sweep.calls.back().trials_before, "trial", "trials"));
  }
  if (const auto& asked_s = sweep.plan.config.budget_s) {
    line +=
        fmt::format(" Budget: {} of {} used.",
                    DurationText(NsToSeconds(sweep.calls.back().total_ns)), DurationText(*asked_s));
  }
  return line;
}

}  // namespace coresweep
