// Under GitHub Actions: the summary of the step and its annotations.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "bench/commands.h"
#include "reports/github_summary.h"

namespace coresweep {

/// Declares --no-github, which sets `off`.
void DeclareGithub(CLI::App& app, bool& off);

/// Appends `markdown` to the file that GITHUB_STEP_SUMMARY names, and prints `annotations` where
/// GITHUB_ACTIONS is "true"; neither when `off` or the variable CORESWEEP_GITHUB is "off". A
/// summary that cannot be written is told on standard error and changes no exit code.
void TellGithub(const ProgramContext& program, bool off, const std::string& markdown,
                const std::vector<Annotation>& annotations);

/// Whether `TellGithub` would do anything.
bool GithubListens(const ProgramContext& program, bool off);

}  // namespace coresweep
