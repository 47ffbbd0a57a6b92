#include "reports/json_report.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "harness/core/doctor.h"
#include "harness/core/host_json.h"
#include "harness/core/repro.h"
#include "reports/cell_json.h"
#include "reports/json_values.h"
#include "reports/sweep_warnings.h"
#include "reports/trial_json.h"

namespace coresweep {
namespace {

/// Sizes in bytes, which say something only where they vary.
OrderedJson SizesJson(const std::optional<SizeSpread>& sizes) {
  if (!sizes) return nullptr;
  return {{"smallest", sizes->least}, {"mean", sizes->mean}, {"largest", sizes->most}};
}

OrderedJson LayoutJson(const ItemLayout& layout, const std::optional<SizeSpread>& sizes) {
  OrderedJson tensors = OrderedJson::array();
  for (const TensorSpec& tensor : layout.tensors)
    tensors.push_back(tensor.ToText());
  return {{"tensors", std::move(tensors)},
          {"bytes", layout.bytes},
          {"sizing", ToString(layout.sizing)},
          {"sizes_bytes", SizesJson(sizes)}};
}

OrderedJson RuntimeJson(const RuntimeFacts& runtime) {
  return {{"library", TextOrNull(runtime.library)},
          {"intra_op_threads", OrNull(runtime.intra_op_threads)},
          {"inter_op_threads", OrNull(runtime.inter_op_threads)},
          {"blas_threads", OrNull(runtime.blas_threads)},
          {"blas_library", TextOrNull(runtime.blas_library)},
          {"blas_kind", TextOrNull(runtime.blas_kind)},
          {"openmp_library", TextOrNull(runtime.openmp_library)}};
}

/// The facts, what is to be said of them, and what tells whether another host is like this one.
OrderedJson HostJson(const SweepResult& sweep) {
  OrderedJson json = ToJson(sweep.facts);
  json["findings"] = ToJson(Diagnose(sweep.facts, &sweep.runtime));
  json["fingerprint"] = Fingerprint(sweep.facts, &sweep.runtime);
  return json;
}

OrderedJson WorkloadJson(const SweepResult& sweep) {
  const WorkloadSpec& spec = sweep.plan.config.workload;
  const WorkloadInfo& info = sweep.workload;
  OrderedJson facts = OrderedJson::object();
  for (const auto& [key, value] : info.facts)
    facts[key] = value;
  return {
      {"name", spec.name},
      {"model", TextOrNull(spec.model)},
      {"digest", TextOrNull(info.digest)},
      {"items", info.items > 0 ? OrderedJson(info.items) : OrderedJson(nullptr)},
      {"item", LayoutJson(info.item, sweep.item_sizes)},
      {"answer", LayoutJson(info.answer, sweep.answer_sizes)},
      {"tolerance", {{"absolute", info.tolerance.absolute}, {"relative", info.tolerance.relative}}},
      {"facts", std::move(facts)},
      {"runtime", RuntimeJson(sweep.runtime)},
      {"warnings", WorkloadWarnings(sweep)}};
}

OrderedJson SkippedJson(const SkippedCell& skipped) {
  OrderedJson json = AxesJson(skipped.cell);
  json["reason"] = skipped.reason;
  return json;
}

OrderedJson ReproJson(const Plan& plan) {
  OrderedJson repro = OrderedJson::object();
  for (const PlannedCell& planned : plan.cells)
    repro[planned.cell.Id()] = ReproCommand(plan.config, planned.cell);
  return repro;
}

/// A JSON array with one element a line.
std::string Lines(const std::vector<std::string>& elements) {
  if (elements.empty()) return "[]";
  std::string text = "[\n";
  for (size_t i = 0; i < elements.size(); ++i) {
    text += elements[i];
    text += i + 1 < elements.size() ? ",\n" : "\n";
  }
  return text + "]";
}

std::string OrNullText(const std::string& rendered) {
  return rendered.empty() ? "null" : rendered;
}

int64_t UnixNowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Keeps what it has rendered: a finished trial is rendered once, a cell when one of its trials or
/// of its controls' is new. Composing the file is then no more than joining texts.
class Rendering {
 public:
  /// Brings the rendering up to date with trials that are new since the last call.
  void Update(const SweepResult& sweep) {
    while (trials_.size() < sweep.trials.size()) {
      const size_t order = trials_.size();
      trials_.push_back(DumpLine(TrialJson(sweep, order, SamplesPerTrial(sweep.plan))));
      MarkTouched(sweep.plan, sweep.trials[order].trial.cell_index);
    }
    for (const int index : stale_cells_)
      cells_[static_cast<size_t>(index)] = DumpLine(CellJson(sweep, SummarizeCell(sweep, index)));
    stale_cells_.clear();
  }

