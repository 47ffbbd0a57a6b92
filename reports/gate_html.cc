#include "reports/gate_html.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "harness/core/gate_sentence.h"
#include "reports/gate_html_parts.h"
#include "reports/gate_html_tables.h"
#include "reports/gate_machine_notes.h"
#include "reports/gate_notes.h"
#include "reports/html_page.h"
#include "reports/html_text.h"
#include "reports/json_members.h"
#include "reports/text.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

const PhaseOutcome& MainOf(const GateHtmlSource& source) {
  return *source.trace.session.Outcome().Phase(GatePhase::kMain);
}

std::string StateWords(const MetricJudgement& judgement) {
  if (judgement.state == MetricState::kRegressed) return "regressed";
  return judgement.state == MetricState::kClean ? "clean" : "neither is proven";
}

/// "6.1 % lower" in large, "98 % interval 4.8 to 7.4, 18 blocks: regressed" below.
std::string MetricTile(const GateSetup& setup, const MetricJudgement& judgement, size_t m) {
  const std::string change = DescribeChange(setup.metrics[m], judgement);
  const size_t bracket = change.find(" [");
  const std::string interval =
      bracket == std::string::npos
          ? ""
          : fmt::format("{:.4g} % interval {}, ", 100 * (1 - 2 * setup.rule.alpha),
                        change.substr(bracket + 1));
  return HtmlTile(setup.metrics[m].name + " of B against A", change.substr(0, bracket),
                  fmt::format("{}{}: {}", interval, Plural(judgement.blocks, "block", "blocks"),
                              StateWords(judgement)));
}

std::string AnswerPart(const GateHtmlSource& source) {
  const GateSetup& setup = source.log.setup;
  const GateOutcome& outcome = source.trace.session.Outcome();
  std::string text = GateLead(outcome.verdict, GateSentence(setup, outcome));
  std::string tiles;
  if (MainOf(source).blocks > 0) {
    for (size_t m = 0; m < setup.metrics.size(); ++m)
      tiles += MetricTile(setup, MainOf(source).judgements[m], m);
  }
  if (!tiles.empty()) text += "<dl class=tiles>" + tiles + "</dl>";
  const std::string answers = GateAnswersNote(source.log);
  if (!answers.empty()) text += fmt::format("<p>{}.</p>", Html(answers));
  text += fmt::format(
      "<p class=inwords>Made again from the {} in the report by its rule and seed, not read from "
      "its outcome. Figures in large are of the main batch.</p>",
      Plural(std::ssize(source.log.records), "block", "blocks"));
  return text;
}

void AddMetricWarnings(const GateHtmlSource& source, HtmlWarningList& warnings) {
  const GateSetup& setup = source.log.setup;
  for (size_t m = 0; m < setup.metrics.size(); ++m) {
    const MetricJudgement& judgement = MainOf(source).judgements[m];
    if (judgement.grey_zone) {
      warnings.Add(setup.metrics[m].name,
                   "the median lies between what is tolerated and what must be caught: either "
                   "verdict is right by the rule");
    }
  }
  for (const std::string& note : GateUnmeasuredNotes(source.log))
    warnings.Add("Metric", note + "; such blocks bet against either proof");
}

