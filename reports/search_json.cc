#include "reports/search_json.h"

#include <string>

namespace coresweep {
namespace {

/// Id of a cell of the search.
std::string IdOf(const SweepSearch& search, int cell) {
  return NameOf(search.plan, cell);
}

OrderedJson IdOrNull(const SweepSearch& search, const std::optional<int>& cell) {
  return cell ? OrderedJson(IdOf(search, *cell)) : OrderedJson(nullptr);
}

/// {"median", "interval"} of ratios of throughputs.
OrderedJson RatioJson(const MedianEstimate& ratio) {
  return {{"median", OrNull(ratio.median)}, {"interval", IntervalJson(ratio)}};
}

OrderedJson GainJson(const SweepSearch& search, const std::optional<SearchGain>& gain,
                     const std::string& why_null) {
  if (!gain) return {{"over", nullptr}, {"why_null", TextOrNull(why_null)}};
  OrderedJson json = {{"over", IdOf(search, gain->against)}};
  json.update(RatioJson(RatioFrom(gain->log_ratio)));
  json["why_null"] = nullptr;
  return json;
}

OrderedJson EvidenceJson(const SweepSearch& search, size_t cell) {
  const CellEvidence& evidence = search.result.cells[cell];
  return {{"id", search.plan.names[cell]},
          {"fate", std::string(ToString(evidence.fate))},
          {"why", TextOrNull(evidence.why)},
          {"launches", evidence.launches},
          {"over_reference", RatioJson(SpeedupFrom(evidence.against_reference))}};
}

}  // namespace

OrderedJson SearchJson(const SweepResult& sweep) {
  if (!sweep.search) return nullptr;
  const SweepSearch& search = *sweep.search;
  const SearchResult& result = search.result;
  OrderedJson survivors = OrderedJson::array();
  for (const int cell : result.survivors)
    survivors.push_back(IdOf(search, cell));
  OrderedJson cells = OrderedJson::array();
  for (size_t cell = 0; cell < result.cells.size(); ++cell)
    cells.push_back(EvidenceJson(search, cell));
  return {{"mode", std::string(ToString(search.plan.mode))},
          {"ended", search.ended},
          {"end", std::string(ToString(result.end))},
          {"sentence", result.sentence},
          {"choice", IdOrNull(search, result.choice)},
          {"survivors", std::move(survivors)},
          {"guarantee", TextOrNull(result.guarantee)},
          {"screening_risk", OrNull(result.screening_risk)},
          {"eps", search.plan.eps},
          {"delta", search.plan.delta},
          {"passes", PassesOf(search.plan)},
          {"reference", sweep.plan.cells[static_cast<size_t>(search.reference)].cell.Id()},
          {"default", IdOrNull(search, search.plan.default_cell)},
          {"gain_over_default", GainJson(search, result.over_default, result.why_no_default)},
          {"gain_over_runner_up", GainJson(search, result.over_runner_up, result.why_no_runner_up)},
          {"probes", result.probes},
          {"launches", result.launches},
          {"references", result.references},
          {"cells", std::move(cells)}};
}

}  // namespace coresweep
