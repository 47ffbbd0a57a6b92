// `coresweep host`: what this container is and allows.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "bench/commands.h"
#include "bench/exit_codes.h"
#include "bench/libraries_command.h"
#include "bench/tool_info.h"
#include "harness/core/host_json.h"
#include "harness/host/probe.h"
#include "harness/run/worker_setup.h"
#include "workloads/registry.h"

namespace coresweep {
namespace {

void Line(std::string_view what, const std::string& value) {
  fmt::print("{:<18} {}\n", what, value);
}

std::string Mib(uint64_t bytes) {
  return fmt::format("{} MiB", bytes >> 20);
}

void PrintCpus(const HostFacts& facts) {
  Line("CPU", facts.cpu_model);
  Line("system", fmt::format("{}, Linux {}, {}", facts.os, facts.kernel, facts.architecture));
  Line("visible CPUs", fmt::format("{}", facts.visible_cpus));
  Line("allowed by hwloc", facts.hwloc_allowed.ToList());
  Line("affinity mask", facts.affinity.ToList());
  Line("allowed", fmt::format("{} ({})", facts.allowed.ToList(), facts.allowed.Count()));
  Line("CPU quota", facts.cpu_quota ? fmt::format("{:.2f} CPUs ({})", facts.cpu_quota->value,
                                                  facts.cpu_quota->source)
                                    : "none");
  Line("usable CPUs", fmt::format("{}, bound by {}", facts.UsableCpus(), facts.BindingLimit()));
  Line("cgroup",
       facts.cgroup_version == 0 ? "none found" : fmt::format("version {}", facts.cgroup_version));
}

void PrintMemory(const HostFacts& facts) {
  Line("memory", Mib(facts.memory_total_bytes));
  Line("memory limit", facts.memory_limit_bytes
                           ? fmt::format("{} ({})", Mib(facts.memory_limit_bytes->value),
                                         facts.memory_limit_bytes->source)
                           : "none");
  Line("/dev/shm", facts.dev_shm_bytes ? Mib(*facts.dev_shm_bytes) : "not mounted");
  Line("cores, packages", fmt::format("{}, {}", facts.topology.cores, facts.topology.packages));
  for (const CacheFact& cache : facts.topology.caches) {
    Line(fmt::format("L{} {}", cache.level, cache.kind),
         fmt::format("{} × {} KiB", cache.count, cache.bytes >> 10));
  }
  for (const NumaFact& node : facts.topology.numa_nodes) {
    Line(fmt::format("NUMA node {}", node.os_index),
         fmt::format("{}, CPUs {}", Mib(node.bytes), node.cpus.ToList()));
  }
}

void PrintLibrariesOf(const std::optional<RuntimeFacts>& libraries) {
  if (!libraries) return Line("libtorch", "built without");
  const auto threads = [](const std::optional<int>& count) {
    return count ? fmt::format(", {} threads by default", *count) : "";
  };
  Line("libtorch", libraries->library + threads(libraries->intra_op_threads));
  Line("BLAS", fmt::format("{} ({}){}", libraries->blas_kind, libraries->blas_library,
                           threads(libraries->blas_threads)));
  Line("OpenMP", libraries->openmp_library);
}

int PrintHost(const ProgramContext& program, bool json) {
  const HostFacts facts = ReadHostFacts();
  const auto libraries = ReadLibraries(program);
  std::vector<std::string> warnings = facts.warnings;
  if (libraries && !BlasWarning(*libraries).empty()) warnings.push_back(BlasWarning(*libraries));
  if (json) {
    nlohmann::ordered_json out = ToJson(facts);
    out["tool"] = ToolInfo();
    out["libraries"] =
        libraries ? nlohmann::ordered_json(ToJson(*libraries)) : nlohmann::ordered_json(nullptr);
    out["warnings"] = warnings;
    fmt::print("{}\n", out.dump(2));
    return kExitOk;
  }
  PrintCpus(facts);
  PrintMemory(facts);
  PrintLibrariesOf(libraries);
  for (const std::string& warning : warnings)
    fmt::print("warning: {}\n", warning);
  return kExitOk;
}

}  // namespace

void DeclareHost(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "host", "Print what this container is: allowed CPUs, quota, memory, caches, libraries, BLAS");
  const auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "print JSON");
  command->footer("Examples:\n  coresweep host\n  coresweep host --json");
  command->callback([json, &action] {
    action = [json](const ProgramContext& program) { return PrintHost(program, *json); };
  });
}

}  // namespace coresweep
