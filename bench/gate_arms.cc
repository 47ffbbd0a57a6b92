#include "bench/gate_arms.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/base/atomic_file.h"
#include "harness/base/digest.h"
#include "harness/base/error.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostProgramBytes = size_t{1} << 30;

std::string DigestOfFile(const std::string& path) {
  try {
    const std::string bytes = ReadFile(path, kMostProgramBytes);
    return DigestHex(Digest(std::as_bytes(std::span(bytes))));
  } catch (const Error& error) {
    throw UsageError(fmt::format("{}: {}", path, error.what()));
  }
}

/// `given`, or this program's own file.
std::string ProgramPath(const std::string& given) {
  std::string path = given.empty() ? fs::read_symlink("/proc/self/exe").string() : given;
  if (access(path.c_str(), X_OK) != 0 || fs::is_directory(path))
    throw UsageError(fmt::format("{}: not a program that may be run", path));
  return path;
}

/// The configuration without the model's file, which counts by its content.
nlohmann::json WithoutModel(const std::string& config_json) {
  auto config = nlohmann::json::parse(config_json);
  config.erase("model");
  return config;
}

}  // namespace

ScratchFolder::ScratchFolder() {
  std::string name = (fs::temp_directory_path() / "coresweep-gate-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) ThrowErrno("mkdtemp", name);
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

GateArms::GateArms(const GateOptions& options, const HostFacts& facts,
                   const ProcessContext& context, Progress& progress) {
  const int usable = facts.UsableCpus();
  const SweepConfig base = options.sweep.ParseCell(options.base_sets, "--base-set", usable);
  const SweepConfig candidate =
      options.sweep.ParseCell(options.candidate_sets, "--candidate-set", usable);
  base_.config = base;
  candidate_.config = candidate;
  for (Side* side : {&base_, &candidate_}) {
    side->facts.config_json = ToJson(side->config).dump();
    side->settings = SettingsOf(side->config, facts);
    side->pass_items = side->config.workload.items.value_or(0);
  }
  if (!options.Programs()) {
    MakeCells(base, candidate, facts, context, progress);
    return;
  }
  RequireSpawn(base, "arm A");
  RequireSpawn(candidate, "arm B");
  base_.planned = PlanOneCell(base, facts, "arm A").cell;
  candidate_.planned = PlanOneCell(candidate, facts, "arm B").cell;
  scratch_ = std::make_unique<ScratchFolder>();
  ProgramArm::Call common;
  common.environment = context.environment;
  common.timeout_s = options.launch_timeout_s;
  common.stop = context.stop;
  MakePrograms(base_, {"a", "--base-program"}, options.base_programs, common);
  MakePrograms(candidate_, {"b", "--candidate-program"}, options.candidate_programs, common);
}

void GateArms::MakeCells(const SweepConfig& base, const SweepConfig& candidate,
                         const HostFacts& facts, const ProcessContext& context,
                         Progress& progress) {
  base_.cell = std::make_unique<OneCell>(base, facts, context, progress, "arm A");
  candidate_.cell = std::make_unique<OneCell>(candidate, facts, context, progress, "arm B");
  for (Side* side : {&base_, &candidate_}) {
    side->facts.workload_digest = side->cell->reference().info.digest;
    side->planned = side->cell->planned().cell;
    side->pass_items = side->cell->reference().info.items;
    side->arm = &side->cell->arm();
  }
}

void GateArms::MakePrograms(Side& side, const SideNames& names, std::vector<std::string> programs,
                            const ProgramArm::Call& common) {
  if (programs.empty()) programs.emplace_back();  // this program
  side.suite = scratch_->path() / fmt::format("{}.json", names.file);
  WriteFileAtomically(side.suite, side.facts.config_json);
  std::map<std::string, std::string> seen;  // programs by digest
  std::vector<ProgramArm> builds;
  for (const std::string& given : programs) {
    GateBuild build{ProgramPath(given), ""};
    build.program_digest = DigestOfFile(build.program);
    const auto [earlier, fresh] = seen.emplace(build.program_digest, build.program);
    if (!fresh) {
      throw UsageError(
          fmt::format("{} {}: the same bytes as {}: builds of an arm must differ, "
                      "leave one of the two out",
                      names.option, build.program, earlier->second));
    }
    ProgramArm::Call call = common;
    call.program = build.program;
    call.arguments = {side.suite.string()};
    call.file = (scratch_->path() / fmt::format("{}.out", names.file)).string();
    builds.emplace_back(std::move(call));
    side.facts.builds.push_back(std::move(build));
  }
  for (const auto& [digest, program] : seen)
    side.digests.push_back(digest);
  side.facts.program = side.facts.builds.front().program;
  side.facts.program_digest = side.facts.builds.front().program_digest;
  if (builds.size() == 1) side.facts.builds.clear();
  side.programs = std::make_unique<BuildsArm>(std::move(builds));
  side.arm = side.programs.get();
}

std::array<int64_t, 2> GateArms::Builds() const {
  const bool same = base_.digests == candidate_.digests;
  if (same && base_.digests.size() <= 1) return {0, 0};
  return {std::ssize(base_.digests), std::ssize(candidate_.digests)};
}

LaunchSettings GateArms::settings() const {
  LaunchSettings settings = base_.settings;
  settings.window_s = std::max(settings.window_s, candidate_.settings.window_s);
  settings.warmup_s = std::max(settings.warmup_s, candidate_.settings.warmup_s);
  return settings;
}

void GateArms::Apply(const LaunchSettings& settings) {
  for (Side* side : {&base_, &candidate_}) {
    ApplyTo(side->config, settings);
    side->facts.config_json = ToJson(side->config).dump();
    if (side->cell != nullptr) side->cell->Apply(settings);
    if (!side->suite.empty()) WriteFileAtomically(side->suite, side->facts.config_json);
  }
}

CalibrationBounds GateArms::bounds() const {
  CalibrationBounds bounds;
  for (const Side* side : {&base_, &candidate_}) {
    bounds.least_items = std::max(bounds.least_items, LeastWorkOf(side->planned));
  }
  if (base_.pass_items == candidate_.pass_items) bounds.pass_items = base_.pass_items;
  return bounds;
}

bool GateArms::Identical() const {
  const GateArmFacts& a = base_.facts;
  const GateArmFacts& b = candidate_.facts;
  if (base_.digests != candidate_.digests || a.workload_digest != b.workload_digest) return false;
  if (a.config_json == b.config_json) return true;
  return !a.workload_digest.empty() && WithoutModel(a.config_json) == WithoutModel(b.config_json);
}

}  // namespace coresweep
