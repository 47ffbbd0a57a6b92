#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/quiet_host.h"

namespace coresweep {
namespace {

using testing::HasSubstr;

/// What is found about one variable: "warning environment-spins", "" = nothing.
std::string About(const std::string& name, const std::string& value) {
  HostFacts facts = QuietHost();
  facts.system.environment = {{name, value}};
  const auto findings = Diagnose(facts, nullptr);
  if (findings.empty()) return "";
  EXPECT_EQ(findings.size(), 1U);
  EXPECT_THAT(findings[0].text, HasSubstr(name + "=" + value));
  EXPECT_NE(findings[0].remedy, "");
  return findings[0].severity + " " + findings[0].id;
}

TEST(DoctorEnvironment, WarnsOfVariablesThatBindThreads) {
  const std::string binds = "warning environment-binds-threads";
  EXPECT_EQ(About("OMP_PROC_BIND", "true"), binds);
  EXPECT_EQ(About("OMP_PROC_BIND", "spread"), binds);
  EXPECT_EQ(About("OMP_PLACES", "cores"), binds);
  EXPECT_EQ(About("GOMP_CPU_AFFINITY", "0-3"), binds);
  EXPECT_EQ(About("KMP_AFFINITY", "granularity=fine,compact"), binds);
  EXPECT_EQ(About("OMP_PROC_BIND", "FALSE"), "");
  EXPECT_EQ(About("KMP_AFFINITY", "disabled"), "");
}

TEST(DoctorEnvironment, ComparesThreadCountsWithTheUsableCpus) {
  for (const char* name : {"OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS",
                           "GOTO_NUM_THREADS", "BLIS_NUM_THREADS"}) {
    EXPECT_EQ(About(name, "2"), "note environment-threads") << name;
    EXPECT_EQ(About(name, "3,1"), "warning environment-too-many-threads") << name;
  }
  EXPECT_EQ(About("OMP_THREAD_LIMIT", "1"), "warning environment-thread-limit");
  EXPECT_EQ(About("OMP_THREAD_LIMIT", "2"), "");
}

TEST(DoctorEnvironment, WarnsOfWaitingThatBurnsCpus) {
  EXPECT_EQ(About("OMP_WAIT_POLICY", "ACTIVE"), "warning environment-spins");
  EXPECT_EQ(About("KMP_BLOCKTIME", "infinite"), "warning environment-spins");
  EXPECT_EQ(About("GOMP_SPINCOUNT", "100000"), "warning environment-spins");
  EXPECT_EQ(About("OMP_WAIT_POLICY", "passive"), "note environment-variable");
}

TEST(DoctorEnvironment, WarnsOfOtherCodeAndOtherInstructions) {
  EXPECT_EQ(About("LD_PRELOAD", "/usr/lib/libjemalloc.so.2"), "warning environment-preload");
  EXPECT_EQ(About("ATEN_CPU_CAPABILITY", "avx2"), "warning environment-instruction-set");
  EXPECT_EQ(About("OPENBLAS_CORETYPE", "Haswell"), "warning environment-instruction-set");
  EXPECT_EQ(About("MKL_ENABLE_INSTRUCTIONS", "AVX2"), "warning environment-instruction-set");
  EXPECT_EQ(About("DNNL_MAX_CPU_ISA", "AVX2"), "warning environment-instruction-set");
  EXPECT_EQ(About("OMP_DYNAMIC", "TRUE"), "warning environment-dynamic-threads");
  EXPECT_EQ(About("MALLOC_ARENA_MAX", "1"), "note environment-allocator");
  EXPECT_EQ(About("GLIBC_TUNABLES", "a=b"), "note environment-allocator");
}

TEST(DoctorEnvironment, NotesWhatItDoesNotKnow) {
  EXPECT_EQ(About("MKL_CBWR", "COMPATIBLE"), "note environment-variable");
}

}  // namespace
}  // namespace coresweep
