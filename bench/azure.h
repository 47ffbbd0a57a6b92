// Under Azure Pipelines: issues of the task and its summary.
#pragma once

#include <string>
#include <vector>

#include "bench/commands.h"
#include "reports/github_summary.h"

namespace coresweep {

/// Whether TF_BUILD is "True", as the agent sets it, and CORESWEEP_AZURE not "off".
bool AzureListens(const ProgramContext& program);

/// Where it listens, prints `annotations` as issues, writes `markdown` into a file of its own in
/// the folder that AGENT_TEMPDIRECTORY names (no summary without), which the agent empties after
/// the job, and prints the command that attaches it. A summary that cannot be written is told on
/// standard error and changes no exit code.
void TellAzure(const ProgramContext& program, const std::string& markdown,
               const std::vector<Annotation>& annotations);

}  // namespace coresweep
