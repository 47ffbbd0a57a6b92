// The commands of the program: each declares itself to CLI11 and runs.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "harness/base/stop_signal.h"

namespace coresweep {

/// What main knows and commands need.
struct ProgramContext {
  std::vector<std::string> arguments;    ///< as called, the program's name first
  std::vector<std::string> environment;  ///< "NAME=value"
  StopSignal* stop = nullptr;
};

/// Set by the command that the user chose; runs it and returns the exit code.
using Action = std::function<int(const ProgramContext&)>;

void DeclareRun(CLI::App& app, Action& action);
void DeclareGate(CLI::App& app, Action& action);
void DeclareAnalyze(CLI::App& app, Action& action);
void DeclareReport(CLI::App& app, Action& action);
void DeclareValidate(CLI::App& app, Action& action);
void DeclareSelftest(CLI::App& app, Action& action);
void DeclareCompare(CLI::App& app, Action& action);
void DeclareCost(CLI::App& app, Action& action);
void DeclareLaunch(CLI::App& app, Action& action);
void DeclarePlan(CLI::App& app, Action& action);
void DeclarePlacement(CLI::App& app, Action& action);
void DeclareHistory(CLI::App& app, Action& action);
void DeclareHost(CLI::App& app, Action& action);
void DeclareTransports(CLI::App& app, Action& action);
void DeclareCompletion(CLI::App& app, Action& action);

}  // namespace coresweep
