#include "reports/host_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>

#include "harness/core/cpu_figures.h"
#include "reports/text.h"

namespace coresweep {
namespace {

constexpr size_t kLabelWidth = 19;
constexpr size_t kLeastValueWidth = 20;

std::string Bytes(uint64_t bytes) {
  constexpr uint64_t kMib = uint64_t{1} << 20;
  if (bytes < kMib) return fmt::format("{} KiB", bytes >> 10);
  return fmt::format("{} MiB", bytes >> 20);
}

std::string OrUnknown(const std::string& text, const char* otherwise = "not shown") {
  return text.empty() ? otherwise : text;
}

template <typename T, typename Show>
std::string LimitText(const std::optional<Limit<T>>& limit, Show show) {
  if (!limit) return "none";
  return fmt::format("{} ({})", show(limit->value), limit->source);
}

std::string WholeNumber(uint64_t value) {
  return fmt::format("{}", value);
}

/// Text in groups of rows.
class HostPage {
 public:
  explicit HostPage(const PictureStyle& style) : style_(style) {}

  /// `longest_label`: of the rows that follow, where one may be longer than usual.
  void Group(std::string_view heading, size_t longest_label = 0) {
    label_width_ = std::max(kLabelWidth, longest_label + 1);
    if (!text_.empty()) text_ += '\n';
    text_ +=
        style_.color ? fmt::format("\033[1m{}\033[0m\n", heading) : fmt::format("{}\n", heading);
  }

  void Row(std::string_view label, const std::string& value) {
    text_ += label;
    const size_t used = DisplayWidth(label);
    text_.append(used < label_width_ ? label_width_ - used : 1, ' ');
    text_ += Indented(value, label_width_);
  }

  /// A row whose first line begins with `first` instead of a label.
  void Item(std::string_view first, const std::string& value) {
    text_.append(first).append(Indented(value, DisplayWidth(first)));
  }

  void Raw(const std::string& lines) { text_ += lines; }
  [[nodiscard]] std::string Take() { return std::move(text_); }

 private:
  /// `value` wrapped to the right of `indent` columns.
  [[nodiscard]] std::string Indented(const std::string& value, size_t indent) const {
    const size_t width = style_.width;
    const size_t left = width > indent + kLeastValueWidth ? width - indent : kLeastValueWidth;
    std::string lines = Wrap(Printable(value), left);
    for (size_t at = lines.find('\n'); at + 1 < lines.size(); at = lines.find('\n', at + 1))
      lines.insert(at + 1, indent, ' ');
    return lines;
  }

