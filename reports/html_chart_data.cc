#include "reports/html_chart_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "reports/html_tables.h"
#include "reports/html_text.h"
#include "reports/json_members.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;
using Ordered = nlohmann::ordered_json;

template <typename ValueOf>
Ordered ChartColumn(const StoredPage& page, ValueOf value_of) {
  Ordered column = Ordered::array();
  for (const PageCell& cell : page.cells)
    column.push_back(value_of(cell));
  return column;
}

Ordered Part(const std::optional<PageValue>& value, double PageValue::*part) {
  if (!value) return nullptr;
  return ChartNumber((*value).*part);
}

Ordered CellColumns(const StoredPage& page) {
  const auto value = [&page](std::optional<PageValue> PageCell::*of, double PageValue::*part) {
    return ChartColumn(page, [=](const PageCell& cell) { return Part(cell.*of, part); });
  };
  const auto latency = [&page](std::optional<double> PageCell::*of) {
    return ChartColumn(page, [=](const PageCell& cell) { return ChartNumber(cell.*of); });
  };
  return {{"id", ChartColumn(page, [](const PageCell& cell) { return cell.id; })},
          {"verdict", ChartColumn(page, [](const PageCell& cell) { return cell.verdict; })},
          {"control", ChartColumn(page, [](const PageCell& cell) { return cell.control ? 1 : 0; })},
          {"workers", ChartColumn(page,
                                  [](const PageCell& cell) {
                                    return std::strtol(cell.axes[1].value.c_str(), nullptr, 10);
                                  })},
          {"throughput", value(&PageCell::throughput_per_s, &PageValue::median)},
          {"speedup", value(&PageCell::speedup, &PageValue::median)},
          {"low", value(&PageCell::speedup, &PageValue::low)},
          {"high", value(&PageCell::speedup, &PageValue::high)},
          {"confidence", ChartColumn(page,
                                     [](const PageCell& cell) {
                                       return ChartNumber(cell.speedup ? cell.speedup->confidence
                                                                       : std::nullopt);
                                     })},
          {"efficiency", value(&PageCell::parallel_efficiency, &PageValue::median)},
          {"p50", latency(&PageCell::p50_us)},
          {"p90", latency(&PageCell::p90_us)},
          {"p99", latency(&PageCell::p99_us)}};
}

/// Values as a number where they are all numbers, so that an axis is in its order.
bool Before(const std::string& a, const std::string& b) {
  char* end_a = nullptr;
  char* end_b = nullptr;
  const double x = std::strtod(a.c_str(), &end_a);
  const double y = std::strtod(b.c_str(), &end_b);
  const bool numbers = *end_a == '\0' && *end_b == '\0';
  return numbers && x != y ? x < y : a < b;
}

/// The axes that vary, each with its values and, for each cell, which of them (-1: none).
Ordered AxesOf(const StoredPage& page) {
  Ordered axes = Ordered::array();
  for (const size_t axis : VariedAxes(page)) {
    std::vector<std::string> values;
    for (const PageCell& cell : page.cells) {
      if (!cell.axes[axis].value.empty()) values.push_back(cell.axes[axis].value);
    }
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    std::sort(values.begin(), values.end(), Before);
    std::map<std::string, int> index;
    int at = 0;
    for (const std::string& value : values)
      index[value] = at++;
    axes.push_back({{"name", page.cells.front().axes[axis].name},
                    {"values", values},
                    {"of", ChartColumn(page, [&](const PageCell& cell) {
                       const auto found = index.find(cell.axes[axis].value);
                       return found == index.end() ? -1 : found->second;
                     })}});
  }
  return axes;
}

/// The id of a cell without its number of workers: what the report calls a group of scaling.
std::string GroupOf(const PageCell& cell) {
  const std::string workers = "/w" + cell.axes[1].value + "/";
  const size_t at = cell.id.find(workers);
  if (at == std::string::npos) return "";
  return cell.id.substr(0, at) + cell.id.substr(at + workers.size() - 1);
}

Ordered LawJson(const Json& law) {
  const auto lambda = MemberNumber(law, "lambda");
  const auto sigma = MemberNumber(law, "sigma");
  if (!lambda || !sigma) return nullptr;
  return {ChartNumber(lambda), ChartNumber(sigma),
          ChartNumber(MemberNumber(law, "kappa").value_or(0))};
}

/// Cells that are equal but for their workers and have a speedup, with the laws fitted to them.
Ordered GroupsOf(const Json& report, const StoredPage& page) {
  std::map<std::string, std::vector<size_t>> cells;
  std::vector<std::string> names;  // in the order of the cells
  for (size_t i = 0; i < page.cells.size(); ++i) {
    if (!page.cells[i].speedup) continue;
    const std::string group = GroupOf(page.cells[i]);
    if (group.empty()) continue;
    if (cells[group].empty()) names.push_back(group);
    cells[group].push_back(i);
  }
  std::map<std::string, const Json*> laws;
  for (const Json& law : MemberOf(report, "scaling"))
    laws.emplace(MemberText(law, "cells"), &law);
  Ordered groups = Ordered::array();
  for (const std::string& name : names) {
    if (cells[name].size() < 2) continue;
    const auto law = laws.find(name);
    const Json none;
    const Json& found = law == laws.end() ? none : *law->second;
    groups.push_back({{"name", name},
                      {"cells", cells[name]},
                      {"amdahl", LawJson(MemberOf(found, "amdahl"))},
                      {"universal", LawJson(MemberOf(found, "universal"))}});
  }
  return groups;
}

