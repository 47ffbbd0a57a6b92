#include "harness/host/system_facts.h"

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>

#include "harness/base/clock.h"
#include "harness/host/environment_filter.h"
#include "harness/host/platform.h"
#include "harness/host/proc_text.h"
#include "harness/host/source_probes.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

/// The least of several batches: an interruption only adds.
double MeasureClockCostNs() {
  constexpr int kBatches = 5;
  constexpr int kCalls = 1000;
  double least = std::numeric_limits<double>::max();
  for (int batch = 0; batch < kBatches; ++batch) {
    const int64_t begin_ns = NowNs();
    timespec ignored{};
    for (int call = 0; call < kCalls; ++call)
      clock_gettime(CLOCK_MONOTONIC, &ignored);
    least = std::min(least, static_cast<double>(NowNs() - begin_ns) / kCalls);
  }
  return least;
}

/// Of all frequency domains; several names, sorted, where they differ.
std::string ReadGovernor(const fs::path& root) {
  std::set<std::string> governors;
  std::error_code error;
  for (const auto& policy :
       fs::directory_iterator(root / "sys/devices/system/cpu/cpufreq", error)) {
    if (std::string name = ReadWord(policy.path() / "scaling_governor"); !name.empty())
      governors.insert(std::move(name));
  }
  std::string all;
  for (const std::string& governor : governors)
    all.append(all.empty() ? "" : ", ").append(governor);
  return all;
}

/// Guest time, the ninth and tenth value, is in the first two already.
std::optional<double> ReadStealShare(const fs::path& root) {
  constexpr int kValues = 8;
  constexpr int kSteal = 7;
  std::istringstream words(ReadOrEmpty(root / "proc/stat"));
  std::string name;
  words >> name;
  double total = 0;
  double steal = 0;
  for (int i = 0; i < kValues; ++i) {
    double ticks = 0;
    if (!(words >> ticks)) return std::nullopt;
    total += ticks;
    if (i == kSteal) steal = ticks;
  }
  if (name != "cpu" || total <= 0) return std::nullopt;
  return steal / total;
}

std::optional<uint64_t> ReadHugePages(const fs::path& root) {
  const auto kib_as_bytes = MeminfoBytes(ReadOrEmpty(root / "proc/meminfo"), "HugePages_Total");
  if (!kib_as_bytes) return std::nullopt;
  return *kib_as_bytes / 1024;  // this line counts pages, not kB
}

/// The word in brackets of "always [madvise] never".
std::string ReadChoice(const fs::path& path) {
  const std::string text = ReadOrEmpty(path);
  const size_t open = text.find('[');
  const size_t close = text.find(']');
  if (open == std::string::npos || close == std::string::npos || close < open) return "";
  return text.substr(open + 1, close - open - 1);
}

template <typename T>
std::optional<T> ParseWhole(const std::string& text, int base) {
  T value{};
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string> DecodeCapabilities(uint64_t mask) {
  constexpr std::array<std::pair<int, const char*>, 7> kKnown = {{{14, "CAP_IPC_LOCK"},
                                                                  {19, "CAP_SYS_PTRACE"},
                                                                  {21, "CAP_SYS_ADMIN"},
                                                                  {23, "CAP_SYS_NICE"},
                                                                  {24, "CAP_SYS_RESOURCE"},
                                                                  {38, "CAP_PERFMON"},
                                                                  {39, "CAP_BPF"}}};
  std::vector<std::string> names;
  for (const auto& [bit, name] : kKnown) {
    if (((mask >> static_cast<unsigned>(bit)) & 1U) != 0) names.emplace_back(name);
  }
  return names;
}

void ReadStatus(const fs::path& root, SystemFacts& facts) {
  const std::string status = ReadOrEmpty(root / "proc/self/status");
  facts.seccomp_mode = ParseWhole<int>(ValueOf(status, "Seccomp", ':'), 10).value_or(-1);
  if (const auto flag = ParseWhole<int>(ValueOf(status, "NoNewPrivs", ':'), 10))
    facts.no_new_privs = *flag != 0;
  facts.capabilities =
      DecodeCapabilities(ParseWhole<uint64_t>(ValueOf(status, "CapEff", ':'), 16).value_or(0));
}

std::map<std::string, uint64_t> ReadLimits() {
  std::map<std::string, uint64_t> limits;
  const auto add = [&](const char* name, auto resource) {
    rlimit limit{};
    if (getrlimit(resource, &limit) != 0) return;
    limits[name] = limit.rlim_cur == RLIM_INFINITY ? std::numeric_limits<uint64_t>::max()
                                                   : static_cast<uint64_t>(limit.rlim_cur);
  };
  add("nofile", RLIMIT_NOFILE);
  add("nproc", RLIMIT_NPROC);
  add("memlock", RLIMIT_MEMLOCK);
  add("as", RLIMIT_AS);
  add("stack", RLIMIT_STACK);
  return limits;
}

}  // namespace

SystemFacts ReadSystemFacts(const fs::path& root, const std::vector<std::string>& environment) {
  SystemFacts facts;
  facts.clock_source =
      ReadWord(root / "sys/devices/system/clocksource/clocksource0/current_clocksource");
  facts.clock_cost_ns = MeasureClockCostNs();
  facts.governor = ReadGovernor(root);
  facts.virtualization = ReadVirtualization(root);
  facts.container = ReadContainer(root, environment);
  facts.steal_share = ReadStealShare(root);
  facts.huge_pages = ReadHugePages(root);
  facts.transparent_huge_pages = ReadChoice(root / "sys/kernel/mm/transparent_hugepage/enabled");
  ReadStatus(root, facts);
  facts.rlimits = ReadLimits();
  facts.environment = VariablesThatMatter(environment);
  facts.probes = TrySources(root);
  return facts;
}

}  // namespace coresweep
