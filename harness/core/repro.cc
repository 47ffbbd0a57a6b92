#include "harness/core/repro.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace coresweep {
namespace {

std::string Quote(const std::string& text) {
  const auto plain = [](char c) {
    return std::string_view(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,:=+%@")
               .find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) return text;
  std::string quoted = "'";
  for (const char c : text)
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

/// Collects "--name value" pairs.
class CommandLine {
 public:
  explicit CommandLine(std::string start) : text_(std::move(start)) {}
  template <typename T>
  void Add(std::string_view option, const T& value) {
    text_ += fmt::format(" {} {}", option, Quote(fmt::format("{}", value)));
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

void AddWorkload(CommandLine& line, const WorkloadSpec& spec) {
  line.Add("--workload", spec.name);
  if (!spec.model.empty()) line.Add("--model", spec.model);
  if (!spec.inputs.empty()) line.Add("--inputs", spec.inputs);
  if (!spec.input_specs.empty()) {
    std::vector<std::string> shapes;
    std::vector<std::string_view> dtypes;
    for (const TensorSpec& tensor : spec.input_specs) {
      shapes.push_back(tensor.shape.empty() ? "scalar"
                                            : fmt::format("{}", fmt::join(tensor.shape, ",")));
      dtypes.push_back(ToString(tensor.dtype));
    }
    line.Add("--input-shape", fmt::format("{}", fmt::join(shapes, ";")));
    line.Add("--input-dtype", fmt::format("{}", fmt::join(dtypes, ",")));
  }
  if (spec.items) line.Add("--items", *spec.items);
  for (const auto& [key, value] : spec.options)
    line.Add("--option", fmt::format("{}={}", key, value));
}

}  // namespace

std::string ReproCommand(const SweepConfig& config, const Cell& cell) {
  CommandLine line("coresweep run");
  AddWorkload(line, config.workload);
  line.Add("--modes", ToString(cell.mode));
  line.Add("--workers", cell.workers);
  line.Add("--threads", cell.threads);
  line.Add("--placement", cell.placement);
  if (cell.width != Width::kPu) line.Add("--width", ToString(cell.width));
  line.Add("--chunk", cell.chunk);
  if (cell.mode == Mode::kProcesses) line.Add("--transport", cell.transport);
  if (cell.dispatcher != DispatcherPlace::kUnpinned)
    line.Add("--dispatcher", ToString(cell.dispatcher));
  if (cell.dispatch != Dispatch::kDynamic) line.Add("--dispatch", ToString(cell.dispatch));
  if (cell.credit != 0) line.Add("--credit", cell.credit);
  if (cell.wait != Wait::kAdaptive) line.Add("--wait", ToString(cell.wait));
  if (cell.load.open) {
    line.Add("--load", "open");
    line.Add("--arrivals", ToString(cell.load.arrivals));
    line.Add("--rate", RateText({cell.load.rate_per_s, cell.load.share}));
    if (config.latency_bound_ms) line.Add("--latency-bound-ms", *config.latency_bound_ms);
  }
  if (config.order != Order::kInput) line.Add("--order", ToString(config.order));
  if (config.on_worker_death != OnWorkerDeath::kFail)
    line.Add("--on-worker-death", ToString(config.on_worker_death));
  if (config.worker_start != WorkerStart::kSpawn)
    line.Add("--worker-start", ToString(config.worker_start));
  line.Add("--repetitions", config.repetitions);
  if (config.reference_every != SweepConfig{}.reference_every)
    line.Add("--reference-every", config.reference_every);
  line.Add("--seed", config.seed);
  line.Add("--window-s", config.window_s);
  if (config.work_items > 0) line.Add("--work-items", config.work_items);
  line.Add("--warmup-s", config.warmup_s);
  line.Add("--measure-cpus-s", config.measure_cpus_s);
  line.Add("--startup-timeout-s", config.startup_timeout_s);
  if (config.chunk_timeout_s) line.Add("--chunk-timeout-s", *config.chunk_timeout_s);
  if (!config.fault.empty()) line.Add("--fault", config.fault);
  if (!config.fault_cell.empty()) line.Add("--fault-cell", config.fault_cell);
  return line.text();
}

}  // namespace coresweep
