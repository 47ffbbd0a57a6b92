#include "reports/html_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "reports/html_answer.h"
#include "reports/html_assets.h"
#include "reports/html_chart_data.h"
#include "reports/html_machine.h"
#include "reports/html_samples.h"
#include "reports/html_tables.h"
#include "reports/html_text.h"
#include "reports/json_members.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

/// A chart: what it is, how to read it, and what it needs. All texts are this program's own HTML.
struct Figure {
  const char* id;
  const char* title;
  const char* how;      ///< to read it
  const char* table;    ///< id of the table with its figures
  const char* missing;  ///< what the report would need
  bool wide = false;
};

constexpr Figure kSpeedup{
    "speedup", "Speedup over workers",
    "Over one process with the same threads, placement and chunk. Whiskers: interval where there "
    "is one, else least to greatest.",
    "cells", "Needs cells that differ in nothing but the number of workers, with a speedup."};
constexpr Figure kPareto{"pareto", "Throughput against latency",
                         "Up and to the left is better. Cells on the Pareto front are beaten in "
                         "both by no other cell.",
                         "cells", "Needs cells with throughput and latency."};
constexpr Figure kParts{
    "parts", "Where the time of a chunk goes",
    "Mean over the sampled chunks. Queue: behind an earlier chunk of its worker. Transport: there "
    "and back, and waking up. Merge: waiting for earlier chunks, for the order.",
    "chunks", "Needs sampled chunks."};
constexpr Figure kLatency{"latency", "Latency of a chunk by percentile",
                          "The lower and flatter the better. A percentile is shown where ten or "
                          "more chunks are slower.",
                          "cells", "Needs at least some tens of sampled chunks in a cell."};
constexpr Figure kStrain{"strain",
                         "Throttling, steal and pressure over the run",
                         "Each launch by when it started. Throttled: share of the quota's periods. "
                         "Stolen: share of CPU time. Pressure: share of the time in which a task "
                         "waited for a CPU.",
                         "launches",
                         "The host told nothing of throttling, steal or pressure.",
                         true};

std::string FigureHtml(const Figure& figure, bool there, const std::string& note = "") {
  const std::string head = fmt::format(
      "<figure id=\"fig-{0}\" class=\"card{2}\" aria-labelledby=\"name-{0}\"><figcaption>"
      "<h3 id=\"name-{0}\">{1}</h3>",
      figure.id, figure.title, figure.wide ? " wide" : "");
  if (!there)
    return head + fmt::format("<p class=missing>Not drawn. {}</p></figcaption></figure>\n",
                              figure.missing);
  return head +
         fmt::format(
             "<p>{1}{2}</p></figcaption><div class=controls hidden></div>"
             "<div class=plot><canvas id=\"plot-{0}\" role=img "
             "aria-label=\"Chart. Its figures are in the table after it.\">"
             "</canvas></div><div class=figures><a href=\"#{3}\">Figures in the table</a></div>"
             "</figure>\n",
             figure.id, figure.how, note, figure.table);
}

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

std::string Charts(const Json& report, const StoredPage& page, const ChartData& data) {
  const std::string thinned =
      data.thinned_launches ? " Of neighbouring launches the worst is shown." : "";
  std::string html =
      "<noscript><p class=noscript>The charts need scripts, which are off here. Their figures are "
      "in the tables below.</p></noscript><div class=charts>";
  html += FigureHtml(kSpeedup, data.speedup);
  html += FigureHtml(kPareto, data.latency);
  html += FigureHtml(kParts, data.parts);
  html += FigureHtml(kLatency, data.curves);
  html += HeatMap(data);
  html += MachineFigure(report, page);
  html += FigureHtml(kStrain, data.launches, thinned);
  html +=
      "</div><p class=missing>Throughput against cost is not drawn: a report has no prices. "
      "<code>coresweep cost REPORT</code> estimates costs from it.</p>";
  return html;
}

