#include "harness/host/cgroup_memory.h"

#include <algorithm>
#include <map>
#include <sstream>

namespace coresweep {
namespace {

// v1 writes "no limit" as the largest page-aligned int64; no machine has an exbibyte.
constexpr uint64_t kUnlimited = uint64_t{1} << 60;

using ByteLimit = std::optional<Limit<uint64_t>>;

std::optional<uint64_t> ReadLimit(RootedFiles& files, const std::string& file) {
  const auto text = files.Read(file);
  if (!text || *text == "max\n" || *text == "max") return std::nullopt;
  const auto value = ParseNumber<uint64_t>(*text);
  if (!value) {
    files.Reject(file, *text);
    return std::nullopt;
  }
  return *value >= kUnlimited ? std::nullopt : value;
}

void Tighten(ByteLimit& limit, std::optional<uint64_t> value, const std::string& source) {
  if (value && (!limit || *value < limit->value)) limit = Limit<uint64_t>{*value, source};
}

/// The tightest value of the file called `name` over all levels.
ByteLimit Tightest(RootedFiles& files, const CgroupHierarchy& hierarchy, const std::string& name) {
  ByteLimit limit;
  for (const std::string& level : hierarchy.levels)
    Tighten(limit, ReadLimit(files, level + name), level + name);
  return limit;
}

std::map<std::string, uint64_t> ReadStat(RootedFiles& files, const std::string& file) {
  std::istringstream words(files.Read(file).value_or(""));
  std::map<std::string, uint64_t> values;
  std::string key;
  uint64_t value = 0;
  while (words >> key >> value)
    values[key] = value;
  return values;
}

/// v1 tells in memory.stat what ancestors above the mount point allow, if their hierarchy is used.
void TightenByStat(const std::map<std::string, uint64_t>& stat, const std::string& key,
                   const std::string& file, ByteLimit& limit) {
  const auto found = stat.find(key);
  if (found != stat.end() && found->second < kUnlimited) Tighten(limit, found->second, file);
}

void ReadV1(RootedFiles& files, const CgroupHierarchy& memory, CgroupFacts& facts) {
  const std::string stat_file = memory.levels.front() + "/memory.stat";
  const std::map<std::string, uint64_t> stat = ReadStat(files, stat_file);
  facts.memory_limit_bytes = Tightest(files, memory, "/memory.limit_in_bytes");
  TightenByStat(stat, "hierarchical_memory_limit", stat_file, facts.memory_limit_bytes);
  ByteLimit both = Tightest(files, memory, "/memory.memsw.limit_in_bytes");
  TightenByStat(stat, "hierarchical_memsw_limit", stat_file, both);
  if (!both) return;
  const uint64_t memory_bytes = facts.memory_limit_bytes ? facts.memory_limit_bytes->value : 0;
  both->value -= std::min(both->value, memory_bytes);
  facts.swap_limit_bytes = both;
}

}  // namespace

void ReadMemoryLimits(RootedFiles& files, const CgroupHierarchy& memory, CgroupFacts& facts) {
  if (memory.version == 1) return ReadV1(files, memory, facts);
  facts.memory_limit_bytes = Tightest(files, memory, "/memory.max");
  facts.memory_high_bytes = Tightest(files, memory, "/memory.high");
  facts.swap_limit_bytes = Tightest(files, memory, "/memory.swap.max");
}

void ReadPidsLimit(RootedFiles& files, const CgroupHierarchy& pids, CgroupFacts& facts) {
  facts.pids_max = Tightest(files, pids, "/pids.max");
}

}  // namespace coresweep
