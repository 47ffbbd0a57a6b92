#include "reports/html_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

#include "reports/html_page.h"
#include "reports/html_text.h"
#include "reports/json_members.h"
#include "reports/text.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

constexpr size_t kMostLaunches = 200;
constexpr size_t kMostTableReasons = 500;

std::string Capital(std::string word) {
  if (!word.empty() && word[0] >= 'a' && word[0] <= 'z')
    word[0] = static_cast<char>(word[0] - 'a' + 'A');
  return word;
}

std::string Thousandths(double value) {
  return Quantity(value / 1e3);
}

std::string PercentNumber(double share) {
  return fmt::format("{:.0f}", share * 100);
}

std::string PercentTenths(double share) {
  return fmt::format("{:.1f}", share * 100);
}

/// Sorted by how bad it is; a sign beside the word.
HtmlField VerdictField(const PageCell& cell) {
  const bool ok = cell.verdict == "ok";
  const bool failed = cell.Failed();
  const char* sign = ok ? "✓" : failed ? "✕" : "!";
  const char* look = ok ? "good" : failed ? "bad" : "doubt";
  return {fmt::format("<span class={}><span class=sign aria-hidden=true>{}</span> {}</span>{}",
                      look, sign, Html(cell.verdict), cell.control ? " (control)" : ""),
          ok       ? 0
          : failed ? 2
                   : 1};
}

std::optional<double> PartOfValue(const std::optional<PageValue>& value, double PageValue::*part) {
  if (!value) return std::nullopt;
  return (*value).*part;
}

/// An axis of numbers is sorted as numbers.
HtmlField AxisField(const std::string& value) {
  HtmlField field = TextField(value);
  char* end = nullptr;
  const double number = std::strtod(value.c_str(), &end);
  if (!value.empty() && *end == '\0') field.number = number;
  return field;
}

bool IsNumbers(const StoredPage& page, size_t axis) {
  return std::all_of(page.cells.begin(), page.cells.end(), [axis](const PageCell& cell) {
    const std::string& value = cell.axes[axis].value;
    return value.empty() || AxisField(value).number.has_value();
  });
}

std::string Reasons(const std::string& heading, const std::vector<std::string>& items) {
  if (items.empty()) return "";
  std::string list;
  for (size_t i = 0; i < std::min(items.size(), kMostTableReasons); ++i)
    list += "<li>" + items[i] + "</li>\n";
  if (items.size() > kMostTableReasons)
    list += fmt::format("<li>… and {} more in the report</li>\n", items.size() - kMostTableReasons);
  return fmt::format("<h3>{}</h3><ul class=reasons>{}</ul>", Html(heading), list);
}

std::optional<double> QuotientOf(const std::optional<double>& part,
                                 const std::optional<double>& whole) {
  if (!part || !whole || *whole <= 0) return std::nullopt;
  return *part / *whole;
}

HtmlField LawField(const Json& law, const char* key) {
  return FigureField(MemberNumber(law, key), Quantity);
}

/// Those that tables have: the fastest, and the recommended one in any case.
std::vector<size_t> Fastest(const StoredPage& page) {
  std::vector<size_t> order = FastestFirst(page);
  if (order.size() <= kMostTableCells) return order;
  const auto cut = order.begin() + static_cast<std::ptrdiff_t>(kMostTableCells);
  const bool slow =
      page.recommended && std::find(cut, order.end(), *page.recommended) != order.end();
  order.erase(cut, order.end());
  if (slow) order.push_back(*page.recommended);
  return order;
}

}  // namespace

double LaunchStrain::Worst() const {
  return std::max({throttled.value_or(0), stolen.value_or(0), pressure.value_or(0)});
}

LaunchStrain StrainOf(const Json& trial) {
  const Json& system = MemberOf(trial, "system");
  return {MemberNumber(MemberOf(trial, "throttle"), "throttled_share"),
          MemberNumber(system, "steal_share"),
          QuotientOf(MemberNumber(MemberOf(system, "pressure"), "cpu_ms"),
                     MemberNumber(system, "interval_ms"))};
}

std::vector<size_t> FastestFirst(const StoredPage& page) {
  std::vector<size_t> order(page.cells.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&page](size_t a, size_t b) {
    const auto& left = page.cells[a].throughput_per_s;
    const auto& right = page.cells[b].throughput_per_s;
    return left && (!right || left->median > right->median);
  });
  return order;
}

std::vector<size_t> VariedAxes(const StoredPage& page) {
  std::vector<size_t> varied;
  const size_t axes = page.cells.empty() ? 0 : page.cells.front().axes.size();
  for (size_t axis = 0; axis < axes; ++axis) {
    std::optional<std::string> first;
    bool varies = false;
    for (const PageCell& cell : page.cells) {
      const std::string& value = cell.axes[axis].value;
      if (value.empty()) continue;  // a control has no such axis
      varies = varies || (first && *first != value);
      if (!first) first = value;
    }
    if (varies) varied.push_back(axis);
  }
  return varied;
}

