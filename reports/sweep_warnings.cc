#include "reports/sweep_warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/core/doctor.h"
#include "reports/text.h"

namespace coresweep {
namespace {

bool Mentions(const std::vector<std::string>& texts, std::string_view words) {
  return std::any_of(texts.begin(), texts.end(), [words](const std::string& text) {
    return text.find(words) != std::string::npos;
  });
}

void AddOversubscription(const SweepResult& sweep, std::vector<std::string>& warnings) {
  const auto count = std::count_if(sweep.plan.cells.begin(), sweep.plan.cells.end(),
                                   [&sweep](const PlannedCell& planned) {
                                     return planned.placement.oversubscribed &&
                                            planned.cell.Parallelism() > sweep.facts.UsableCpus();
                                   });
  if (count == 0) return;
  warnings.push_back(
      fmt::format("{} for more processors than there are usable ({}): their workers take turns; "
                  "keep workers × threads at or below {}",
                  Plural(count, "cell asks", "cells ask"), sweep.facts.BindingLimit(),
                  sweep.facts.UsableCpus()));
}

void AddDoubtful(const std::vector<CellResult>& cells, std::string_view verdict,
                 std::vector<std::string>& warnings) {
  const auto doubtful = [verdict](const CellResult& cell) { return cell.verdict == verdict; };
  const auto count = std::count_if(cells.begin(), cells.end(), doubtful);
  if (count == 0) return;
  const auto first = std::find_if(cells.begin(), cells.end(), doubtful);
  warnings.push_back(fmt::format("{} {}, for instance: {}", Plural(count, "cell is", "cells are"),
                                 verdict, first->reason));
}

}  // namespace

std::vector<std::string> WorkloadWarnings(const SweepResult& sweep) {
  std::vector<std::string> warnings = sweep.workload_warnings;
  if (sweep.runtime.blas_kind == "reference" && !Mentions(warnings, "reference BLAS")) {
    warnings.push_back(fmt::format(
        "matrix products use the reference BLAS ({}), which is many times slower than an optimised "
        "one: install OpenBLAS (scripts/setup does) and run again",
        sweep.runtime.blas_library));
  }
  return warnings;
}

std::vector<std::string> CellsWarnings(const SweepResult& sweep,
                                       const std::vector<CellResult>& cells) {
  std::vector<std::string> warnings;
  if (std::string unsteady = UnsteadyWarning(SteadinessOf(sweep.trials)); !unsteady.empty())
    warnings.push_back(std::move(unsteady));
  AddOversubscription(sweep, warnings);
  for (const char* verdict : {"displaced", "throttled", "stolen", "migrated", "unstable"})
    AddDoubtful(cells, verdict, warnings);
  return warnings;
}

std::vector<std::string> SweepWarnings(const SweepResult& sweep,
                                       const std::vector<CellResult>& cells) {
  std::vector<std::string> warnings = WorkloadWarnings(sweep);
  for (const Finding& finding : Diagnose(sweep.facts, nullptr)) {
    if (finding.severity == "problem")
      warnings.push_back(fmt::format("{}: {}", finding.text, finding.remedy));
  }
  warnings.insert(warnings.end(), sweep.facts.warnings.begin(), sweep.facts.warnings.end());
  for (std::string& warning : CellsWarnings(sweep, cells))
    warnings.push_back(std::move(warning));
  return warnings;
}

}  // namespace coresweep
