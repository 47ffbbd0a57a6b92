#include "harness/host/cgroup_cpu.h"

#include <fmt/format.h>

#include <sstream>

namespace coresweep {
namespace {

constexpr int64_t kDefaultPeriodUs = 100'000;

struct Bandwidth {
  int64_t quota_us = 0;
  int64_t period_us = kDefaultPeriodUs;

  [[nodiscard]] double Cpus() const {
    return static_cast<double>(quota_us) / static_cast<double>(period_us);
  }
};

/// v2's "$MAX $PERIOD"; nullopt: no quota.
std::optional<Bandwidth> ReadCpuMax(RootedFiles& files, const std::string& file) {
  const auto text = files.Read(file);
  if (!text) return std::nullopt;
  std::istringstream words(*text);
  std::string max, period_word, excess;
  words >> max >> period_word >> excess;
  if (max == "max") return std::nullopt;
  const auto quota = ParseNumber<int64_t>(max);
  const auto period =
      period_word.empty() ? std::optional(kDefaultPeriodUs) : ParseNumber<int64_t>(period_word);
  if (!quota || *quota <= 0 || !period || *period <= 0 || !excess.empty()) {
    files.Reject(file, *text);
    return std::nullopt;
  }
  return Bandwidth{*quota, *period};
}

/// The same in v1's pair of files.
std::optional<Bandwidth> ReadCfsQuota(RootedFiles& files, const std::string& quota_file,
                                      const std::string& period_file) {
  const auto quota_text = files.Read(quota_file);
  if (!quota_text) return std::nullopt;
  const auto quota = ParseNumber<int64_t>(*quota_text);
  if (quota && *quota == -1) return std::nullopt;
  if (!quota || *quota <= 0) {
    files.Reject(quota_file, *quota_text);
    return std::nullopt;
  }
  const auto period_text = files.Read(period_file);
  const auto period = ParseNumber<int64_t>(period_text.value_or(""));
  if (period && *period > 0) return Bandwidth{*quota, *period};
  files.Warn(fmt::format("{} is {}: taken as the kernel's default of 100,000 us", period_file,
                         period_text ? "not a number above 0" : "missing"));
  return Bandwidth{*quota, kDefaultPeriodUs};
}

/// A number that is there or not; v1 and v2 write none of these as words.
std::optional<Limit<uint64_t>> ReadCount(RootedFiles& files, const std::string& file) {
  const auto text = files.Read(file);
  if (!text) return std::nullopt;
  if (const auto value = ParseNumber<uint64_t>(*text)) return Limit<uint64_t>{*value, file};
  files.Reject(file, *text);
  return std::nullopt;
}

/// The level whose quota is the tightest; "" = none has one.
std::string ReadQuotas(RootedFiles& files, const CgroupHierarchy& cpu, CgroupFacts& facts) {
  std::string binding_level;
  for (const std::string& level : cpu.levels) {
    const std::string file = level + (cpu.version == 2 ? "/cpu.max" : "/cpu.cfs_quota_us");
    const auto bandwidth = cpu.version == 2
                               ? ReadCpuMax(files, file)
                               : ReadCfsQuota(files, file, level + "/cpu.cfs_period_us");
    if (!bandwidth || (facts.cpu_quota && bandwidth->Cpus() >= facts.cpu_quota->value)) continue;
    facts.cpu_quota = Limit<double>{bandwidth->Cpus(), file};
    facts.cpu_period_us = bandwidth->period_us;
    binding_level = level;
  }
  return binding_level;
}

}  // namespace

bool CpuControllerOn(RootedFiles& files, const CgroupHierarchy& cpu) {
  for (const std::string& level : cpu.levels) {
    if (cpu.version == 1) {
      if (files.Exists(level + "/cpu.shares") || files.Exists(level + "/cpu.cfs_quota_us"))
        return true;
      continue;
    }
    std::istringstream words(files.Read(level + "/cgroup.controllers").value_or(""));
    for (std::string word; words >> word;) {
      if (word == "cpu") return true;
    }
    if (files.Exists(level + "/cpu.max")) return true;
  }
  return false;
}

void ReadCpuLimits(RootedFiles& files, const CgroupHierarchy& cpu, CgroupFacts& facts) {
  facts.cpu_version = cpu.version;
  facts.cpu_hidden_above = cpu.hidden_above;
  const std::string binding_level = ReadQuotas(files, cpu, facts);
  if (!binding_level.empty()) {
    facts.cpu_burst_us = ReadCount(
        files, binding_level + (cpu.version == 2 ? "/cpu.max.burst" : "/cpu.cfs_burst_us"));
  }
  for (const std::string& level : cpu.levels) {
    facts.cpu_weight = ReadCount(files, level + (cpu.version == 2 ? "/cpu.weight" : "/cpu.shares"));
    if (facts.cpu_weight) break;
  }
  for (const std::string& level : cpu.levels) {
    if (!binding_level.empty() && level != binding_level) continue;
    if (!files.Exists(level + "/cpu.stat")) continue;
    facts.cpu_stat_path = files.Real(level + "/cpu.stat").string();
    return;
  }
}

void ReadCpuset(RootedFiles& files, const CgroupHierarchy& cpuset, CgroupFacts& facts) {
  const std::vector<std::string> names =
      cpuset.version == 2 ? std::vector<std::string>{"/cpuset.cpus.effective"}
                          : std::vector<std::string>{"/cpuset.effective_cpus", "/cpuset.cpus"};
  for (const std::string& level : cpuset.levels) {
    for (const std::string& name : names) {
      const std::string file = level + name;
      const auto text = files.Read(file);
      if (!text) continue;
      const auto cpus = CpuSet::Parse(text->substr(0, text->find('\n')));
      if (!cpus) files.Reject(file, *text);
      if (!cpus || cpus->Empty()) continue;
      facts.cpuset = Limit<CpuSet>{*cpus, file};
      return;
    }
  }
}

}  // namespace coresweep