std::string CellsTable(const StoredPage& page) {
  const std::vector<size_t> axes = VariedAxes(page);
  std::vector<HtmlTable::Heading> headings{{"Cell", false, ""}};
  for (const HtmlTable::Heading& heading : {HtmlTable::Heading{"Throughput", true, "items/s"},
                                            {"Low", true, "items/s"},
                                            {"High", true, "items/s"},
                                            {"Speedup", true, "×"},
                                            {"Efficiency", true, "%"},
                                            {"p50", true, "ms"},
                                            {"p90", true, "ms"},
                                            {"p99", true, "ms"},
                                            {"Runs", true, ""},
                                            {"Verdict", false, ""}})
    headings.push_back(heading);
  for (const size_t axis : axes)
    headings.push_back({Capital(page.cells.front().axes[axis].name), IsNumbers(page, axis), ""});
  HtmlTable table("cells",
                  page.cells.size() <= kMostTableCells
                      ? "All cells, fastest first"
                      : fmt::format("The {} fastest of {} cells; --format csv has all",
                                    Quantity(static_cast<double>(kMostTableCells)),
                                    Quantity(static_cast<double>(page.cells.size()))),
                  headings);
  for (const size_t at : Fastest(page)) {
    const PageCell& cell = page.cells[at];
    const bool best = page.recommended == at;
    std::vector<HtmlField> row{
        {fmt::format("<code>{}</code>{}", Html(cell.id),
                     best ? " <b class=star>★<span class=hidden> recommended</span></b>" : ""),
         {}}};
    row.push_back(FigureField(PartOfValue(cell.throughput_per_s, &PageValue::median), Quantity));
    row.push_back(FigureField(PartOfValue(cell.throughput_per_s, &PageValue::low), Quantity));
    row.push_back(FigureField(PartOfValue(cell.throughput_per_s, &PageValue::high), Quantity));
    row.push_back(FigureField(PartOfValue(cell.speedup, &PageValue::median), Ratio));
    row.push_back(
        FigureField(PartOfValue(cell.parallel_efficiency, &PageValue::median), PercentNumber));
    for (const auto& latency : {cell.p50_us, cell.p90_us, cell.p99_us})
      row.push_back(FigureField(latency, Thousandths));
    row.push_back({std::to_string(cell.repetitions), cell.repetitions});
    row.push_back(VerdictField(cell));
    for (const size_t axis : axes)
      row.push_back(AxisField(cell.axes[axis].value));
    table.Add(row, best);
  }
  return table.Text();
}

std::string ChunkTimesTable(const StoredPage& page, const std::vector<CellSamples>& samples) {
  HtmlTable table("chunks",
                  fmt::format("Where the time of a chunk goes: means over the sampled chunks{}",
                              page.cells.size() > kMostTableCells
                                  ? fmt::format("; the {} fastest cells",
                                                Quantity(static_cast<double>(kMostTableCells)))
                                  : std::string()),
                  {{"Cell", false, ""},
                   {"Queue", true, "ms"},
                   {"Transport", true, "ms"},
                   {"Compute", true, "ms"},
                   {"Merge", true, "ms"},
                   {"Sum", true, "ms"},
                   {"Chunks", true, "sampled"}});
  for (const size_t at : Fastest(page)) {
    if (!samples[at].parts) continue;
    const ChunkParts& parts = *samples[at].parts;
    const double sum = parts.queue_us + parts.transport_us + parts.compute_us + parts.merge_us;
    table.Add({{fmt::format("<code>{}</code>", Html(page.cells[at].id)), {}},
               FigureField(parts.queue_us, Thousandths),
               parts.apart ? FigureField(parts.transport_us, Thousandths)
                           : HtmlField{"in queue, merge", {}},
               FigureField(parts.compute_us, Thousandths),
               FigureField(parts.merge_us, Thousandths),
               FigureField(sum, Thousandths),
               {Quantity(static_cast<double>(samples[at].chunks)),
                static_cast<double>(samples[at].chunks)}},
              page.recommended == at);
  }
  return table.Empty() ? "<p>The report has no sampled chunks.</p>" : table.Text();
}

