#include "reports/html_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "reports/html_answer.h"
#include "reports/html_chart_data.h"
#include "reports/html_machine.h"
#include "reports/html_page.h"
#include "reports/html_samples.h"
#include "reports/html_tables.h"
#include "reports/html_text.h"
#include "reports/json_members.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

constexpr HtmlFigure kSpeedup{
    "speedup", "Speedup over workers",
    "Over one process with the same threads, placement and chunk. Whiskers: interval where there "
    "is one, else least to greatest.",
    "cells", "Needs cells that differ in nothing but the number of workers, with a speedup."};
constexpr HtmlFigure kPareto{
    "pareto", "Throughput against latency",
    "Up and to the left is better. Cells on the Pareto front are beaten in "
    "both by no other cell.",
    "cells", "Needs cells with throughput and latency."};
constexpr HtmlFigure kParts{
    "parts", "Where the time of a chunk goes",
    "Mean over the sampled chunks. Queue: behind an earlier chunk of its worker. Transport: there "
    "and back, and waking up. Merge: waiting for earlier chunks, for the order.",
    "chunks", "Needs sampled chunks."};
constexpr HtmlFigure kLatencyFigure{
    "latency", "Latency of a chunk by percentile",
    "The lower and flatter the better. A percentile is shown where ten or "
    "more chunks are slower.",
    "cells", "Needs at least some tens of sampled chunks in a cell."};
constexpr HtmlFigure kStrain{
    "strain",
    "Throttling, steal and pressure over the run",
    "Each launch by when it started. Throttled: share of the quota's periods. "
    "Stolen: share of CPU time. Pressure: share of the time in which a task "
    "waited for a CPU.",
    "launches",
    "The host told nothing of throttling, steal or pressure.",
    true};

std::string HeatMap(const ChartData& data) {
  std::string html =
      "<figure id=fig-heat class=card aria-labelledby=name-heat><figcaption>"
      "<h3 id=name-heat>Two axes against each other</h3>";
  html += data.axes
              ? "<p>The best cell of each pair of values. The stronger the tint, the better; the "
                "number says how good.</p></figcaption><div class=controls hidden></div>"
                "<div class=plot-table tabindex=0 role=region aria-labelledby=name-heat></div>"
              : "<p class=missing>Not drawn. Needs cells that differ in two axes.</p></figcaption>";
  return html += "</figure>\n";
}

std::string MachineFigure(const Json& report, const StoredPage& page) {
  const Json none;
  const Json& cell = page.recommended ? MemberOf(report, "cells").at(*page.recommended) : none;
  const std::string machine = HtmlMachine(report, cell);
  const std::string head =
      "<figure id=fig-machine class=card aria-labelledby=name-machine><figcaption>"
      "<h3 id=name-machine>Who sits where</h3>";
  if (machine.empty())
    return head + "<p class=missing>Not drawn. The report has no CPUs.</p></figcaption></figure>\n";
  const std::string of =
      page.recommended ? fmt::format("<code>{}</code>", Html(page.cells[*page.recommended].id))
                       : std::string("no cell");
  return head +
         fmt::format(
             "<p>CPUs that may be used, with the workers (w0, w1, …) and the dispatcher (D) of "
             "<span class=of>{}</span>, as read back from the workers. A worker on several CPUs "
             "may "
             "run on any of them.</p></figcaption><div class=controls hidden></div>{}</figure>\n",
             of, machine);
}

std::string Charts(const Json& report, const StoredPage& page, const ChartData& data,
                   const SweepCosts* costs) {
  const std::string thinned =
      data.thinned_launches ? " Of neighbouring launches the worst is shown." : "";
  std::string html = std::string(HtmlNoScript()) + "<div class=charts>";
  html += HtmlFigureText(kSpeedup, data.speedup);
  html += HtmlFigureText(kPareto, data.latency);
  html += HtmlFigureText(kParts, data.parts);
  html += HtmlFigureText(kLatencyFigure, data.curves);
  html += HeatMap(data);
  html += MachineFigure(report, page);
  html += HtmlFigureText(kStrain, data.launches, thinned);
  if (costs != nullptr) return html + CostFigure(*costs) + "</div>";
  html +=
      "</div><p class=missing>Throughput against cost is not drawn: a report has no prices. With "
      "--price-book it is; <code>coresweep cost REPORT</code> estimates costs from it.</p>";
  return html;
}

std::string Banner(const Json& report, const StoredPage& page) {
  const Json& host = MemberOf(report, "host");
  const std::string cpus = MemberText(host, "usable_cpus");
  return HtmlBanner("coresweep report", page.workload,
                    {MemberText(host, "cpu_model"),
                     cpus.empty() ? "" : cpus + (cpus == "1" ? " usable CPU" : " usable CPUs"),
                     page.created.substr(0, page.created.find('T')),
                     page.version.empty() ? "" : "coresweep " + page.version,
                     page.finished ? "finished" : "not finished"},
                    {{"answer", "Answer"},
                     {"limits", "Limits"},
                     {"warnings", "Warnings"},
                     {"charts", "Charts"},
                     {"tables", "Tables"},
                     {"how", "How measured"}});
}

std::vector<CellSamples> AllSamples(const Json& report, const StoredPage& page) {
  const TrialsByCell trials = CountingTrials(report);
  std::vector<CellSamples> samples;
  for (const PageCell& cell : page.cells) {
    const auto found = trials.find(cell.id);
    samples.push_back(found == trials.end() ? CellSamples{} : SamplesOf(found->second));
  }
  return samples;
}

std::string Titled(const char* title, const std::string& inside) {
  return inside.empty() ? "" : fmt::format("<h3>{}</h3>{}", title, inside);
}

}  // namespace

std::string RenderHtml(const Json& report, const StoredPage& page, const SweepCosts* costs) {
  const std::vector<CellSamples> samples = AllSamples(report, page);
  const ChartData data = MakeChartData(report, page, samples, CostsJson(costs, page));
  std::string text = HtmlHead("coresweep: " + page.workload, HtmlPageKind::kSweep);
  text += Banner(report, page);
  text += HtmlSection("answer", "Answer", HtmlAnswer(report, page));
  text += HtmlSection("limits", "What limits it, and what to try", HtmlLimits(report, page));
  text += HtmlSection("warnings", "Warnings", HtmlWarnings(report, page));
  text += HtmlSection("charts", "Charts", Charts(report, page, data, costs));
  // Before the tables: the charts need not wait for thousands of rows.
  text += HtmlScripts(HtmlPageKind::kSweep, data.json);
  text += HtmlSection("tables", "Tables",
                      CellsTable(page) + ChunkTimesTable(page, samples) +
                          Titled("Laws of scaling", ScalingTable(report)) +
                          Titled("Launches", LaunchesTable(report)) +
                          (costs == nullptr ? "" : Titled("Costs", CostsTable(*costs))) +
                          FailuresAndSkipped(page));
  text += HtmlSection("how", "How this was measured", HowMeasured(report));
  text += HtmlEnd(
      "Speedup is over one process with the same threads, placement and chunk; efficiency is "
      "speedup / workers; latency is that of a chunk, from its issue, under open load from its due "
      "time, until it was merged.",
      page.version);
  return text;
}

}  // namespace coresweep
