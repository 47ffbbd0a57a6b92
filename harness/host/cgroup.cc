#include "harness/host/cgroup.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>
#include <string_view>
#include <tuple>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kDefaultPeriodUs = 100'000;
// v1 writes "no limit" as the largest page-aligned int64; no machine has an exbibyte.
constexpr uint64_t kUnlimitedBytes = uint64_t{1} << 60;

struct Mount {
  int version = 0;
  std::string root;   // the cgroup that is mounted
  std::string point;  // where
  std::vector<std::string> controllers;
};

/// One line of /proc/self/cgroup; the v2 line has no controllers.
struct Membership {
  std::vector<std::string> controllers;
  std::string path;
};

/// Where the levels of one controller are, from the process's own up to the mount point.
struct Hierarchy {
  int version = 0;
  std::vector<std::string> levels;
};

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool Has(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Undoes "\040": the kernel escapes blanks and backslashes in mountinfo.
std::string Unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    int code = 0;
    const char* first = text.data() + i + 1;
    if (text[i] == '\\' && i + 3 < text.size() &&
        std::from_chars(first, first + 3, code, 8).ptr == first + 3) {
      out += static_cast<char>(code);
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::optional<Mount> ParseMount(const std::string& line) {
  const std::vector<std::string> fields = Split(line, ' ');
  const auto dash = std::find(fields.begin(), fields.end(), "-");
  if (dash - fields.begin() < 6 || fields.end() - dash < 4) return std::nullopt;
  const std::string& type = dash[1];
  if (type != "cgroup" && type != "cgroup2") return std::nullopt;
  return Mount{type == "cgroup2" ? 2 : 1, Unescape(fields[3]), Unescape(fields[4]),
               Split(dash[3], ',')};
}

std::optional<Membership> ParseMembership(const std::string& line) {
  const size_t first = line.find(':');
  if (first == std::string::npos) return std::nullopt;
  const size_t second = line.find(':', first + 1);
  if (second == std::string::npos) return std::nullopt;
  const std::string controllers = line.substr(first + 1, second - first - 1);
  return Membership{controllers.empty() ? std::vector<std::string>{} : Split(controllers, ','),
                    line.substr(second + 1)};
}

/// `path` relative to the mounted cgroup ("" = that cgroup itself); nullopt when it lies elsewhere,
/// as in a foreign cgroup namespace.
std::optional<std::string> BelowMountRoot(const std::string& path, const std::string& mount_root) {
  if (Has(Split(path, '/'), "..")) return std::nullopt;
  const std::string root = mount_root == "/" ? "" : mount_root;
  if (!path.starts_with(root)) return std::nullopt;
  std::string rest = path.substr(root.size());
  if (rest.empty() || rest == "/") return "";
  if (rest.front() != '/') return std::nullopt;  // "/ab" is not below "/a"
  return rest;
}

class Reader {
 public:
  explicit Reader(fs::path root) : root_(std::move(root)) {}

  [[nodiscard]] fs::path Real(const std::string& path) const {
    return root_ / fs::path(path).relative_path();
  }

  /// Content of a file that may be missing; a refusal is noted as a warning.
  std::optional<std::string> Read(const std::string& path) {
    std::error_code error;
    const fs::file_type type = fs::status(Real(path), error).type();
    if (type == fs::file_type::not_found) return std::nullopt;
    try {
      return ReadFile(Real(path), 1 << 24);
    } catch (const Error& refusal) {
      warnings_.push_back(fmt::format("ignored {}: {}", path, refusal.what()));
      return std::nullopt;
    }
  }

  void Reject(const std::string& path, std::string_view text) {
    const std::string_view shown = text.substr(0, std::min<size_t>(text.find('\n'), 40));
    warnings_.push_back(fmt::format("ignored {}: it holds \"{}\", not a limit", path, shown));
  }

  void Warn(std::string text) { warnings_.push_back(std::move(text)); }
  std::vector<std::string>& warnings() { return warnings_; }

 private:
  fs::path root_;
  std::vector<std::string> warnings_;
};

template <typename T>
std::optional<T> ParseNumber(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
    text.remove_suffix(1);
  T value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

template <typename T, typename Parse>
std::vector<T> ParseLines(const std::optional<std::string>& text, Parse parse) {
  std::vector<T> parsed;
  for (const std::string& line : Split(text.value_or(""), '\n')) {
    if (auto value = parse(line)) parsed.push_back(*std::move(value));
  }
  return parsed;
}

std::vector<std::string> LevelsOf(const Mount& mount, const std::string& path) {
  std::string below = BelowMountRoot(path, mount.root).value_or("");
  std::vector<std::string> levels;
  for (; !below.empty(); below.resize(below.rfind('/')))
    levels.push_back(mount.point + below);
  levels.push_back(mount.point);
  return levels;
}

/// Of several mounts of one hierarchy the one that shows the process's own cgroup, rather at the
/// usual place, rather the later one, which hides an earlier one at the same point.
const Mount* BestMount(const std::vector<Mount>& mounts, int version, std::string_view controller,
                       const std::string& path) {
  const Mount* best = nullptr;
  std::tuple<bool, bool> best_rank;
  for (const Mount& mount : mounts) {
    if (mount.version != version) continue;
    if (version == 1 && !Has(mount.controllers, controller)) continue;
    const std::tuple rank{BelowMountRoot(path, mount.root).has_value(),
                          mount.point.starts_with("/sys/fs/cgroup")};
    if (best != nullptr && rank < best_rank) continue;
    best = &mount;
    best_rank = rank;
  }
  return best;
}

/// A controller lives in one hierarchy only; where v1 has it, v2 does not.
std::optional<Hierarchy> FindController(const std::vector<Mount>& mounts,
                                        const std::vector<Membership>& memberships,
                                        std::string_view controller) {
  for (const int version : {1, 2}) {
    for (const Membership& membership : memberships) {
      const bool mine =
          version == 1 ? Has(membership.controllers, controller) : membership.controllers.empty();
      if (!mine) continue;
      const Mount* mount = BestMount(mounts, version, controller, membership.path);
      if (mount != nullptr) return Hierarchy{version, LevelsOf(*mount, membership.path)};
    }
  }
  return std::nullopt;
}

double Cpus(int64_t quota_us, int64_t period_us) {
  return static_cast<double>(quota_us) / static_cast<double>(period_us);
}

/// CPUs' worth of time in v2's "$MAX $PERIOD"; nullopt: none.
std::optional<double> ReadCpuMax(Reader& reader, const std::string& file) {
  const auto text = reader.Read(file);
  if (!text) return std::nullopt;
  std::istringstream words(*text);
  std::string max, period_word, excess;
  words >> max >> period_word >> excess;
  if (max == "max") return std::nullopt;
  const auto quota = ParseNumber<int64_t>(max);
  const auto period =
      period_word.empty() ? std::optional(kDefaultPeriodUs) : ParseNumber<int64_t>(period_word);
  if (!quota || *quota <= 0 || !period || *period <= 0 || !excess.empty()) {
    reader.Reject(file, *text);
    return std::nullopt;
  }
  return Cpus(*quota, *period);
}

/// The same in v1's pair of files.
std::optional<double> ReadCfsQuota(Reader& reader, const std::string& folder) {
  const std::string quota_file = folder + "/cpu.cfs_quota_us";
  const auto quota_text = reader.Read(quota_file);
  if (!quota_text) return std::nullopt;
  const auto quota = ParseNumber<int64_t>(*quota_text);
  if (quota && *quota == -1) return std::nullopt;
  if (!quota || *quota <= 0) {
    reader.Reject(quota_file, *quota_text);
    return std::nullopt;
  }
  const std::string period_file = folder + "/cpu.cfs_period_us";
  const auto period_text = reader.Read(period_file);
  const auto period = ParseNumber<int64_t>(period_text.value_or(""));
  if (period && *period > 0) return Cpus(*quota, *period);
  reader.Warn(fmt::format("{} is {}: taken as the kernel's default of 100,000 us", period_file,
                          period_text ? "not a number above 0" : "missing"));
  return Cpus(*quota, kDefaultPeriodUs);
}

std::optional<uint64_t> ReadByteLimit(Reader& reader, const std::string& file) {
  const auto text = reader.Read(file);
  if (!text || *text == "max\n" || *text == "max") return std::nullopt;
  const auto bytes = ParseNumber<uint64_t>(*text);
  if (!bytes) {
    reader.Reject(file, *text);
    return std::nullopt;
  }
  return *bytes >= kUnlimitedBytes ? std::nullopt : bytes;
}

/// v1 tells what ancestors above the mount point allow, if their hierarchy is used.
std::optional<uint64_t> ReadHierarchicalLimit(Reader& reader, const std::string& file) {
  std::istringstream words(reader.Read(file).value_or(""));
  std::string key;
  uint64_t value = 0;
  while (words >> key >> value) {
    if (key == "hierarchical_memory_limit" && value < kUnlimitedBytes) return value;
  }
  return std::nullopt;
}

template <typename T>
void Tighten(std::optional<Limit<T>>& limit, std::optional<T> value, const std::string& source) {
  if (value && (!limit || *value < limit->value)) limit = Limit<T>{*value, source};
}

/// v2 is mounted also where its cpu controller is switched off.
bool CpuControllerOn(Reader& reader, const Hierarchy& cpu) {
  if (cpu.version == 1) return true;
  for (const std::string& level : cpu.levels) {
    std::istringstream words(reader.Read(level + "/cgroup.controllers").value_or(""));
    for (std::string word; words >> word;) {
      if (word == "cpu") return true;
    }
    if (fs::exists(reader.Real(level + "/cpu.max"))) return true;
  }
  return false;
}

void ReadCpu(Reader& reader, const Hierarchy& cpu, CgroupFacts& facts) {
  facts.cpu_version = cpu.version;
  std::string binding_level;
  for (const std::string& level : cpu.levels) {
    const std::string file = level + (cpu.version == 2 ? "/cpu.max" : "/cpu.cfs_quota_us");
    Tighten(facts.cpu_quota,
            cpu.version == 2 ? ReadCpuMax(reader, file) : ReadCfsQuota(reader, level), file);
    if (facts.cpu_quota && facts.cpu_quota->source == file) binding_level = level;
  }
  for (const std::string& level : cpu.levels) {
    if (!binding_level.empty() && level != binding_level) continue;
    const fs::path stat = reader.Real(level + "/cpu.stat");
    if (!fs::exists(stat)) continue;
    facts.cpu_stat_path = stat.string();
    return;
  }
}

void ReadMemory(Reader& reader, const Hierarchy& memory, CgroupFacts& facts) {
  for (const std::string& level : memory.levels) {
    const std::string file =
        level + (memory.version == 2 ? "/memory.max" : "/memory.limit_in_bytes");
    Tighten(facts.memory_limit_bytes, ReadByteLimit(reader, file), file);
  }
  if (memory.version == 2) return;
  const std::string stat = memory.levels.front() + "/memory.stat";
  Tighten(facts.memory_limit_bytes, ReadHierarchicalLimit(reader, stat), stat);
}

}  // namespace

CgroupFacts ReadCgroups(const fs::path& root) {
  Reader reader(root);
  CgroupFacts facts;
  const auto mounts = ParseLines<Mount>(reader.Read("/proc/self/mountinfo"), ParseMount);
  const auto memberships =
      ParseLines<Membership>(reader.Read("/proc/self/cgroup"), ParseMembership);
  const auto cpu = FindController(mounts, memberships, "cpu");
  if (cpu && CpuControllerOn(reader, *cpu)) {
    ReadCpu(reader, *cpu, facts);
  } else {
    reader.Warn("no cgroup of the cpu controller is visible: a CPU quota, if any, is unknown");
  }
  if (const auto memory = FindController(mounts, memberships, "memory")) {
    ReadMemory(reader, *memory, facts);
  }
  facts.warnings = std::move(reader.warnings());
  return facts;
}

std::optional<ThrottleCounters> ReadThrottle(const std::string& cpu_stat_path) {
  std::error_code error;
  if (!fs::is_regular_file(cpu_stat_path, error)) return std::nullopt;
  std::istringstream words(ReadFile(cpu_stat_path, 1 << 20));
  ThrottleCounters counters;
  bool periods_seen = false;
  std::string key;
  int64_t value = 0;
  while (words >> key >> value) {
    periods_seen |= key == "nr_periods";
    if (key == "nr_periods") counters.nr_periods = value;
    if (key == "nr_throttled") counters.nr_throttled = value;
    if (key == "throttled_usec") counters.throttled_ns = value * 1000;
    if (key == "throttled_time") counters.throttled_ns = value;
  }
  return periods_seen ? std::optional(counters) : std::nullopt;
}

ThrottleDelta Difference(const ThrottleCounters& before, const ThrottleCounters& after) {
  const auto grown = [](int64_t from, int64_t to) { return std::max<int64_t>(0, to - from); };
  return {grown(before.nr_periods, after.nr_periods),
          grown(before.nr_throttled, after.nr_throttled),
          grown(before.throttled_ns, after.throttled_ns)};
}

}  // namespace coresweep
