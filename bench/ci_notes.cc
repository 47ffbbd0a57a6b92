#include "bench/ci_notes.h"

#include "bench/azure.h"

namespace coresweep {

void TellCi(const ProgramContext& program, bool no_github, const std::string& markdown,
            const std::vector<Annotation>& annotations) {
  TellGithub(program, no_github, markdown, annotations);
  TellAzure(program, markdown, annotations);
}

bool CiListens(const ProgramContext& program, bool no_github) {
  return GithubListens(program, no_github) || AzureListens(program);
}

}  // namespace coresweep
