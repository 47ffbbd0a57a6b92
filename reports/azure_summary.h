// What Azure Pipelines shows of a run or a gate: issues of the task and a summary. Pure.
#pragma once

#include <string>
#include <vector>

#include "reports/github_summary.h"

namespace coresweep {

/// `text` as the message of a logging command (##vso[…]message): what would end its line is
/// escaped, and so is the sign of escapes.
/// https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
std::string AzureMessage(const std::string& text);

/// "##vso[task.logissue type=error]TITLE: MESSAGE" lines, as many as GitHub gets and in that order.
std::string AzureIssueLines(const std::vector<Annotation>& annotations);

}  // namespace coresweep
