#include "bench/azure.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "harness/host/proc_text.h"
#include "reports/azure_summary.h"
#include "reports/text.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

/// "" where it is not set.
std::string AzureVariable(const ProgramContext& program, std::string_view name) {
  return EnvironmentValue(program.environment, name).value_or("");
}

/// The path of the file written. Commands of an earlier step may still be read: none is replaced.
std::string WriteSummaryFile(const fs::path& folder, const std::string& markdown) {
  if (!folder.is_absolute()) throw Error(folder.string() + " is no absolute path");
  fs::path path;
  int number = 0;
  do {
    path = folder / fmt::format("coresweep-{}-{}.md", ::getpid(), ++number);
  } while (fs::exists(path));
  WriteFileAtomically(path.string(), CutSummary(markdown, kMostSummaryBytes));
  return path.string();
}

}  // namespace

bool AzureListens(const ProgramContext& program) {
  return AzureVariable(program, "TF_BUILD") == "True" &&
         AzureVariable(program, "CORESWEEP_AZURE") != "off";
}

void TellAzure(const ProgramContext& program, const std::string& markdown,
               const std::vector<Annotation>& annotations) {
  if (!AzureListens(program)) return;
  fmt::print("{}", AzureIssueLines(annotations));
  const std::string folder = AzureVariable(program, "AGENT_TEMPDIRECTORY");
  if (folder.empty()) return;
  try {
    fmt::print("##vso[task.uploadsummary]{}\n", AzureMessage(WriteSummaryFile(folder, markdown)));
  } catch (const std::exception& error) {
    fmt::print(stderr, "coresweep: AGENT_TEMPDIRECTORY: {}\n", Printable(error.what()));
  }
}

}  // namespace coresweep
