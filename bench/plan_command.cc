// `coresweep plan`: what a sweep would do, without running anything.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "bench/commands.h"
#include "bench/exit_codes.h"
#include "bench/foreign_host.h"
#include "bench/sweep_options.h"
#include "bench/terminal.h"
#include "harness/core/duration.h"
#include "harness/core/plan.h"
#include "harness/host/spin_test.h"
#include "reports/cell_json.h"
#include "reports/json_values.h"
#include "reports/text.h"

namespace coresweep {
namespace {

OrderedJson PlannedToJson(const PlannedCell& planned) {
  const Placement& placement = planned.placement;
  OrderedJson cell = AxesJson(planned.cell);
  cell["oversubscribed"] = placement.oversubscribed;
  cell["cpus"] = OrderedJson::array();
  for (const WorkerPlace& worker : placement.workers)
    cell["cpus"].push_back(worker.cpus.ToList());
  cell["dispatcher_cpus"] = TextOrNull(placement.dispatcher.ToList());
  cell["notes"] = placement.notes;
  return cell;
}

OrderedJson HostToJson(const HostFacts& facts, const std::string& notice) {
  return {
      {"topology", facts.foreign.empty() ? "this machine" : facts.foreign},
      {"foreign", !facts.foreign.empty()},
      {"allowed", facts.allowed.ToList()},
      {"cpu_quota", facts.cpu_quota ? OrderedJson(facts.cpu_quota->value) : OrderedJson(nullptr)},
      {"usable_cpus", facts.UsableCpus()},
      {"binding_limit", facts.BindingLimit()},
      {"notice", TextOrNull(notice)}};
}

OrderedJson PlanToJson(const Plan& plan, const HostFacts& facts, const std::string& notice) {
  OrderedJson json;
  json["config"] = ToJson(plan.config);
  json["host"] = HostToJson(facts, notice);
  json["cells"] = OrderedJson::array();
  for (const PlannedCell& planned : plan.cells)
    json["cells"].push_back(PlannedToJson(planned));
  json["skipped"] = OrderedJson::array();
  for (const SkippedCell& skipped : plan.skipped) {
    OrderedJson cell = AxesJson(skipped.cell);
    cell["reason"] = skipped.reason;
    json["skipped"].push_back(cell);
  }
  json["trials"] = PlannedTrials(plan);
  json["estimated_s"] = plan.estimated_s;
  return json;
}

/// "[0] [1] dispatcher [2] oversubscribed".
std::string CpusText(const Placement& placement) {
  std::string text;
  for (const WorkerPlace& worker : placement.workers)
    text += fmt::format("[{}] ", worker.cpus.ToList());
  if (!placement.dispatcher.Empty())
    text += fmt::format("dispatcher [{}] ", placement.dispatcher.ToList());
  if (placement.oversubscribed) text += "oversubscribed";
  return text;
}

/// "16 cells × 3 repetitions + 13 references = 61 trials", or what a search begins with.
std::string TrialsText(const Plan& plan) {
  const SweepConfig& config = plan.config;
  const int64_t trials = PlannedTrials(plan);
  if (config.search) {
    const bool races = *config.search != SearchMode::kAll;
    return fmt::format("{} cells, search {} of {} passes: {} trials{}", plan.cells.size(),
                       ToString(*config.search), config.repetitions, trials,
                       races ? " and the rounds of a race" : "");
  }
  const auto references =
      std::count_if(plan.trials.begin(), plan.trials.end(),
                    [](const Trial& trial) { return trial.role == TrialRole::kReference; });
  return fmt::format(
      "{} cells × {} repetitions{} = {} trials", plan.cells.size(), config.repetitions,
      references == 0 ? "" : " + " + Plural(references, "reference", "references"), trials);
}

void PrintPlan(const Plan& plan, const HostFacts& facts, const std::string& notice) {
  if (!notice.empty()) fmt::print("{}\n", Printable(notice));
  fmt::print("{}, about {} or more (a slow chunk lengthens its window)\nUsable CPUs: {} ({})\n\n",
             TrialsText(plan), FormatDuration(plan.estimated_s), facts.UsableCpus(),
             facts.BindingLimit());
  if (plan.config.budget_s && *plan.config.budget_s < plan.estimated_s) {
    fmt::print("That is more than the budget of {}, which will end the sweep before.\n\n",
               DurationText(*plan.config.budget_s));
  }
  fmt::print("{:<44} {}\n", "cell", "CPUs of each worker");
  std::set<std::string> notes;
  for (const PlannedCell& planned : plan.cells) {
    fmt::print("{:<44} {}\n", planned.cell.Id(), CpusText(planned.placement));
    for (const std::string& note : planned.placement.notes)
      notes.insert(fmt::format("{}: {}", planned.cell.placement, note));
  }
  if (!notes.empty()) fmt::print("\n");
  for (const std::string& note : notes)
    fmt::print("note: {}\n", note);
  if (!plan.skipped.empty()) fmt::print("\nSkipped:\n");
  for (const SkippedCell& skipped : plan.skipped) {
    fmt::print("  {}: {}\n", skipped.cell.Id(), skipped.reason);
  }
}

}  // namespace

void DeclarePlan(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "plan", "Print the cells, what is skipped and why, and the estimated time; run no cell");
  const auto options = std::make_shared<SweepOptions>();
  const auto json = std::make_shared<bool>(false);
  const auto host = std::make_shared<HostOptions>();
  options->Declare(*command);
  host->DeclareTopology(*command);
  host->DeclareCpuQuota(*command);
  command->add_flag("--json", *json, "print JSON");
  command->footer(
      "Examples:\n"
      "  coresweep plan bench/suites/quick.json\n"
      "  coresweep plan --workload encoder --workers auto --chunk 1,8 --transport pipe,shm --json\n"
      "  coresweep plan --workload encoder --topology node.xml --allowed 0-7 --cpu-quota 3.5");
  command->callback([options, host, json, &action] {
    action = [options, host, json](const ProgramContext& program) {
      const SweepConfig config = options->Parse();
      HostFacts facts = host->ReadFacts(program.environment);
      const std::string notice = host->Notice();
      if (notice.empty()) MeasureUsableCpus(facts, config.measure_cpus_s);
      const Plan plan = MakePlan(config, facts);
      if (*json) {
        fmt::print("{}", DumpIndented(PlanToJson(plan, facts, notice)));
      } else {
        PrintPlan(plan, facts, notice);
      }
      return static_cast<int>(kExitOk);
    };
  });
}

}  // namespace coresweep
