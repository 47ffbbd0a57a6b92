#include "bench/github.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdio>
#include <string_view>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "harness/base/unique_fd.h"
#include "reports/text.h"

namespace coresweep {
namespace {

/// "" where it is not set.
std::string Variable(const ProgramContext& program, std::string_view name) {
  const std::string begin = fmt::format("{}=", name);
  for (const std::string& variable : program.environment)
    if (variable.starts_with(begin)) return variable.substr(begin.size());
  return "";
}

bool Off(const ProgramContext& program, bool off) {
  return off || Variable(program, "CORESWEEP_GITHUB") == "off";
}

/// Appended, as other steps of the same shell may have written there.
void AppendSummary(const std::string& path, const std::string& markdown) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644));
  if (!fd) ThrowErrno("cannot write", path);
  struct stat facts {};
  Check(::fstat(fd.get(), &facts), "fstat", path);
  const auto used = static_cast<size_t>(facts.st_size);
  const size_t room = used < kMostSummaryBytes ? kMostSummaryBytes - used : 0;
  const std::string text = CutSummary(markdown, room);
  if (text.empty())
    throw Error(fmt::format("cannot write {}: it is as long as GitHub allows", path));
  WriteAll(fd.get(), text, path);
}

}  // namespace

void DeclareGithub(CLI::App& app, bool& off) {
  app.add_flag("--no-github", off,
               "under GitHub Actions: no job summary and no annotations (as CORESWEEP_GITHUB=off)");
}

bool GithubListens(const ProgramContext& program, bool off) {
  return !Off(program, off) && (!Variable(program, "GITHUB_STEP_SUMMARY").empty() ||
                                Variable(program, "GITHUB_ACTIONS") == "true");
}

void TellGithub(const ProgramContext& program, bool off, const std::string& markdown,
                const std::vector<Annotation>& annotations) {
  if (Off(program, off)) return;
  const std::string path = Variable(program, "GITHUB_STEP_SUMMARY");
  if (!path.empty()) {
    try {
      AppendSummary(path, markdown);
    } catch (const Error& error) {
      fmt::print(stderr, "coresweep: GITHUB_STEP_SUMMARY: {}\n", Printable(error.what()));
    }
  }
  if (Variable(program, "GITHUB_ACTIONS") == "true") fmt::print("{}", AnnotationLines(annotations));
}

}  // namespace coresweep
