// What the services that run continuous integration show of a run or a gate.
#pragma once

#include <string>
#include <vector>

#include "bench/commands.h"
#include "bench/github.h"

namespace coresweep {

/// Tells GitHub Actions (`TellGithub`, unless `no_github`) and Azure Pipelines (`TellAzure`).
void TellCi(const ProgramContext& program, bool no_github, const std::string& markdown,
            const std::vector<Annotation>& annotations);

/// Whether `TellCi` would do anything.
bool CiListens(const ProgramContext& program, bool no_github);

}  // namespace coresweep