  PictureStyle style_;
  size_t label_width_ = kLabelWidth;
  std::string text_;
};

std::string FigureText(const HostFacts& facts, const CpuFigure& figure) {
  if (!figure.value) {
    if (figure.name == "quota") return "none (" + figure.source + ")";
    return figure.name == "measured" ? figure.source : "unknown (" + figure.source + ")";
  }
  std::string text = fmt::format("{:.4g}", *figure.value);
  if (figure.name == "allowed") text += fmt::format(": {}", facts.allowed.ToList());
  text += fmt::format(" ({})", figure.source);
  if (figure.name == "quota" && facts.cpu_period_us > 0)
    text += fmt::format(", period {:.3g} ms", static_cast<double>(facts.cpu_period_us) / 1000);
  return text + (figure.binds ? " <- binds" : "");
}

void AddCpus(const HostFacts& facts, HostPage& page) {
  page.Group("CPUs");
  page.Row("CPU", facts.cpu_model);
  page.Row("system", fmt::format("{}, Linux {}, {}", facts.os, facts.kernel, facts.architecture));
  if (!facts.foreign.empty()) page.Row("stands for", facts.foreign);
  for (const CpuFigure& figure : CpuFigures(facts)) {
    page.Row(figure.name == "quota" ? "CPU quota" : figure.name + " CPUs",
             FigureText(facts, figure));
  }
  page.Row("usable CPUs", fmt::format("{}, bound by {}", facts.UsableCpus(), facts.BindingLimit()));
  page.Row("affinity mask", facts.affinity.ToList());
  page.Row("allowed by hwloc", facts.hwloc_allowed.ToList());
  if (!facts.isolated.Empty()) page.Row("isolated", facts.isolated.ToList());
  if (facts.cpu_burst_us)
    page.Row("CPU burst",
             LimitText(facts.cpu_burst_us, [](uint64_t us) { return fmt::format("{} µs", us); }));
  if (facts.cpu_weight) page.Row("CPU weight", LimitText(facts.cpu_weight, WholeNumber));
  page.Row("cgroup", facts.cgroup_version == 0 ? "none found"
                                               : fmt::format("version {}", facts.cgroup_version));
}

void AddMachine(const HostFacts& facts, const PictureStyle& style, HostPage& page) {
  page.Group("machine");
  page.Row("cores, packages",
           fmt::format("{}, {} allowed; {}, {} in all", facts.topology.cores,
                       facts.topology.packages, facts.machine.cores, facts.machine.packages));
  for (const CacheFact& cache : facts.topology.caches) {
    page.Row(fmt::format("L{} {}", cache.level, cache.kind),
             fmt::format("{} × {}", cache.count, Bytes(cache.bytes)));
  }
  for (const NumaFact& node : facts.topology.numa_nodes) {
    page.Row(fmt::format("NUMA node {}", node.os_index),
             fmt::format("{}, CPUs {}", Bytes(node.bytes),
                         node.cpus.Empty() ? "none" : node.cpus.ToList()));
  }
  if (facts.machine.pus.empty()) return;
  page.Raw("\n" + DrawMachine(facts.machine, facts.allowed, nullptr, style));
}

void AddMemory(const HostFacts& facts, HostPage& page) {
  page.Group("memory and processes");
  page.Row("memory", Bytes(facts.memory_total_bytes));
  const auto limit_text = [&facts](const std::optional<Limit<uint64_t>>& limit) {
    if (limit || facts.memory_cgroup_visible || !facts.foreign.empty())
      return LimitText(limit, Bytes);
    return std::string("unknown (no cgroup of the memory controller is visible)");
  };
  page.Row("memory limit", limit_text(facts.memory_limit_bytes));
  if (facts.memory_high_bytes) page.Row("memory high", LimitText(facts.memory_high_bytes, Bytes));
  page.Row("swap", fmt::format("{}, limit {}",
                               facts.swap_total_bytes == 0 ? "none" : Bytes(facts.swap_total_bytes),
                               limit_text(facts.swap_limit_bytes)));
  page.Row("/dev/shm", facts.dev_shm_bytes ? Bytes(*facts.dev_shm_bytes) : "not mounted");
  const SystemFacts& system = facts.system;
  page.Row("huge pages",
           fmt::format("{} reserved, transparent: {}",
                       system.huge_pages ? WholeNumber(*system.huge_pages) : "unknown",
                       OrUnknown(system.transparent_huge_pages)));
  page.Row("process limit", LimitText(facts.pids_max, WholeNumber));
  std::string limits;
  for (const auto& [name, value] : system.rlimits) {
    limits += fmt::format(
        "{}{} {}", limits.empty() ? "" : ", ", name,
        value == std::numeric_limits<uint64_t>::max() ? "unlimited" : WholeNumber(value));
  }
  if (!limits.empty()) page.Row("resource limits", limits);
}

std::string SeccompText(int mode) {
  constexpr const char* kNames[] = {"off", "strict", "filter"};
  return mode >= 0 && mode <= 2 ? kNames[mode] : "not shown";
}

void AddSystem(const SystemFacts& system, HostPage& page) {
  page.Group("system");
  page.Row("clock", fmt::format("{}{}", OrUnknown(system.clock_source),
                                system.clock_cost_ns
                                    ? fmt::format(", {:.0f} ns a reading", *system.clock_cost_ns)
                                    : ""));
  page.Row("governor", OrUnknown(system.governor));
  page.Row("virtualization", OrUnknown(system.virtualization, "unknown"));
  page.Row("container", OrUnknown(system.container, "none seen"));
  page.Row("steal", system.steal_share
                        ? fmt::format("{:.2f} % of CPU time since boot", 100 * *system.steal_share)
                        : "not shown");
  page.Row("seccomp", SeccompText(system.seccomp_mode));
  page.Row("no new privileges", !system.no_new_privs   ? "not shown"
                                : *system.no_new_privs ? "yes"
                                                       : "no");
  page.Row("capabilities", system.capabilities.empty()
                               ? "none of those that matter"
                               : fmt::format("{}", fmt::join(system.capabilities, ", ")));
}

void AddLibraries(const RuntimeFacts* libraries, HostPage& page) {
  page.Group("libraries");
  if (libraries == nullptr)
    return page.Row("libtorch", "built without, or not known (see warnings)");
  const auto threads = [](const std::optional<int>& count) {
    return count ? fmt::format(", {} thread{} by default", *count, *count == 1 ? "" : "s") : "";
  };
  page.Row("libtorch", libraries->library + threads(libraries->intra_op_threads));
  page.Row("BLAS", fmt::format("{} ({}){}", libraries->blas_kind, libraries->blas_library,
                               threads(libraries->blas_threads)));
  page.Row("OpenMP", OrUnknown(libraries->openmp_library, "none"));
}

void AddEnvironment(const SystemFacts& system, HostPage& page) {
  size_t longest = 0;
  for (const auto& [name, value] : system.environment)
    longest = std::max(longest, name.size());
  page.Group("environment", longest);
  for (const auto& [name, value] : system.environment)
    page.Row(name, value);
  if (system.environment.empty()) page.Item("", "no variable that changes results");
}

void AddProbes(const std::vector<Probe>& probes, HostPage& page) {
  if (probes.empty()) return;
  size_t longest = 0;
  for (const Probe& probe : probes)
    longest = std::max(longest, probe.name.size());
  page.Group("sources of evidence", longest);
  for (const Probe& probe : probes)
    page.Row(probe.name, fmt::format("{}: {}", probe.available ? "yes" : "no", probe.detail));
}

void AddFindings(const std::vector<Finding>& findings, HostPage& page) {
  page.Group(findings.empty() ? "findings: none" : "findings");
  for (const Finding& finding : findings) {
    page.Item(fmt::format("{}: ", finding.severity),
              fmt::format("{} [{}]", finding.text, finding.id));
    page.Item("    do: ", finding.remedy);
  }
}

}  // namespace

std::string RenderHost(const HostFacts& facts, const std::vector<Finding>& findings,
                       const std::string& fingerprint, const RuntimeFacts* libraries,
                       const PictureStyle& style) {
  HostPage page(style);
  AddCpus(facts, page);
  AddMachine(facts, style, page);
  AddMemory(facts, page);
  AddSystem(facts.system, page);
  AddLibraries(libraries, page);
  AddEnvironment(facts.system, page);
  AddProbes(facts.system.probes, page);
  AddFindings(findings, page);
  for (const std::string& warning : facts.warnings)
    page.Item("warning: ", warning);
  page.Raw("\n");
  page.Row("fingerprint", fingerprint);
  return page.Take();
}

}  // namespace coresweep
