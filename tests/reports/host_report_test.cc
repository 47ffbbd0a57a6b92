#include "reports/host_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <sstream>

#include "reports/text.h"

namespace coresweep {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

constexpr PictureStyle kStyle{100, false};

HostFacts TwoCpus() {
  HostFacts facts;
  facts.cpu_model = "Imaginary 9000";
  facts.os = "Imaginary Linux";
  facts.kernel = "6.1";
  facts.architecture = "x86_64";
  facts.present_cpus = 8;
  facts.visible_cpus = 4;
  facts.hwloc_allowed = {0, 1, 2, 3};
  facts.affinity = facts.allowed = {2, 3};
  facts.topology.pus = {{2, 0, 0, 0, 0}, {3, 1, 0, 0, 0}};
  facts.topology.cores = 2;
  facts.topology.packages = 1;
  facts.topology.caches = {{2, "unified", 1 << 20, 2}};
  facts.topology.numa_nodes = {{0, uint64_t{1} << 30, {2, 3}}};
  facts.machine = facts.topology;
  facts.cgroup_version = 2;
  facts.memory_cgroup_visible = true;
  facts.memory_total_bytes = uint64_t{1} << 30;
  facts.system.clock_source = "tsc";
  facts.system.clock_cost_ns = 24.6;
  facts.system.rlimits = {{"nofile", 1024}, {"nproc", std::numeric_limits<uint64_t>::max()}};
  facts.system.environment = {{"OMP_PLACES", "cores"}};
  facts.system.probes = {{"pressure", false, "open /proc/pressure/cpu: ENOENT"}};
  return facts;
}

std::string Rendered(const HostFacts& facts, const PictureStyle& style = kStyle) {
  return RenderHost(facts, {{"steal", "warning", "stolen", "repeat"}}, "0123456789abcdef", nullptr,
                    style);
}

TEST(HostReport, ShowsEveryFigureWithItsSourceAndTheOneThatBinds) {
  HostFacts facts = TwoCpus();
  facts.cpu_quota = {1.5, "/sys/fs/cgroup/cpu.max"};
  facts.cpu_period_us = 20'000;
  facts.measured = MeasuredCpus{1.48, 0.5, 2};
  const std::string text = Rendered(facts);
  EXPECT_THAT(text, ContainsRegex("nominal CPUs +8 \\(/sys/devices/system/cpu/present\\)\n"));
  EXPECT_THAT(text, ContainsRegex("visible CPUs +4 \\(/sys/devices/system/cpu/online\\)\n"));
  EXPECT_THAT(text, ContainsRegex("allowed CPUs +2: 2-3 \\(sched_getaffinity and hwloc\\)\n"));
  EXPECT_THAT(
      text, ContainsRegex("CPU quota +1.5 \\(/sys/fs/cgroup/cpu.max\\), period 20 ms <- binds\n"));
  EXPECT_THAT(text, ContainsRegex("measured CPUs +1.48 \\(spin test, 2 threads for 0.5 s\\)\n"));
  EXPECT_THAT(text, ContainsRegex("usable CPUs +1, bound by quota of 1.5 CPUs"));
}

TEST(HostReport, SaysWhatIsNotThere) {
  const std::string text = Rendered(TwoCpus());
  EXPECT_THAT(text, ContainsRegex("CPU quota +none \\(none in cgroup v2\\)\n"));
  EXPECT_THAT(text, ContainsRegex("measured CPUs +not measured\n"));
  EXPECT_THAT(text, ContainsRegex("memory limit +none\n"));
  EXPECT_THAT(text, ContainsRegex("/dev/shm +not mounted\n"));
  EXPECT_THAT(text, ContainsRegex("governor +not shown\n"));
  EXPECT_THAT(text, ContainsRegex("libtorch +built without, or not known"));
  EXPECT_THAT(text, Not(HasSubstr("memory high")));
}

TEST(HostReport, CallsALimitUnknownWhereNoCgroupShowsIt) {
  HostFacts facts = TwoCpus();
  facts.memory_cgroup_visible = false;
  EXPECT_THAT(Rendered(facts), ContainsRegex("memory limit +unknown \\(no cgroup of the memory "));
}

TEST(HostReport, ShowsSystemEnvironmentAndProbes) {
  const std::string text = Rendered(TwoCpus());
  EXPECT_THAT(text, ContainsRegex("clock +tsc, 25 ns a reading\n"));
  EXPECT_THAT(text, ContainsRegex("resource limits +nofile 1024, nproc unlimited\n"));
  EXPECT_THAT(text, ContainsRegex("OMP_PLACES +cores\n"));
  EXPECT_THAT(text, ContainsRegex("pressure +no: open /proc/pressure/cpu: ENOENT\n"));
  EXPECT_THAT(text, ContainsRegex("L2 unified +2 × 1 MiB\n"));
  EXPECT_THAT(text, ContainsRegex("NUMA node 0 +1024 MiB, CPUs 2-3\n"));
}

TEST(HostReport, DrawsTheMachine) {
  EXPECT_THAT(Rendered(TwoCpus()),
              HasSubstr(DrawMachine(TwoCpus().machine, TwoCpus().allowed, nullptr, kStyle)));
}

TEST(HostReport, EndsWithFindingsRemediesAndTheFingerprint) {
  HostFacts facts = TwoCpus();
  facts.warnings = {"ignored something"};
  EXPECT_THAT(Rendered(facts), HasSubstr("\nfindings\nwarning: stolen [steal]\n    do: repeat\n"
                                         "warning: ignored something\n\n"
                                         "fingerprint        0123456789abcdef\n"));
  EXPECT_THAT(RenderHost(TwoCpus(), {}, "f", nullptr, kStyle), HasSubstr("\nfindings: none\n"));
}

TEST(HostReport, NamesLibraries) {
  RuntimeFacts libraries;
  libraries.library = "libtorch 1.13.1";
  libraries.intra_op_threads = 2;
  libraries.blas_kind = "openblas";
  libraries.blas_library = "/usr/lib/libopenblas.so.0";
  libraries.blas_threads = 1;
  libraries.openmp_library = "/usr/lib/libgomp.so.1";
  const std::string text = RenderHost(TwoCpus(), {}, "f", &libraries, kStyle);
  EXPECT_THAT(text, ContainsRegex("libtorch +libtorch 1.13.1, 2 threads by default\n"));
  EXPECT_THAT(
      text, ContainsRegex("BLAS +openblas \\(/usr/lib/libopenblas.so.0\\), 1 thread by default\n"));
  EXPECT_THAT(text, ContainsRegex("OpenMP +/usr/lib/libgomp.so.1\n"));
}

TEST(HostReport, WrapsBesideTheLabelsAndEscapesNothingToTheTerminal) {
  HostFacts facts = TwoCpus();
  facts.system.probes[0].detail = "one two three four five six seven eight nine ten eleven";
  facts.system.environment["OMP_PLACES"] = "a\033[31mb";
  const std::string text = Rendered(facts, {50, false});
  EXPECT_THAT(text, ContainsRegex("pressure           no: one two three four five six\n"
                                  "                   seven eight"));
  EXPECT_THAT(text, Not(HasSubstr("\033")));
  facts.system.probes[0].name = "shared memory accounting";
  std::istringstream lines(Rendered(facts, {50, false}));
  for (std::string line; std::getline(lines, line);)
    EXPECT_LE(DisplayWidth(line), 52U) << line;  // a path of 33 columns stands alone
  EXPECT_THAT(Rendered(facts, {50, true}), HasSubstr("\033[1mmemory and processes\033[0m\n"));
}

}  // namespace
}  // namespace coresweep
