// The program: reads the command line, runs one command, turns errors into one line and a code.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>

#include "bench/commands.h"
#include "bench/exit_codes.h"
#include "bench/libraries_command.h"
#include "bench/tool_info.h"
#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/sanitizers.h"
#include "harness/run/echo_worker.h"
#include "harness/run/worker.h"
#include "harness/run/zygote.h"
#include "reports/text.h"
#include "workloads/registry.h"

namespace coresweep {
namespace {

ProgramContext ReadContext(int argc, char** argv) {
  ProgramContext context;
  context.arguments.assign(argv, argv + argc);
  for (char** variable = environ; *variable != nullptr; ++variable) {
    context.environment.emplace_back(*variable);
  }
  return context;
}

/// The action that the command line asks for; exits (help, version, errors) by CLI11's exceptions.
Action ParseCommandLine(int argc, char** argv) {
  CLI::App app(
      "coresweep measures how model inference should be spread over the CPU cores of this "
      "container");
  Action action;
  app.set_version_flag("-V,--version", ToolVersion());
  app.require_subcommand(1);
  app.get_formatter()->column_width(36);
  DeclareRun(app, action);
  DeclareGate(app, action);
  DeclareAnalyze(app, action);
  DeclareReport(app, action);
  DeclareValidate(app, action);
  DeclareSelftest(app, action);
  DeclareCompare(app, action);
  DeclareCost(app, action);
  DeclareHistory(app, action);
  DeclareLaunch(app, action);
  DeclarePlan(app, action);
  DeclarePlacement(app, action);
  DeclareHost(app, action);
  DeclareTransports(app, action);
  DeclareCompletion(app, action);
  app.footer(
      fmt::format("Examples:\n"
                  "  coresweep run bench/suites/quick.json\n"
                  "  coresweep gate --workload mlp --candidate-set transport=shm_loan\n"
                  "  coresweep plan --workload encoder --workers auto\n"
                  "  coresweep host\n"
                  "  coresweep transports --size 64,1M --place neighbour\n"
                  "Every command has --help.\n\n{}",
                  kExitCodeHelp));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      const int code = app.exit(error);
      return [code](const ProgramContext&) { return code; };
    }
    const auto unknown = app.remaining();
    if (!app.get_subcommands().empty() || unknown.empty()) {
      throw UsageError(fmt::format("{} (see --help)", error.what()));
    }
    throw UsageError(fmt::format("{}: no command or option of this name (see --help)", unknown[0]));
  }
  return action;
}

/// Ends a child that has reported everything: unloading libtorch takes tens of milliseconds of
/// every trial and gives nothing. The sanitizers' leak check, which needs the normal way, keeps it.
[[noreturn]] void EndChild(int exit_code) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread calls it; the check needs it.
  if (kAddressSanitizer) std::exit(exit_code);
  _exit(exit_code);
}

/// Output that is lost is no success: a full disk, a closed descriptor.
void CheckOutput() {
  std::cout.flush();
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0 || !std::cout) {
    ThrowErrno("write", "to standard output");
  }
}

int Main(int argc, char** argv, int64_t main_ns) {
  const std::string command = argc > 1 ? argv[1] : "";
  // The hidden commands are for children: no options, no signal handling of the parent.
  if (command == "worker") EndChild(WorkerMain({LoadWorkloadLibrary, MakeWorkload}, main_ns));
  if (command == kZygoteCommand) EndChild(ZygoteMain({LoadWorkloadLibrary, MakeWorkload}, argv[1]));
  if (command == "echo") EndChild(EchoWorkerMain());
  if (command == "libraries") return PrintLibraries();
  ProgramContext context = ReadContext(argc, argv);
  const Action action = ParseCommandLine(argc, argv);
  StopSignal stop;
  context.stop = &stop;
  const int code = action(context);
  CheckOutput();
  return code;
}

}  // namespace
}  // namespace coresweep

int main(int argc, char** argv) {
  const int64_t main_ns = coresweep::NowNs();
  try {
    return coresweep::Main(argc, argv, main_ns);
  } catch (const coresweep::UsageError& error) {
    fmt::print(stderr, "coresweep: {}\n", coresweep::Printable(error.what()));
    return coresweep::kExitUsage;
  } catch (const std::exception& error) {
    fmt::print(stderr, "coresweep: {}\n", coresweep::Printable(error.what()));
    return coresweep::kExitError;
  }
}
