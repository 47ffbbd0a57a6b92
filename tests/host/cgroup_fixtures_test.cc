// Every recorded machine of tests/fixtures/cgroups is read as its expected.json says.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/base/atomic_file.h"
#include "harness/host/cgroup.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::vector<std::string> Machines() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(CORESWEEP_SOURCE_DIR "/tests/fixtures/cgroups"))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

const Json& ValueOf(const Json& json) {
  return json;
}
std::string ValueOf(const CpuSet& cpus) {
  return cpus.ToList();
}

/// A limit that is not there has no key.
template <typename T>
void Put(Json& json, const std::string& key, const std::optional<Limit<T>>& limit) {
  if (limit) json[key] = {{"value", ValueOf(limit->value)}, {"source", limit->source}};
}

Json Shown(const CgroupFacts& facts, const fs::path& root) {
  Json json = {{"version", facts.cpu_version},
               {"period_us", facts.cpu_period_us},
               {"hidden_above", facts.cpu_hidden_above},
               {"stat", ""}};
  Put(json, "quota", facts.cpu_quota);
  Put(json, "burst", facts.cpu_burst_us);
  Put(json, "weight", facts.cpu_weight);
  Put(json, "cpuset", facts.cpuset);
  Put(json, "memory", facts.memory_limit_bytes);
  Put(json, "memory_high", facts.memory_high_bytes);
  Put(json, "swap", facts.swap_limit_bytes);
  Put(json, "pids", facts.pids_max);
  if (!facts.cpu_stat_path.empty()) json["stat"] = facts.cpu_stat_path.substr(root.string().size());
  return json;
}

class RecordedCgroups : public testing::TestWithParam<std::string> {};

TEST_P(RecordedCgroups, AreReadAsExpected) {
  const fs::path root = fs::path(CORESWEEP_SOURCE_DIR "/tests/fixtures/cgroups") / GetParam();
  Json expected = Json::parse(ReadFile(root / "expected.json"));
  const auto warnings = expected.at("warnings").get<std::vector<std::string>>();
  expected.erase("warnings");
  const CgroupFacts facts = ReadCgroups(root);
  EXPECT_EQ(Shown(facts, root), expected);
  ASSERT_EQ(facts.warnings.size(), warnings.size()) << testing::PrintToString(facts.warnings);
  for (size_t i = 0; i < warnings.size(); ++i) {
    EXPECT_NE(facts.warnings[i].find(warnings[i]), std::string::npos)
        << facts.warnings[i] << "\ndoes not hold: " << warnings[i];
  }
}

INSTANTIATE_TEST_SUITE_P(Machines, RecordedCgroups, testing::ValuesIn(Machines()),
                         [](const auto& machine) {
                           std::string name = machine.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(RecordedCgroupsFolder, HoldsAtLeastTwentyFiveMachines) {
  EXPECT_GE(Machines().size(), 25U);
}

}  // namespace
}  // namespace coresweep
