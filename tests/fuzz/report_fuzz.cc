// Reports as files of strangers: whatever the schema lets through, every reader and format must
// take or refuse in a line.
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "harness/core/costed_run.h"
#include "harness/core/stored_run.h"
#include "reports/continuous_report.h"
#include "reports/csv_report.h"
#include "reports/deterministic_report.h"
#include "reports/github_summary.h"
#include "reports/json_text.h"
#include "reports/junit_report.h"
#include "reports/markdown_report.h"
#include "reports/openmetrics_report.h"
#include "reports/report_schema.h"
#include "tests/fuzz/readers.h"

namespace coresweep {
namespace {

void ReadAll(const nlohmann::json& report) {
  ReadsOrRefuses([&] { ReadStoredRun(report, "fuzz"); });
  ReadsOrRefuses([&] { ReadCostedRun(report, "fuzz"); });
  if (!CheckReport(DeterministicReport(report)).empty()) std::abort();  // it is to stay valid
  ReadsOrRefuses([&] {
    const StoredPage page = ReadStoredPage(report, "fuzz");
    for (const auto render : {RenderBencher, RenderCsv, RenderGithubActionBenchmark, RenderJunit,
                              RenderMarkdown, RenderOpenMetrics, RenderOtava})
      render(page);
    AnnotationLines(AnnotationsOf(page));
  });
}

}  // namespace
}  // namespace coresweep

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace coresweep;
  ReadsOrRefuses([&] {
    const nlohmann::json report = ParseJsonText(TextOfFuzz(data, size), "fuzz");
    if (CheckReport(report).empty()) ReadAll(report);
  });
  return 0;
}