std::string WarningsPart(const GateHtmlSource& source) {
  HtmlWarningList warnings;
  if (!source.trace.session.Over()) {
    warnings.Add("Gate", "it has not come to its end: run it again");
  } else if (!source.log.stopped.empty()) {
    warnings.Add("Gate", "it ended early: " + source.log.stopped);
  }
  const auto invalid =
      std::count_if(source.log.records.begin(), source.log.records.end(),
                    [](const GateRecord& record) { return !record.invalid.empty(); });
  if (invalid > 0) {
    warnings.Add("Blocks", Plural(invalid, "block does not count", "blocks do not count") +
                               ": why is in the table of blocks");
  }
  if (source.log.setup.block_value == BlockValue::kBest) {
    warnings.Add("Blocks",
                 "of an arm's two launches in a block the better one counts: a B that is slow only "
                 "now and then is overlooked");
  }
  AddMetricWarnings(source, warnings);
  if (const std::string layout = GateLayoutNote(source.log); !layout.empty())
    warnings.Add("Layout", layout.substr(layout.find(' ') + 1));
  const std::string machine = GateMachineNote(source.log);
  if (!machine.empty()) warnings.Add("Machine", machine.substr(machine.find(' ') + 1));
  const std::string drift = GateDriftNote(source.log);
  if (!drift.empty()) warnings.Add("Machine", drift);
  for (const std::string& note : GateOrderNotes(source.log))
    warnings.Add("Order", note.substr(note.find(' ') + 1));
  for (const Json& warning : MemberOf(MemberOf(source.report, "host"), "warnings"))
    if (warning.is_string()) warnings.Add("Host", warning.get<std::string>());
  return warnings.Text();
}

/// The two charts of a metric.
std::string MetricFigures(const GateHtmlSource& source, size_t m) {
  const GateSetup& setup = source.log.setup;
  const std::string name = Html(setup.metrics[m].name);
  const std::string blocks_id = fmt::format("blocks-{}", m);
  const std::string evidence_id = fmt::format("evidence-{}", m);
  const std::string blocks_title = fmt::format("{}: B over A in each block", name);
  const std::string evidence_title = fmt::format("{}: evidence as it came in", name);
  const std::string blocks_how = fmt::format(
      "A point is a block of four launches; {} is worse. Line and band: the median so far and its "
      "{:.4g} % interval, valid at every block. A margin of 2 % is drawn where B is worse by the "
      "ratio 1.02. Crosses below: blocks without a value.",
      setup.metrics[m].higher_is_better ? "below 0" : "above 0", 100 * (1 - 2 * setup.rule.alpha));
  const std::string evidence_how =
      "Sign e-process: evidence that B is worse than tolerated, and that it is not worse by what "
      "must be caught. A batch is judged at the large points: above its dashed line a claim is "
      "proven. Below 0.01 is drawn at 0.01.";
  const bool there = std::any_of(
      source.trace.blocks.begin(), source.trace.blocks.end(),
      [m](const GateTraceBlock& block) { return block.metrics.at(m).worse_ratio.has_value(); });
  const char* missing = "Needs a block in which every launch has a value.";
  return HtmlFigureText({blocks_id, blocks_title, blocks_how, "blocks", missing}, there) +
         HtmlFigureText({evidence_id, evidence_title, evidence_how, "blocks", missing}, there);
}

std::string ChartsPart(const GateHtmlSource& source) {
  std::string html = std::string(HtmlNoScript()) + "<div class=charts>";
  for (size_t m = 0; m < source.log.setup.metrics.size(); ++m)
    html += MetricFigures(source, m);
  return html + "</div>";
}

std::string_view BlockValueWords(BlockValue value) {
  switch (value) {
    case BlockValue::kMean:
      return "geometric mean of its two launches";
    case BlockValue::kBest:
      return "the better of its two launches";
    case BlockValue::kBoth:
      return "geometric mean of its two launches; as evidence of a regression the better one too";
  }
  return "";
}

std::string RuleFacts(const GateSetup& setup) {
  const GateRule& rule = setup.rule;
  return HtmlFact("Tolerated", fmt::format("{:.4g} %", 100 * rule.tolerated)) +
         HtmlFact("Must be caught", fmt::format("{:.4g} %", 100 * rule.must_catch)) +
         HtmlFact("Chance of a false FAIL, and of a false PASS",
                  fmt::format("at most {:.4g} %", 100 * rule.alpha)) +
         HtmlFact("Judged", fmt::format("after {}, then every {}, at most {} in a batch",
                                        Plural(rule.first_look, "block", "blocks"), rule.look_every,
                                        rule.most_blocks)) +
         HtmlFact("Value of an arm in a block", std::string(BlockValueWords(setup.block_value))) +
         HtmlFact("Seed of the coins", std::to_string(setup.seed));
}

