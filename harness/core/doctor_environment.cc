#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "harness/core/doctor_rules.h"

namespace coresweep {
namespace {

/// What a variable is set to, and where.
struct Setting {
  std::string_view name;
  std::string_view value;
  const HostFacts* facts = nullptr;
};

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

bool Always(const Setting& setting) {
  return !setting.value.empty();
}

bool NotSwitchedOff(const Setting& setting) {
  const std::string value = Lower(setting.value);
  return !value.empty() && value != "false" && value.find("none") == std::string::npos &&
         value.find("disabled") == std::string::npos;
}

bool SwitchedOn(const Setting& setting) {
  const std::string value = Lower(setting.value);
  return value == "true" || value == "1";
}

bool Spins(const Setting& setting) {
  const std::string value = Lower(setting.value);
  return value == "active" || value == "infinite" || value == "infinity";
}

/// The number that the value begins with (OMP_NUM_THREADS may be "4,2"); 0 = none.
int LeadingNumber(const Setting& setting) {
  int number = 0;
  std::from_chars(setting.value.data(), setting.value.data() + setting.value.size(), number);
  return number;
}

bool AboveUsable(const Setting& setting) {
  return LeadingNumber(setting) > setting.facts->UsableCpus();
}

bool BelowUsable(const Setting& setting) {
  const int number = LeadingNumber(setting);
  return number > 0 && number < setting.facts->UsableCpus();
}

/// The first row whose beginning fits the name and whose condition holds gives the finding; a row
/// without an id says that a fitting variable needs none.
struct VariableRow {
  std::string_view beginning;
  bool (*condition)(const Setting&) = Always;
  const char* id = "";
  const char* severity = kNote;
  const char* effect = "";
  const char* remedy = "";
};

constexpr const char* kBinds =
    "OpenMP binds its threads itself, against the placement that a worker was given";
constexpr const char* kUnsetForBinding =
    "unset it for coresweep, which pins the threads; the report's readback shows what they had";
constexpr const char* kTooMany =
    "more threads than the usable CPUs: in programs of your own they "
    "wait for each other";
constexpr const char* kSetForWorkers =
    "nothing for coresweep, which sets it for every worker; elsewhere use at most the usable CPUs";
constexpr const char* kCounts = "it is the number of threads in programs of your own";
constexpr const char* kInstructions = "it chooses the instruction set instead of the CPU";
constexpr const char* kUnsetOrRecord = "unset it, or set the same wherever the results shall hold";

constexpr std::array kVariableRows = {
    VariableRow{"OMP_PROC_BIND", NotSwitchedOff, "environment-binds-threads", kWarning, kBinds,
                kUnsetForBinding},
    VariableRow{"OMP_PROC_BIND"},
    VariableRow{"OMP_PLACES", Always, "environment-binds-threads", kWarning, kBinds,
                kUnsetForBinding},
    VariableRow{"GOMP_CPU_AFFINITY", Always, "environment-binds-threads", kWarning, kBinds,
                kUnsetForBinding},
    VariableRow{
        "KMP_AFFINITY", NotSwitchedOff, "environment-binds-threads", kWarning,
        "the OpenMP of Intel and LLVM binds its threads by it, against the placement that a "
        "worker was given (GNU's does not read it)",
        kUnsetForBinding},
    VariableRow{"KMP_AFFINITY"},
    VariableRow{"OMP_NUM_THREADS", AboveUsable, "environment-too-many-threads", kWarning, kTooMany,
                kSetForWorkers},
    VariableRow{"MKL_NUM_THREADS", AboveUsable, "environment-too-many-threads", kWarning, kTooMany,
                kSetForWorkers},
    VariableRow{"OPENBLAS_NUM_THREADS", AboveUsable, "environment-too-many-threads", kWarning,
                kTooMany, kSetForWorkers},
    VariableRow{"GOTO_NUM_THREADS", AboveUsable, "environment-too-many-threads", kWarning, kTooMany,
                kSetForWorkers},
    VariableRow{"BLIS_NUM_THREADS", AboveUsable, "environment-too-many-threads", kWarning, kTooMany,
                kSetForWorkers},
    VariableRow{"OMP_NUM_THREADS", Always, "environment-threads", kNote, kCounts, kSetForWorkers},
    VariableRow{"MKL_NUM_THREADS", Always, "environment-threads", kNote, kCounts, kSetForWorkers},
    VariableRow{"OPENBLAS_NUM_THREADS", Always, "environment-threads", kNote, kCounts,
                kSetForWorkers},
    VariableRow{"GOTO_NUM_THREADS", Always, "environment-threads", kNote, kCounts, kSetForWorkers},
    VariableRow{"BLIS_NUM_THREADS", Always, "environment-threads", kNote, kCounts, kSetForWorkers},
    VariableRow{"OMP_THREAD_LIMIT", BelowUsable, "environment-thread-limit", kWarning,
                "OpenMP starts no more threads than that, whatever a program asks for",
                "nothing for coresweep, which unsets it for every worker; elsewhere unset it"},
    VariableRow{"OMP_THREAD_LIMIT"},
    VariableRow{"OMP_DYNAMIC", SwitchedOn, "environment-dynamic-threads", kWarning,
                "OpenMP may use fewer threads than a program asks for, by the load of the machine",
                "nothing for coresweep, which unsets it for every worker; elsewhere unset it"},
    VariableRow{"OMP_WAIT_POLICY", Spins, "environment-spins", kWarning,
                "threads that wait keep their CPU busy: they use up a quota and slow down others "
                "on the same core",
                "unset it unless each thread has a core of its own and there is no quota"},
    VariableRow{"KMP_BLOCKTIME", Spins, "environment-spins", kWarning,
                "threads that wait keep their CPU busy: they use up a quota and slow down others "
                "on the same core",
                "set a few milliseconds, or unset it"},
    VariableRow{"GOMP_SPINCOUNT", Always, "environment-spins", kWarning,
                "it sets how long threads spin before they sleep", "unset it"},
    VariableRow{"LD_PRELOAD", Always, "environment-preload", kWarning,
                "it replaces functions in every program, workers too (an allocator changes speed "
                "and memory)",
                kUnsetOrRecord},
    VariableRow{"MALLOC_", Always, "environment-allocator", kNote,
                "it changes the allocator of the C library", kUnsetOrRecord},
    VariableRow{"GLIBC_TUNABLES", Always, "environment-allocator", kNote,
                "it changes the C library", kUnsetOrRecord},
    VariableRow{"ATEN_CPU_CAPABILITY", Always, "environment-instruction-set", kWarning,
                kInstructions, kUnsetOrRecord},
    VariableRow{"OPENBLAS_CORETYPE", Always, "environment-instruction-set", kWarning, kInstructions,
                kUnsetOrRecord},
    VariableRow{"MKL_ENABLE_INSTRUCTIONS", Always, "environment-instruction-set", kWarning,
                kInstructions, kUnsetOrRecord},
    VariableRow{"MKL_DEBUG_CPU_TYPE", Always, "environment-instruction-set", kWarning,
                kInstructions, kUnsetOrRecord},
    VariableRow{"DNNL_MAX_CPU_ISA", Always, "environment-instruction-set", kWarning, kInstructions,
                kUnsetOrRecord},
    VariableRow{"ONEDNN_MAX_CPU_ISA", Always, "environment-instruction-set", kWarning,
                kInstructions, kUnsetOrRecord},
    VariableRow{"", Always, "environment-variable", kNote, "it may change speed or results",
                kUnsetOrRecord},
};

}  // namespace

std::vector<Finding> DiagnoseEnvironment(const HostFacts& facts) {
  std::vector<Finding> findings;
  for (const auto& [name, value] : facts.system.environment) {
    const Setting setting{name, value, &facts};
    const auto row =
        std::find_if(kVariableRows.begin(), kVariableRows.end(), [&](const VariableRow& candidate) {
          return setting.name.starts_with(candidate.beginning) && candidate.condition(setting);
        });
    if (row == kVariableRows.end() || *row->id == '\0') continue;
    findings.push_back({row->id, row->severity,
                        fmt::format("{}={} is set: {}", name, value, row->effect), row->remedy});
  }
  return findings;
}

}  // namespace coresweep
