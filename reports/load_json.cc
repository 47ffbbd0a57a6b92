#include "reports/load_json.h"

#include <string>

namespace coresweep {

OrderedJson LatencyJson(const LatencySummary& latency) {
  return {{"p50", OrNull(latency.p50_us)}, {"p90", OrNull(latency.p90_us)},
          {"p99", OrNull(latency.p99_us)}, {"p999", OrNull(latency.p999_us)},
          {"max", OrNull(latency.max_us)}, {"unit", "us"},
          {"samples", latency.samples},    {"why_null", TextOrNull(latency.why_null)}};
}

OrderedJson OpenLoadJson(const std::optional<OpenLoadSummary>& load) {
  if (!load) return nullptr;
  return {{"unit", "requests/s"},
          {"rate_asked", load->rate_asked_per_s},
          {"rate_offered", SpreadJson(load->offered_per_s)},
          {"rate_reached", SpreadJson(load->reached_per_s)},
          {"saturated", load->saturated},
          {"queue_depth", {{"mean", SpreadJson(load->queue_mean)}, {"max", load->queue_most}}},
          {"never_issued", load->left},
          {"latency_from_issue", LatencyJson(load->from_issue)},
          {"issue_lateness_us",
           {{"p50", SpreadJson(load->issue_late_p50_us)},
            {"p99", SpreadJson(load->issue_late_p99_us)},
            {"requests", load->unhindered}}}};
}

OrderedJson OpenLoadUseJson(const Cell& cell, const std::optional<OpenLoadUse>& use) {
  if (!use) return nullptr;
  return {{"rate_asked", use->rate_asked_per_s},
          {"due", use->due},
          {"computed", use->computed},
          {"never_issued", use->left},
          {"saturated", IsSaturated(cell, *use)},
          {"queue_depth", {{"mean", use->queue_mean}, {"max", use->queue_most}}},
          {"issue_lateness_us",
           {{"p50", OrNull(use->issue_late_p50_us)},
            {"p99", OrNull(use->issue_late_p99_us)},
            {"requests", use->unhindered}}}};
}

OrderedJson KneesJson(const SweepResult& sweep, const std::vector<Knee>& knees) {
  OrderedJson json = OrderedJson::array();
  for (const Knee& knee : knees) {
    OrderedJson points = OrderedJson::array();
    for (const RatePoint& point : knee.points) {
      points.push_back({{"cell", sweep.plan.cells[static_cast<size_t>(point.cell_index)].cell.Id()},
                        {"rate", point.rate_per_s},
                        {"sustained", std::string(ToString(point.sustained))}});
    }
    json.push_back(
        {{"shape", knee.shape},
         {"arrivals", std::string(ToString(knee.arrivals))},
         {"latency_bound_ms", OrNull(sweep.plan.config.latency_bound_ms)},
         {"rate", knee.highest ? OrderedJson(knee.points[*knee.highest].rate_per_s) : nullptr},
         {"points", std::move(points)}});
  }
  return json;
}

OrderedJson RateJson(const Load& load) {
  if (!load.open) return nullptr;
  if (load.share > 0) return RateText({0, load.share});
  return load.rate_per_s;
}

}  // namespace coresweep
