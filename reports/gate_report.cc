#include "reports/gate_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "harness/base/error.h"
#include "harness/core/gate_sentence.h"
#include "reports/gate_machine_notes.h"
#include "reports/gate_notes.h"
#include "reports/json_values.h"
#include "reports/text.h"

namespace coresweep {
namespace {

constexpr int kMajor = 1;
constexpr int kMinor = 1;
constexpr uint64_t kPowerSeed = 1;

/// The JSON of a rendered text; null for "".
OrderedJson Rendered(const std::string& text) {
  return text.empty() ? OrderedJson(nullptr) : OrderedJson::parse(text);
}

OrderedJson ArmJson(const GateArmFacts& arm) {
  OrderedJson json = {{"program", TextOrNull(arm.program)},
                      {"program_digest", TextOrNull(arm.program_digest)},
                      {"workload_digest", TextOrNull(arm.workload_digest)},
                      {"config", Rendered(arm.config_json)}};
  if (arm.builds.empty()) return json;
  OrderedJson builds = OrderedJson::array();
  for (const GateBuild& build : arm.builds)
    builds.push_back({{"program", build.program}, {"program_digest", build.program_digest}});
  json["builds"] = std::move(builds);
  return json;
}

OrderedJson PowerJson(const GatePower& power) {
  return {{"detectable", OrNull(power.detectable)},
          {"why_no_detectable", TextOrNull(power.no_detectable)},
          {"blocks_needed", OrNull(power.blocks_needed)},
          {"why_no_blocks_needed", TextOrNull(power.no_blocks_needed)}};
}

OrderedJson JudgementJson(const MetricJudgement& judgement) {
  OrderedJson json = {{"state", NameOf(judgement.state)},
                      {"worse_ratio", OrNull(judgement.ratio)},
                      {"low", OrNull(judgement.low)},
                      {"high", OrNull(judgement.high)},
                      {"blocks", judgement.blocks},
                      {"unmeasured", judgement.unmeasured},
                      {"above_tolerated", judgement.above_tolerated},
                      {"below_tolerated", judgement.below_tolerated},
                      {"above_must_catch", judgement.above_must_catch},
                      {"below_must_catch", judgement.below_must_catch},
                      {"e_regressed", judgement.e_regressed},
                      {"e_clean", judgement.e_clean},
                      {"grey_zone", judgement.grey_zone}};
  if (const auto& best = judgement.best_tolerated) {
    json["best_above_tolerated"] = best->above;
    json["best_below_tolerated"] = best->below;
  }
  return json;
}

GatePower PowerOf(const GateSetup& setup, const PhaseOutcome& phase, size_t metric) {
  return EstimatePower(phase.series.at(metric), setup.rule,
                       static_cast<int64_t>(setup.metrics.size()), kPowerSeed);
}

OrderedJson PhaseJson(const GateSetup& setup, const PhaseOutcome& phase, bool power) {
  OrderedJson metrics = OrderedJson::object();
  for (size_t k = 0; k < setup.metrics.size(); ++k) {
    OrderedJson& metric = metrics[setup.metrics[k].name];
    metric = JudgementJson(phase.judgements.at(k));
    if (power) metric["power"] = PowerJson(PowerOf(setup, phase, k));
  }
  return {{"blocks", phase.blocks}, {"invalid", phase.invalid}, {"metrics", std::move(metrics)}};
}

constexpr std::array kPhases{GatePhase::kMain, GatePhase::kConfirmation, GatePhase::kNullControl};

/// "throughput: 0.4 % lower [-1.2, 2.0]; 24 blocks; …".
std::string MetricLine(const GateSetup& setup, const PhaseOutcome& phase, size_t k) {
  const MetricJudgement& judgement = phase.judgements.at(k);
  std::string line = fmt::format("{}: {}, {}; {} blocks", setup.metrics[k].name,
                                 DescribeChange(setup.metrics[k], judgement),
                                 NameOf(judgement.state), judgement.blocks);
  if (judgement.unmeasured > 0)
    line += fmt::format(", in {} of them not measured", judgement.unmeasured);
  const GatePower power = PowerOf(setup, phase, k);
  if (power.detectable) {
    line += fmt::format("; an effect of {:.1f} % would have failed in 9 of 10 such gates",
                        *power.detectable * 100);
  } else {
    line += fmt::format("; smallest detectable effect unknown: {}", power.no_detectable);
  }
  if (judgement.state == MetricState::kOpen) {
    line += power.blocks_needed
                ? fmt::format("; about {} blocks more are needed", *power.blocks_needed)
                : fmt::format("; blocks still needed unknown: {}", power.no_blocks_needed);
  }
  return line;
}

std::string Indented(const std::string& line, size_t width) {
  return "  " + Wrap(line, std::max<size_t>(width, 20) - 2, 4);
}

}  // namespace

OrderedJson GateOutcomeJson(const GateSession& session, bool power) {
  const GateOutcome& outcome = session.Outcome();
  const GateSetup& setup = session.Setup();
  OrderedJson failed = OrderedJson::array();
  for (const size_t k : outcome.failed)
    failed.push_back(setup.metrics.at(k).name);
  OrderedJson phases = OrderedJson::object();
  for (const GatePhase phase : kPhases) {
    const auto& reached = outcome.Phase(phase);
    phases[std::string(NameOf(phase))] =
        reached ? PhaseJson(setup, *reached, power) : OrderedJson(nullptr);
  }
  return {{"verdict", NameOf(outcome.verdict)},
          {"exit_code", ExitCodeOf(outcome.verdict)},
          {"over", session.Over()},
          {"sentence", GateSentence(setup, outcome)},
          {"reason", TextOrNull(outcome.reason)},
          {"failed", std::move(failed)},
          {"phases", std::move(phases)}};
}

OrderedJson GateReportJson(const GateReportHead& head, const GateLog& log,
                           const GateSession& session) {
  OrderedJson blocks = OrderedJson::array();
  for (const GateRecord& record : log.records)
    blocks.push_back(ToJson(record));
  return {{"schema", "coresweep.gate"},
          {"schema_version", {{"major", kMajor}, {"minor", kMinor}}},
          {"created", TimestampJson(head.created_unix_ms)},
          {"tool", Rendered(head.tool_json)},
          {"argv", head.argv},
          {"host", Rendered(head.host_json)},
          {"arms", {{"A", ArmJson(head.base)}, {"B", ArmJson(head.candidate)}}},
          {"setup", ToJson(log.setup)},
          {"calibration", log.calibration ? ToJson(*log.calibration) : OrderedJson(nullptr)},
          {"stopped", TextOrNull(log.stopped)},
          {"burn_in", log.burn_in ? ToJson(*log.burn_in) : OrderedJson(nullptr)},
          {"outcome", GateOutcomeJson(session, session.Over())},
          {"blocks", std::move(blocks)}};
}

GateLog GateLogFromReport(const nlohmann::json& report, const std::string& origin) {
  const auto refuse = [&](const std::string& why) { throw UsageError(origin + ": " + why); };
  if (!report.is_object() || !report.contains("schema") || report["schema"] != "coresweep.gate")
    refuse("not a report of `coresweep gate` or `coresweep run`");
  try {
    const auto& version = report.at("schema_version");
    if (version.at("major").get<int>() != kMajor) {
      refuse(fmt::format("schema version {}, this program reads {}", version.at("major").get<int>(),
                         kMajor));
    }
    GateLog log;
    log.setup = GateSetupFromJson(report.at("setup"));
    if (report.contains("calibration") && !report.at("calibration").is_null())
      log.calibration = GateCalibrationFromJson(report.at("calibration"));
    for (const auto& block : report.at("blocks").get<nlohmann::json::array_t>())
      log.records.push_back(GateRecordFromJson(block));
    if (report.contains("burn_in") && !report["burn_in"].is_null())
      log.burn_in = BurnInFromJson(report["burn_in"]);
    if (report.at("stopped").is_string()) log.stopped = report.at("stopped").get<std::string>();
    return log;
  } catch (const UsageError&) {
    throw;
  } catch (const nlohmann::json::exception& error) {
    refuse(fmt::format("damaged: {}", error.what()));
  } catch (const Error& error) {
    refuse(fmt::format("damaged: {}", error.what()));
  }
  return {};
}

std::string RenderGateConsole(const GateLog& log, const GateSession& session, size_t width) {
  const GateSetup& setup = log.setup;
  const GateOutcome& outcome = session.Outcome();
  std::string text = Wrap(GateSentence(setup, outcome), width, 2);
  for (const GatePhase phase : kPhases) {
    const auto& reached = outcome.Phase(phase);
    if (!reached || reached->blocks == 0) continue;
    text += fmt::format("{}{}:\n", NameOf(phase),
                        phase == GatePhase::kNullControl ? ", A in both places" : "");
    for (size_t k = 0; k < setup.metrics.size(); ++k)
      text += Indented(MetricLine(setup, *reached, k), width);
  }
  std::vector<std::string> notes = GateUnmeasuredNotes(log);
  for (std::string& note : GateLaunchNotes(log))
    notes.push_back(std::move(note));
  if (log.calibration) notes.push_back(DescribeCalibration(*log.calibration));
  notes.push_back(GateAnswersNote(log));
  notes.push_back(GateLayoutNote(log));
  notes.push_back(GateMachineNote(log));
  notes.push_back(GateBurnInNote(log));
  notes.push_back(GateSentinelNote(log));
  notes.push_back(GateDriftNote(log));
  const std::vector<std::string> order = GateOrderNotes(log);
  notes.insert(notes.end(), order.begin(), order.end());
  for (const std::string& note : notes)
    if (!note.empty()) text += Indented(note, width);
  return text;
}

}  // namespace coresweep
