#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/core/doctor_rules.h"
#include "tests/core/quiet_host.h"

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Doctor, FindsNothingOnAQuietMachine) {
  std::vector<std::string> found;
  for (const Finding& finding : Diagnose(QuietHost(), nullptr))
    found.push_back(finding.id + ": " + finding.text);
  EXPECT_THAT(found, IsEmpty());
}

TEST(Doctor, NamesTheWorstFirst) {
  HostFacts facts = QuietHost();
  facts.cpu_quota = {1.5, "/sys/fs/cgroup/cpu.max"};
  facts.system.governor = "powersave";
  facts.system.transparent_huge_pages = "never";
  facts.system.environment = {{"OMP_PLACES", "cores"}};
  RuntimeFacts libraries;
  libraries.blas_kind = "reference";
  std::vector<std::string> severities;
  for (const Finding& finding : Diagnose(facts, &libraries)) {
    severities.push_back(finding.severity);
    EXPECT_NE(finding.remedy, "");
  }
  EXPECT_THAT(severities, ElementsAre("problem", "problem", "warning", "warning", "note", "note"));
}

TEST(Doctor, LooksAtLibrariesOnlyWhereTheyAreKnown) {
  RuntimeFacts libraries;
  libraries.blas_kind = "openblas";
  libraries.blas_library = "/usr/lib/x/openblas-openmp/libopenblas.so.0";
  EXPECT_THAT(Diagnose(QuietHost(), &libraries), IsEmpty());
  libraries.blas_library = "/usr/lib/x/openblas-pthread/libopenblas.so.0";
  const Finding pthread = Found(QuietHost(), "blas-ignores-threads", &libraries);
  EXPECT_EQ(pthread.severity, "problem");
  EXPECT_THAT(pthread.text, HasSubstr(libraries.blas_library));
  libraries = {};
  libraries.blas_kind = "reference";
  EXPECT_EQ(Found(QuietHost(), "blas-reference", &libraries).severity, "problem");
}

TEST(Doctor, WritesQuantitiesForPeople) {
  EXPECT_EQ(CpusText(1), "1 CPU");
  EXPECT_EQ(CpusText(1.5), "1.5 CPUs");
  EXPECT_EQ(BytesText(uint64_t{512} << 20), "512 MiB");
  EXPECT_EQ(BytesText(uint64_t{3} << 29), "1.5 GiB");
}

}  // namespace
}  // namespace coresweep