Ordered PartsJson(const std::optional<ChunkParts>& parts) {
  if (!parts) return nullptr;
  return {ChartNumber(parts->queue_us), ChartNumber(parts->transport_us),
          ChartNumber(parts->compute_us), ChartNumber(parts->merge_us), parts->apart ? 1 : 0};
}

Ordered PlacesJson(const Json& cell) {
  Ordered places = Ordered::array();
  for (const Json& worker : MemberOf(cell, "workers_detail")) {
    const std::string effective = MemberText(worker, "cpus_effective");
    places.push_back(effective.empty() ? MemberText(worker, "cpus_requested") : effective);
  }
  return places;
}

Ordered DetailJson(const Json& report, const StoredPage& page,
                   const std::vector<CellSamples>& samples) {
  std::vector<size_t> order = FastestFirst(page);
  if (page.recommended) {
    const auto best = std::find(order.begin(), order.end(), *page.recommended);
    std::rotate(order.begin(), best, best + 1);
  }
  order.resize(std::min(order.size(), kMostDetailedCells));
  Ordered details = Ordered::array();
  for (const size_t at : order) {
    Ordered curve = Ordered::array();
    for (const auto& [share, us] : samples[at].percentiles)
      curve.push_back({share, ChartNumber(us)});
    const Json& cell = MemberOf(report, "cells").at(at);
    details.push_back({{"cell", at},
                       {"parts", PartsJson(samples[at].parts)},
                       {"curve", std::move(curve)},
                       {"chunks", samples[at].chunks},
                       {"places", PlacesJson(cell)},
                       {"dispatcher", MemberText(cell, "dispatcher_cpus")}});
  }
  return details;
}

/// Seconds since 1970 of an RFC 3339 time in UTC.
std::optional<double> SecondsOf(const std::string& time) {
  std::tm parts{};
  const char* rest = strptime(time.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr) return std::nullopt;
  return static_cast<double>(timegm(&parts)) + (*rest == '.' ? std::strtod(rest, nullptr) : 0);
}

/// Of each stretch of launches the worst.
std::vector<size_t> LaunchesToShow(const std::vector<LaunchStrain>& strains) {
  const size_t stretch = (strains.size() + kMostLaunchPoints - 1) / kMostLaunchPoints;
  std::vector<size_t> shown;
  for (size_t begin = 0; begin < strains.size(); begin += stretch) {
    size_t worst = begin;
    for (size_t i = begin; i < std::min(begin + stretch, strains.size()); ++i) {
      if (strains[i].Worst() > strains[worst].Worst()) worst = i;
    }
    shown.push_back(worst);
  }
  return shown;
}

Ordered LaunchesJson(const Json& report, ChartData& data) {
  const Json& trials = MemberOf(report, "trials");
  std::vector<LaunchStrain> strains;
  for (const Json& trial : trials) {
    strains.push_back(StrainOf(trial));
    const LaunchStrain& last = strains.back();
    data.launches = data.launches || last.throttled || last.stolen || last.pressure;
  }
  const std::vector<size_t> shown = LaunchesToShow(strains);
  data.thinned_launches = shown.size() < strains.size();
  const auto column = [&](auto value_of) {
    Ordered values = Ordered::array();
    for (const size_t at : shown)
      values.push_back(value_of(at));
    return values;
  };
  const auto share = [&](std::optional<double> LaunchStrain::*of) {
    return column([&](size_t at) { return ChartNumber(strains[at].*of); });
  };
  const auto first = shown.empty() ? std::nullopt : SecondsOf(MemberText(trials.at(0), "started"));
  return {{"number", column([](size_t at) { return at + 1; })},
          {"at_s", column([&](size_t at) -> Ordered {
             const auto time = SecondsOf(MemberText(trials.at(at), "started"));
             if (!time || !first) return nullptr;
             return ChartNumber(*time - *first);
           })},
          {"throttled", share(&LaunchStrain::throttled)},
          {"stolen", share(&LaunchStrain::stolen)},
          {"pressure", share(&LaunchStrain::pressure)}};
}

}  // namespace

ChartData MakeChartData(const Json& report, const StoredPage& page,
                        const std::vector<CellSamples>& samples, Ordered costs) {
  ChartData data;
  Ordered axes = AxesOf(page);
  Ordered groups = GroupsOf(report, page);
  data.axes = axes.size() >= 2;
  data.speedup = !groups.empty();
  for (const PageCell& cell : page.cells)
    data.latency = data.latency || (cell.throughput_per_s && cell.p50_us);
  for (const CellSamples& cell : samples) {
    data.parts = data.parts || cell.parts;
    data.curves = data.curves || cell.percentiles.size() > 1;
  }
  Ordered launches = LaunchesJson(report, data);
  data.json =
      ScriptJson({{"best", page.recommended ? Ordered(*page.recommended) : Ordered(nullptr)},
                  {"cells", CellColumns(page)},
                  {"axes", std::move(axes)},
                  {"groups", std::move(groups)},
                  {"costs", std::move(costs)},
                  {"details", DetailJson(report, page, samples)},
                  {"launches", std::move(launches)}});
  return data;
}

}  // namespace coresweep
