// `coresweep placement`: which CPUs a policy gives to whom, on this machine or another.
#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "bench/commands.h"
#include "bench/exit_codes.h"
#include "bench/foreign_host.h"
#include "bench/terminal.h"
#include "harness/base/error.h"
#include "harness/core/placement.h"
#include "reports/json_values.h"
#include "reports/placement_report.h"

namespace coresweep {
namespace {

struct PlacementOptions {
  std::string policy = "compact";
  int workers = 1;
  int threads = 1;
  std::string width = "pu";
  std::string dispatcher = "unpinned";
  HostOptions host;
  bool json = false;
};

std::string Canonical(const std::string& policy) {
  try {
    return CanonicalPolicy(policy);
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("--policy {}: {}", policy, error.what()));
  }
}

PlacementReport MakeReport(const PlacementOptions& options) {
  PlacementReport report;
  report.policy = Canonical(options.policy);
  // CLI11 has checked the names.
  report.shape = {options.workers, options.threads, ParseWidth(options.width).value_or(Width::kPu),
                  ParseDispatcherPlace(options.dispatcher).value_or(DispatcherPlace::kUnpinned)};
  report.machine = options.host.ReadMachine();
  report.foreign = options.host.Foreign();
  std::string why_not;
  auto placement = Place(report.policy, report.machine.usable, report.shape, &why_not);
  if (!placement) throw UsageError(fmt::format("--policy {}: {}", options.policy, why_not));
  report.placement = std::move(*placement);
  return report;
}

int PrintPlacement(const PlacementOptions& options) {
  const PlacementReport report = MakeReport(options);
  if (options.json) {
    fmt::print("{}", DumpIndented(ToJson(report)));
  } else {
    fmt::print("{}", ToText(report, {TerminalWidth(STDOUT_FILENO), IsTerminal(STDOUT_FILENO)}));
  }
  return kExitOk;
}

std::string PolicyHelp() {
  std::string text = "Policies:\n";
  for (const PolicyRow& row : PolicyTable()) {
    text += fmt::format("  {:<12} {}{}\n", row.name, row.summary,
                        row.aliases.empty() ? "" : fmt::format(" (also {})", row.aliases));
  }
  return text;
}

void DeclareShape(CLI::App& command, PlacementOptions& options) {
  command.add_option("-p,--policy", options.policy, "how to place, see below (default compact)")
      ->type_name("POLICY");
  command.add_option("--workers", options.workers, "worker processes (default 1)")
      ->type_name("N")
      ->check(CLI::Range(1, 4096));
  command.add_option("--threads", options.threads, "threads of each worker (default 1)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  command
      .add_option("--width", options.width,
                  "CPUs of each thread: pu (default) or core; or object: of each worker, all of "
                  "what the policy maps to")
      ->type_name("WIDTH")
      ->check(CLI::IsMember({"pu", "core", "object"}));
  command
      .add_option("--dispatcher", options.dispatcher,
                  "unpinned (default), own: a core of its own, beside: next to worker 0")
      ->type_name("PLACE")
      ->check(CLI::IsMember({"unpinned", "own", "beside"}));
}

}  // namespace

void DeclarePlacement(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "placement", "Print and draw who would sit on which CPUs, here or on another machine");
  const auto options = std::make_shared<PlacementOptions>();
  DeclareShape(*command, *options);
  options->host.DeclareTopology(*command);
  command->add_flag("--json", options->json, "print JSON");
  command->footer(PolicyHelp() +
                  "\nExamples:\n"
                  "  coresweep placement --policy scatter --workers 2\n"
                  "  coresweep placement --policy l3 --workers 4 --threads 2 \\\n"
                  "      --topology \"package:2 l3:2 core:4 pu:2\" --allowed 0-15");
  command->callback([options, &action] {
    action = [options](const ProgramContext&) { return PrintPlacement(*options); };
  });
}

}  // namespace coresweep
