// `coresweep host`: what this container is and allows, and what to do about it.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "bench/commands.h"
#include "bench/exit_codes.h"
#include "bench/foreign_host.h"
#include "bench/libraries_command.h"
#include "bench/terminal.h"
#include "bench/tool_info.h"
#include "harness/base/error.h"
#include "harness/core/doctor.h"
#include "harness/core/host_json.h"
#include "harness/core/measurement_json.h"
#include "harness/host/probe.h"
#include "harness/host/spin_test.h"
#include "reports/host_report.h"
#include "reports/json_values.h"

namespace coresweep {
namespace {

constexpr double kMostSeconds = 3600;

struct PrintOptions {
  bool json = false;
  double measure_cpus_s = 0.5;
};

void PrintJson(const HostFacts& facts, const std::vector<Finding>& findings,
               const RuntimeFacts* libraries) {
  OrderedJson out = ToJson(facts);
  out["tool"] = ToolInfo();
  out["libraries"] = libraries != nullptr ? OrderedJson(ToJson(*libraries)) : OrderedJson();
  out["findings"] = ToJson(findings);
  out["fingerprint"] = Fingerprint(facts, libraries);
  // Names of cgroups and values of variables need not be UTF-8.
  fmt::print("{}", DumpIndented(out));
}

/// On a terminal, unless the user asks for none (no-color.org).
bool WantsColor(const ProgramContext& program) {
  const auto refused = [](const std::string& variable) {
    return variable.starts_with("NO_COLOR=") && variable != "NO_COLOR=";
  };
  return IsTerminal(STDOUT_FILENO) &&
         std::none_of(program.environment.begin(), program.environment.end(), refused);
}

/// Where the child that loads libtorch cannot run, all the rest is wanted even more.
std::optional<RuntimeFacts> TryReadLibraries(const ProgramContext& program, HostFacts& facts) {
  try {
    return ReadLibraries(program);
  } catch (const Error& error) {
    facts.warnings.push_back(fmt::format(
        "libraries are not known: {}; look at the limits of memory and processes", error.what()));
    return std::nullopt;
  }
}

int PrintHost(const ProgramContext& program, const PrintOptions& options) {
  HostFacts facts = ReadHostFacts("/", program.environment);
  MeasureUsableCpus(facts, options.measure_cpus_s);
  const auto libraries = TryReadLibraries(program, facts);
  const RuntimeFacts* known_libraries = libraries ? &*libraries : nullptr;
  const std::vector<Finding> findings = Diagnose(facts, known_libraries);
  if (options.json) {
    PrintJson(facts, findings, known_libraries);
    return kExitOk;
  }
  fmt::print("{}", RenderHost(facts, findings, Fingerprint(facts, known_libraries), known_libraries,
                              {TerminalWidth(STDOUT_FILENO), WantsColor(program)}));
  return kExitOk;
}

}  // namespace

void DeclareHost(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "host", "Print what this container is and allows, what it costs, and what to do about it");
  const auto options = std::make_shared<PrintOptions>();
  command->add_flag("--json", options->json, "print JSON");
  command
      ->add_option("--measure-cpus-s", options->measure_cpus_s,
                   "keep all allowed CPUs busy for so long, to see how many CPUs' worth of time "
                   "there really is; 0 = do not")
      ->type_name("SECONDS")
      ->capture_default_str()
      ->check(NumberFrom(0, kMostSeconds));
  command->footer(
      "Examples:\n  coresweep host\n  coresweep host --json --measure-cpus-s 0\n  coresweep host "
      "--measure-cpus-s 5");
  command->callback([options, &action] {
    action = [options](const ProgramContext& program) { return PrintHost(program, *options); };
  });
}

}  // namespace coresweep