  /// Renders what the plan, host and workload tell; all cells are rendered by the next `Update`.
  void RenderPlan(const SweepResult& sweep) {
    skipped_.clear();
    for (const SkippedCell& skipped : sweep.plan.skipped)
      skipped_.push_back(DumpLine(SkippedJson(skipped)));
    host_ = DumpLine(HostJson(sweep));
    workload_ = DumpLine(WorkloadJson(sweep));
    effective_ = DumpLine(ToJson(sweep.plan.config));
    repro_ = DumpLine(ReproJson(sweep.plan));
    cells_.resize(sweep.plan.cells.size());
    for (size_t i = 0; i < cells_.size(); ++i)
      stale_cells_.insert(static_cast<int>(i));
  }

  [[nodiscard]] std::string Compose(const SweepResult& sweep,
                                    const JsonReportOptions& options) const {
    const bool finished = !sweep.interrupted && sweep.trials.size() == sweep.plan.trials.size();
    std::string text = "{\n\"schema\": \"coresweep.report\",\n";
    const auto add = [&text](std::string_view key, const std::string& value) {
      text += fmt::format("\"{}\": {},\n", key, value);
    };
    add("schema_version", R"({"major":2,"minor":2})");
    add("tool", OrNullText(options.tool_json));
    add("created", DumpLine(TimestampJson(options.created_unix_ms)));
    add("finished", finished ? "true" : "false");
    add("interrupted", sweep.interrupted ? "true" : "false");
    add("host", host_);
    add("workload", workload_);
    add("config", fmt::format("{{\"requested\": {},\n\"effective\": {},\n\"argv\": {}}}",
                              OrNullText(options.requested_json), effective_,
                              DumpLine(TextOrNull(options.argv))));
    add("cells", Lines(cells_));
    add("trials", Lines(trials_));
    add("skipped", Lines(skipped_));
    return text + "\"repro\": " + repro_ + "\n}\n";
  }

 private:
  void MarkTouched(const Plan& plan, int touched) {
    for (int i = 0; i < static_cast<int>(cells_.size()); ++i) {
      if (i == touched || ControlIndex(plan, i, Mode::kSerial) == touched ||
          ControlIndex(plan, i, Mode::kIndependent) == touched)
        stale_cells_.insert(i);
    }
  }

  std::set<int> stale_cells_;
  std::string host_, workload_, effective_, repro_;
  std::vector<std::string> cells_, trials_, skipped_;
};

void RequireJson(const std::string& text, std::string_view what) {
  if (text.empty() || OrderedJson::accept(text)) return;
  throw Error(fmt::format("JSON report: the text given for \"{}\" is not JSON", what));
}

class JsonReport final : public ReportWriter {
 public:
  explicit JsonReport(JsonReportOptions options) : options_(std::move(options)) {
    RequireJson(options_.tool_json, "tool");
    RequireJson(options_.requested_json, "config.requested");
    if (options_.created_unix_ms == 0) options_.created_unix_ms = UnixNowMs();
  }

  void Begin(const SweepResult& sweep) override {
    rendering_.RenderPlan(sweep);
    Write(sweep);
  }
  void TrialStarts(const SweepResult& /*sweep*/, const Trial& /*trial*/) override {}
  void TrialEnded(const SweepResult& sweep) override { Write(sweep); }
  void End(const SweepResult& sweep) override {
    rendering_.RenderPlan(sweep);  // an interruption changes the verdict of cells without a trial
    Write(sweep);
  }

 private:
  void Write(const SweepResult& sweep) {
    rendering_.Update(sweep);
    WriteFileAtomically(options_.path, rendering_.Compose(sweep, options_));
  }

  JsonReportOptions options_;
  Rendering rendering_;
};

}  // namespace

std::unique_ptr<ReportWriter> MakeJsonReport(JsonReportOptions options) {
  return std::make_unique<JsonReport>(std::move(options));
}

std::string RenderJsonReport(const SweepResult& sweep, const JsonReportOptions& options) {
  RequireJson(options.tool_json, "tool");
  RequireJson(options.requested_json, "config.requested");
  Rendering rendering;
  rendering.RenderPlan(sweep);
  rendering.Update(sweep);
  return rendering.Compose(sweep, options);
}

}  // namespace coresweep