std::string ScalingTable(const Json& report) {
  HtmlTable table("laws", "Laws of scaling, fitted to the speedups over workers",
                  {{"Cells", false, ""},
                   {"Parallel share", true, "Amdahl, %"},
                   {"Contention σ", true, "USL"},
                   {"Coherency κ", true, "USL"},
                   {"Best", true, "workers, USL"},
                   {"Largest error", true, "%"},
                   {"Not fitted because", false, ""}});
  for (const Json& group : MemberOf(report, "scaling")) {
    const Json& amdahl = MemberOf(group, "amdahl");
    const Json& universal = MemberOf(group, "universal");
    auto error = MemberNumber(universal, "largest_error");
    if (!error) error = MemberNumber(amdahl, "largest_error");
    const std::string why = MemberText(amdahl, "why_null");
    const std::string why_universal = MemberText(universal, "why_null");
    table.Add({{fmt::format("<code>{}</code>", Html(MemberText(group, "cells"))), {}},
               FigureField(MemberNumber(amdahl, "parallel_share"), PercentTenths),
               LawField(universal, "sigma"),
               LawField(universal, "kappa"),
               LawField(universal, "best_workers"),
               FigureField(error, PercentTenths),
               TextField(why.empty() && !why_universal.empty() ? "USL: " + why_universal : why)});
  }
  return table.Empty() ? "" : table.Text();
}

std::string LaunchesTable(const Json& report) {
  const Json& trials = MemberOf(report, "trials");
  std::vector<std::pair<double, size_t>> order;
  for (size_t i = 0; i < trials.size(); ++i)
    order.emplace_back(-StrainOf(trials[i]).Worst(), i);
  std::sort(order.begin(), order.end());
  const bool all = order.size() <= kMostLaunches;
  if (!all) order.resize(kMostLaunches);
  HtmlTable table("launches",
                  all ? "Launches, the most disturbed first"
                      : fmt::format("The {} most disturbed launches of {}", kMostLaunches,
                                    Quantity(static_cast<double>(trials.size()))),
                  {{"Launch", true, ""},
                   {"Cell", false, ""},
                   {"Throttled", true, "% of periods"},
                   {"Stolen", true, "% of CPU time"},
                   {"CPU pressure", true, "% of time"},
                   {"Outcome", false, ""}});
  for (const auto& [worst, at] : order) {
    const LaunchStrain strain = StrainOf(trials[at]);
    const auto number = static_cast<double>(at + 1);
    table.Add({{std::to_string(at + 1), number},
               {fmt::format("<code>{}</code>", Html(MemberText(trials[at], "cell"))), {}},
               FigureField(strain.throttled, PercentTenths),
               FigureField(strain.stolen, PercentTenths),
               FigureField(strain.pressure, PercentTenths),
               TextField(MemberText(trials[at], "outcome"))});
  }
  return table.Empty() ? "" : table.Text();
}

std::string FailuresAndSkipped(const StoredPage& page) {
  std::vector<std::string> failed;
  std::vector<std::string> skipped;
  for (const PageCell& cell : page.cells) {
    if (!cell.Failed()) continue;
    failed.push_back(
        fmt::format("<span class=bad><span class=sign aria-hidden=true>✕</span> "
                    "{}</span> <code>{}</code>: {}",
                    Html(cell.verdict), Html(cell.id), Html(cell.reason)));
  }
  for (const PageSkip& skip : page.skipped)
    skipped.push_back(fmt::format("<code>{}</code>: {}", Html(skip.id), Html(skip.reason)));
  const std::string text = Reasons("Failed", failed) + Reasons("Skipped", skipped);
  return text.empty() ? "<p>No cell failed and none was skipped.</p>" : text;
}

std::string HowMeasured(const Json& report) {
  const Json& host = MemberOf(report, "host");
  const Json& tool = MemberOf(report, "tool");
  std::string list =
      HtmlFact("CPU", MemberText(host, "cpu_model")) +
      HtmlFact("CPUs allowed", MemberText(host, "allowed")) +
      HtmlFact("CPUs usable", MemberText(host, "usable_cpus")) +
      HtmlFact("System", MemberText(host, "os")) + HtmlFact("Kernel", MemberText(host, "kernel")) +
      HtmlFact("Fingerprint of the host", MemberText(host, "fingerprint")) +
      HtmlFact("Program", "coresweep " + MemberText(tool, "version")) +
      HtmlFact("Compiler", MemberText(tool, "compiler")) +
      HtmlFact("Begun", MemberText(report, "created")) +
      HtmlFact("Digest of the workload", MemberText(MemberOf(report, "workload"), "digest")) +
      HtmlFact("Command", MemberText(MemberOf(report, "config"), "argv"));
  std::string config;
  for (const auto& [key, value] : MemberOf(MemberOf(report, "config"), "effective").items())
    config += HtmlFact(key, value.is_string() ? value.get<std::string>() : value.dump());
  return fmt::format(
      "<dl class=facts>{}</dl><details><summary>Every setting in force</summary>"
      "<dl class=facts>{}</dl></details>",
      list, config);
}

}  // namespace coresweep
