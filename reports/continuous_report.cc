#include "reports/continuous_report.h"

#include <fmt/format.h>

#include <string_view>

#include "reports/json_values.h"
#include "reports/text.h"

namespace coresweep {
namespace {

/// Wrong answers are no performance: a service would take their figures for good ones.
bool Counts(const PageCell& cell) {
  return !cell.Failed() && cell.throughput_per_s.has_value();
}

std::string NameOf(const StoredPage& page, const PageCell& cell) {
  constexpr size_t kMost = 1024;  // of Bencher
  return Shorten(Printable(page.workload + " " + cell.id), kMost);
}

OrderedJson MetricJson(const PageValue& value) {
  return {{"value", value.median}, {"lower_value", value.low}, {"upper_value", value.high}};
}

OrderedJson ActionEntry(const std::string& name, const char* unit, const PageValue& value,
                        const std::string& extra) {
  return {{"name", name},
          {"unit", unit},
          {"value", value.median},
          {"range", fmt::format("{:.6g} to {:.6g}", value.low, value.high)},
          {"extra", extra}};
}

std::string ExtraOf(const PageCell& cell) {
  std::string extra =
      fmt::format("verdict: {}\nrepetitions: {}", Printable(cell.verdict), cell.repetitions);
  if (cell.p50_us) extra += fmt::format("\nlatency p50: {}", Duration(*cell.p50_us));
  if (cell.p99_us) extra += fmt::format("\nlatency p99: {}", Duration(*cell.p99_us));
  return extra;
}

std::string Quoted(std::string_view from) {
  std::string field = "\"";
  for (const char c : Printable(from)) {
    if (c == '"') field += '"';
    field += c;
  }
  return field + '"';
}

}  // namespace

std::string RenderBencher(const StoredPage& page) {
  OrderedJson all = OrderedJson::object();
  for (const PageCell& cell : page.cells) {
    if (!Counts(cell)) continue;
    OrderedJson measures{{"throughput", MetricJson(*cell.throughput_per_s)}};
    if (cell.p50_us) measures["latency"] = {{"value", *cell.p50_us * 1e3}};
    if (cell.p99_us) measures["latency-p99"] = {{"value", *cell.p99_us * 1e3}};
    all[NameOf(page, cell)] = std::move(measures);
  }
  return DumpIndented(all);
}

std::string RenderGithubActionBenchmark(const StoredPage& page) {
  OrderedJson all = OrderedJson::array();
  for (const PageCell& cell : page.cells) {
    if (!Counts(cell)) continue;
    const std::string name = NameOf(page, cell);
    const std::string extra = ExtraOf(cell);
    all.push_back(ActionEntry(name + " throughput", "items/s", *cell.throughput_per_s, extra));
    if (cell.speedup) all.push_back(ActionEntry(name + " speedup", "ratio", *cell.speedup, extra));
  }
  return DumpIndented(all);
}

std::string RenderOtava(const StoredPage& page) {
  std::string heading = "time,program";
  std::string row = fmt::format("{},{}", Quoted(page.created), Quoted("coresweep " + page.version));
  for (const PageCell& cell : page.cells) {
    if (cell.Failed()) continue;
    heading += "," + Quoted("throughput_items_per_s " + cell.id);
    heading += "," + Quoted("latency_p50_us " + cell.id);
    row += fmt::format(
        ",{},{}", cell.throughput_per_s ? fmt::format("{}", cell.throughput_per_s->median) : "",
        cell.p50_us ? fmt::format("{}", *cell.p50_us) : "");
  }
  return heading + "\n" + row + "\n";
}

}  // namespace coresweep
