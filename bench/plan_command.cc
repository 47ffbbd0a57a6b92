// `coresweep plan`: what a sweep would do, without running anything.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "bench/commands.h"
#include "bench/exit_codes.h"
#include "bench/sweep_options.h"
#include "bench/terminal.h"
#include "harness/core/plan.h"
#include "harness/host/probe.h"

namespace coresweep {
namespace {

using Json = nlohmann::ordered_json;

Json CellToJson(const Cell& cell) {
  return {{"id", cell.Id()},
          {"mode", ToString(cell.mode)},
          {"workers", cell.workers},
          {"threads", cell.threads},
          {"placement", cell.placement},
          {"chunk", cell.chunk},
          {"transport", cell.transport}};
}

Json PlanToJson(const Plan& plan) {
  Json json;
  json["config"] = ToJson(plan.config);
  json["cells"] = Json::array();
  for (const PlannedCell& planned : plan.cells) {
    Json cell = CellToJson(planned.cell);
    cell["oversubscribed"] = planned.placement.oversubscribed;
    cell["cpus"] = Json::array();
    for (const CpuSet& cpus : planned.placement.workers)
      cell["cpus"].push_back(cpus.ToList());
    json["cells"].push_back(cell);
  }
  json["skipped"] = Json::array();
  for (const SkippedCell& skipped : plan.skipped) {
    Json cell = CellToJson(skipped.cell);
    cell["reason"] = skipped.reason;
    json["skipped"].push_back(cell);
  }
  json["trials"] = plan.trials.size();
  json["estimated_s"] = plan.estimated_s;
  return json;
}

void PrintPlan(const Plan& plan, const HostFacts& facts) {
  fmt::print(
      "{} cells × {} repetitions = {} trials, about {} or more (a slow chunk lengthens its "
      "window)\nUsable CPUs: {} ({})\n\n",
      plan.cells.size(), plan.config.repetitions, plan.trials.size(),
      FormatDuration(plan.estimated_s), facts.UsableCpus(), facts.BindingLimit());
  fmt::print("{:<44} {}\n", "cell", "CPUs of each worker");
  for (const PlannedCell& planned : plan.cells) {
    std::string cpus;
    for (const CpuSet& set : planned.placement.workers)
      cpus += "[" + set.ToList() + "] ";
    fmt::print("{:<44} {}{}\n", planned.cell.Id(), cpus,
               planned.placement.oversubscribed ? "oversubscribed" : "");
  }
  if (!plan.skipped.empty()) fmt::print("\nSkipped:\n");
  for (const SkippedCell& skipped : plan.skipped) {
    fmt::print("  {}: {}\n", skipped.cell.Id(), skipped.reason);
  }
}

}  // namespace

void DeclarePlan(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "plan", "Print the cells, what is skipped and why, and the estimated time; run nothing");
  const auto options = std::make_shared<SweepOptions>();
  const auto json = std::make_shared<bool>(false);
  options->Declare(*command);
  command->add_flag("--json", *json, "print JSON");
  command->footer(
      "Examples:\n"
      "  coresweep plan bench/suites/quick.json\n"
      "  coresweep plan --workload encoder --workers auto --chunk 1,8 --transport pipe,shm --json");
  command->callback([options, json, &action] {
    action = [options, json](const ProgramContext&) {
      const SweepConfig config = options->Parse();
      const HostFacts facts = ReadHostFacts();
      const Plan plan = MakePlan(config, facts);
      if (*json) {
        fmt::print("{}\n", PlanToJson(plan).dump(2));
      } else {
        PrintPlan(plan, facts);
      }
      return static_cast<int>(kExitOk);
    };
  });
}

}  // namespace coresweep