/// Burn-in and sentinel; nothing where there was none.
std::string SentinelFacts(const GateLog& log) {
  std::string facts;
  for (const std::string& note : {GateBurnInNote(log), GateSentinelNote(log)}) {
    if (note.empty()) continue;
    const size_t colon = note.find(": ");
    facts += HtmlFact(note.starts_with("burn-in") ? "Burn-in" : "Sentinel", note.substr(colon + 2));
  }
  return facts;
}

std::string HowPart(const GateHtmlSource& source) {
  const Json& report = source.report;
  const Json& host = MemberOf(report, "host");
  const Json& tool = MemberOf(report, "tool");
  std::string settings;
  const Json& config = MemberOf(MemberOf(MemberOf(report, "arms"), "A"), "config");
  if (config.is_object()) {
    for (const auto& [key, value] : config.items())
      settings += HtmlFact(key, MemberText(config, key.c_str()));
  }
  std::string text = "<dl class=facts>" + RuleFacts(source.log.setup) + SentinelFacts(source.log) +
                     HtmlFact("CPU", MemberText(host, "cpu_model")) +
                     HtmlFact("CPUs usable", MemberText(host, "usable_cpus")) +
                     HtmlFact("Kernel", MemberText(host, "kernel")) +
                     HtmlFact("Fingerprint of the host", MemberText(host, "fingerprint")) +
                     HtmlFact("Program", "coresweep " + MemberText(tool, "version")) +
                     HtmlFact("Compiler", MemberText(tool, "compiler")) +
                     HtmlFact("Begun", MemberText(report, "created")) +
                     HtmlFact("Command", MemberText(report, "argv")) + "</dl>";
  if (!settings.empty()) {
    text += "<details><summary>Every setting of A in force</summary><dl class=facts>" + settings +
            "</dl></details>";
  }
  return text;
}

std::string BannerPart(const GateHtmlSource& source) {
  const Json& report = source.report;
  const Json& host = MemberOf(report, "host");
  const std::string created = MemberText(report, "created");
  const std::string workload =
      MemberText(MemberOf(MemberOf(MemberOf(report, "arms"), "A"), "config"), "workload");
  return HtmlBanner("coresweep gate",
                    "Is B worse than A?" + (workload.empty() ? "" : " " + workload),
                    {MemberText(host, "cpu_model"), created.substr(0, created.find('T')),
                     "coresweep " + MemberText(MemberOf(report, "tool"), "version"),
                     source.trace.session.Over() ? "finished" : "not finished"},
                    {{"answer", "Verdict"},
                     {"warnings", "Warnings"},
                     {"compared", "What was compared"},
                     {"charts", "Charts"},
                     {"tables", "Tables"},
                     {"how", "How measured"}});
}

}  // namespace

std::string RenderGateHtml(const GateHtmlSource& source) {
  const GateVerdict verdict = source.trace.session.Outcome().verdict;
  std::string text =
      HtmlHead(fmt::format("coresweep gate: {}", NameOf(verdict)), HtmlPageKind::kGate);
  text += BannerPart(source);
  text += HtmlSection("answer", "Verdict", AnswerPart(source));
  text += HtmlSection("warnings", "Warnings", WarningsPart(source));
  text += HtmlSection("compared", "What was compared", GateArmsTable(source.report));
  text += HtmlSection("charts", "Charts", ChartsPart(source));
  // Before the tables: the charts need not wait for thousands of rows.
  text += HtmlScripts(HtmlPageKind::kGate, GateChartData(source));
  text += HtmlSection(
      "tables", "Tables",
      GateJudgementsTable(source) + GateBlocksTable(source) + GateLaunchesTable(source));
  text += HtmlSection("how", "How this was measured", HowPart(source));
  text += HtmlEnd(
      "A block is four launches, two of A and two of B, in an order that a coin decides. An "
      "e-value "
      "of 100 is reached by chance at most once in 100 gates, however often one looks. The null "
      "control runs A against a copy of itself: what it shows is the label alone.",
      MemberText(MemberOf(source.report, "tool"), "version"));
  return text;
}

}  // namespace coresweep
