#include "reports/json_report.h"

#include <fmt/format.h>

#include <algorithm>
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
#include "reports/load_json.h"
#include "reports/report_schema.h"
#include "reports/scaling_report.h"
#include "reports/search_json.h"
#include "reports/sweep_time_report.h"
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

/// What `coresweep compare` groups by, and its unit of replication.
OrderedJson ContainerJson(const SweepResult& sweep) {
  return {{"sku", TextOrNull(sweep.plan.config.sku)},
          {"instance", TextOrNull(sweep.container.instance)},
          {"boot", TextOrNull(sweep.container.boot)}};
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

/// What open load found, which takes all cells together: at the begin and the end of a sweep only.
OrderedJson KneesOf(const SweepResult& sweep) {
  if (!sweep.plan.config.open_load) return OrderedJson::array();
  return KneesJson(sweep, FindKnees(sweep, SummarizeCells(sweep)));
}

OrderedJson SteadyStateJson(const SteadyState& state) {
  return {{"steady", OrNull(state.steady)},
          {"why_unknown", TextOrNull(state.why_unknown)},
          {"windows", state.windows},
          {"faster", state.faster},
          {"median_drift", state.windows > 0 ? OrderedJson(state.median_drift) : nullptr}};
}

/// Id of the cell to use; null where there is none.
OrderedJson RecommendedJson(const SweepResult& sweep, const std::vector<CellResult>& cells) {
  const int best = BestCell(sweep, cells);
  return best < 0 ? OrderedJson(nullptr)
                  : OrderedJson(sweep.plan.cells[static_cast<size_t>(best)].cell.Id());
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

/// Keeps what it has rendered: a finished trial is rendered once and when a reference is new that
/// it may stand beside, a cell when one of its trials or of its controls' is new. Composing the
/// file is then no more than joining texts.
class Rendering {
 public:
  /// Brings the rendering up to date with trials that are new since the last call.
  void Update(const SweepResult& sweep) {
    for (const size_t order : StaleTrials(sweep)) {
      trials_[order] = DumpLine(TrialJson(sweep, order, SamplesPerTrial(ExpectedTrials(sweep))));
      MarkTouched(sweep.plan, sweep.trials[order]);
    }
    for (const int index : stale_cells_) {
      const auto at = static_cast<size_t>(index);
      results_[at] = SummarizeCell(sweep, index);
      cells_[at] = DumpLine(CellJson(sweep, results_[at]));
    }
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
    knees_ = DumpLine(KneesOf(sweep));
    cells_.resize(sweep.plan.cells.size());
    results_.resize(cells_.size());
    for (size_t i = 0; i < cells_.size(); ++i)
      stale_cells_.insert(static_cast<int>(i));
  }

  [[nodiscard]] std::string Compose(const SweepResult& sweep,
                                    const JsonReportOptions& options) const {
    const bool finished = !sweep.interrupted && (!sweep.search || sweep.search->ended) &&
                          static_cast<int64_t>(sweep.trials.size()) == ExpectedTrials(sweep);
    std::string text = "{\n\"schema\": \"coresweep.report\",\n";
    const auto add = [&text](std::string_view key, const std::string& value) {
      text += fmt::format("\"{}\": {},\n", key, value);
    };
    add("schema_version", fmt::format(R"({{"major":{},"minor":{}}})", kReportMajor, kReportMinor));
    add("tool", OrNullText(options.tool_json));
    add("created", DumpLine(TimestampJson(options.created_unix_ms)));
    add("finished", finished ? "true" : "false");
    add("interrupted", sweep.interrupted ? "true" : "false");
    add("resumed", std::to_string(sweep.calls.empty() ? 0 : sweep.calls.size() - 1));
    add("calls", DumpLine(CallsJson(sweep)));
    add("budget", DumpLine(BudgetJson(sweep)));
    add("time", DumpLine(TimeJson(sweep)));
    add("host", host_);
    add("container", DumpLine(ContainerJson(sweep)));
    add("workload", workload_);
    add("config", fmt::format("{{\"requested\": {},\n\"effective\": {},\n\"argv\": {}}}",
                              OrNullText(options.requested_json), effective_,
                              DumpLine(TextOrNull(options.argv))));
    add("search", DumpLine(SearchJson(sweep)));
    add("steady_state", DumpLine(SteadyStateJson(SteadinessOf(sweep.trials))));
    add("scaling", DumpLine(ScalingJson(FindScaling(sweep, results_))));
    add("recommended", DumpLine(RecommendedJson(sweep, results_)));
    add("cells", Lines(cells_));
    add("knees", knees_);
    add("trials", Lines(trials_));
    add("skipped", Lines(skipped_));
    return text + "\"repro\": " + repro_ + "\n}\n";
  }

 private:
  /// New trials, and those before a new reference whose log ratio it may change. Makes room.
  std::set<size_t> StaleTrials(const SweepResult& sweep) {
    const auto reach = static_cast<size_t>(ReferenceReach(sweep.plan.config));
    std::set<size_t> stale;
    for (size_t order = trials_.size(); order < sweep.trials.size(); ++order) {
      const bool reference = sweep.trials[order].trial.role == TrialRole::kReference;
      for (size_t i = order - (reference ? std::min(reach, order) : 0); i <= order; ++i)
        stale.insert(i);
    }
    trials_.resize(sweep.trials.size());
    return stale;
  }
  /// The cells in whose row the trial counts. A reference that went well judges no cell by itself.
  void MarkTouched(const Plan& plan, const TrialResult& trial) {
    const int touched = trial.trial.cell_index;
    stale_cells_.insert(touched);
    if (trial.trial.role == TrialRole::kReference && trial.measurement.outcome == Outcome::kOk)
      return;
    for (int i = 0; i < static_cast<int>(cells_.size()); ++i) {
      if (i == touched || ControlIndex(plan, i, Mode::kSerial) == touched ||
          ControlIndex(plan, i, Mode::kIndependent) == touched)
        stale_cells_.insert(i);
    }
  }

  std::set<int> stale_cells_;
  std::vector<CellResult> results_;  ///< what `cells_` renders
  std::string host_, workload_, effective_, repro_, knees_;
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
    rendering_.RenderPlan(sweep);  // an early end changes the verdict of cells without a trial
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