std::string Section(const char* id, const char* title, const std::string& inside) {
  return fmt::format(
      "<section id={0} aria-labelledby={0}-title><h2 id={0}-title>{1}</h2>\n{2}"
      "</section>\n",
      id, title, inside);
}

std::string Head(const std::string& title) {
  const std::string policy = fmt::format(
      "default-src 'none'; base-uri 'none'; form-action 'none'; script-src '{}' '{}'; "
      "style-src '{}'",
      CspSource(ChartLibrary().sha256), CspSource(PageScript().sha256),
      CspSource(PageStyle().sha256));
  return fmt::format(
      "<!doctype html>\n<html lang=en><head><meta charset=utf-8>\n"
      "<meta http-equiv=Content-Security-Policy content=\"{}\">\n"
      "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=color-scheme content=\"light dark\">\n<title>{}</title>\n<style>{}</style>"
      "</head>\n",
      policy, title, PageStyle().text);
}

std::string Banner(const Json& report, const StoredPage& page) {
  const Json& host = MemberOf(report, "host");
  std::string facts;
  const std::string cpus = MemberText(host, "usable_cpus");
  for (const std::string& fact :
       {MemberText(host, "cpu_model"),
        cpus.empty() ? "" : cpus + (cpus == "1" ? " usable CPU" : " usable CPUs"),
        page.created.substr(0, page.created.find('T')),
        page.version.empty() ? "" : "coresweep " + page.version,
        std::string(page.finished ? "finished" : "not finished")}) {
    if (!fact.empty()) facts += fmt::format("<li>{}</li>", Html(fact));
  }
  return fmt::format(
      "<body><a class=skip href=\"#answer\">Skip to the answer</a>\n<header><p class=kind>"
      "coresweep report</p><h1>{}</h1><ul class=facts-line>{}</ul>"
      "<nav aria-label=\"Parts of this page\"><a href=\"#answer\">Answer</a>"
      "<a href=\"#limits\">Limits</a><a href=\"#warnings\">Warnings</a>"
      "<a href=\"#charts\">Charts</a><a href=\"#tables\">Tables</a><a href=\"#how\">How "
      "measured</a></nav></header>\n<main>\n",
      Html(page.workload), facts);
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

std::string RenderHtml(const Json& report, const StoredPage& page) {
  const std::vector<CellSamples> samples = AllSamples(report, page);
  const ChartData data = MakeChartData(report, page, samples);
  std::string text = Head(Html("coresweep: " + page.workload));
  text += Banner(report, page);
  text += Section("answer", "Answer", HtmlAnswer(report, page));
  text += Section("limits", "What limits it, and what to try", HtmlLimits(report, page));
  text += Section("warnings", "Warnings", HtmlWarnings(report, page));
  text += Section("charts", "Charts", Charts(report, page, data));
  // Before the tables: the charts need not wait for thousands of rows.
  text += fmt::format("<script type=\"application/json\" id=data>{}</script>\n", data.json);
  text += fmt::format("<script>{}</script>\n<script>{}</script>\n", ChartLibrary().text,
                      PageScript().text);
  text += Section("tables", "Tables",
                  CellsTable(page) + ChunkTimesTable(page, samples) +
                      Titled("Laws of scaling", ScalingTable(report)) +
                      Titled("Launches", LaunchesTable(report)) + FailuresAndSkipped(page));
  text += Section("how", "How this was measured", HowMeasured(report));
  text += fmt::format(
      "</main><footer><p>Speedup is over one process with the same threads, placement and chunk; "
      "efficiency is speedup / workers; latency is that of a chunk, from its issue, under open "
      "load from its due time, until it was merged. This page was made from a report by coresweep "
      "{}; charts by Chart.js (MIT licence).</p></footer>\n",
      Html(page.version));
  text += "</body></html>\n";
  return text;
}

}  // namespace coresweep
