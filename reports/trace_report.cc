#include "reports/trace_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "harness/base/error.h"
#include "reports/json_values.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

constexpr int kTrialTrack = 0;
constexpr int kDispatcherTrack = 1;
constexpr int kFirstWorkerTrack = 2;
constexpr double kMomentUs = 0.001;  ///< what the format shows as a slice at least

/// One chunk of a trial; microseconds from its gate.
struct TracedChunk {
  int64_t sequence = 0;
  int worker = 0;
  int64_t items = 0;
  double issued = 0, started = 0, computed = 0, merged = 0;
  std::optional<double> due;
};

/// A column of `samples`; of equal length by what the writer does, which a file by hand may not.
const Json& SampleColumn(const Json& samples, const char* name, size_t length,
                         const std::string& origin) {
  const Json& column = samples.at(name);
  if (!column.is_array() || column.size() != length) {
    throw UsageError(fmt::format("{}: trials: samples/{} should have {} values, as sequence has",
                                 origin, name, length));
  }
  return column;
}

std::vector<TracedChunk> ChunksOf(const Json& trial, const std::string& origin) {
  const Json& samples = trial.at("samples");
  const size_t length = samples.at("sequence").size();
  const Json& sequence = SampleColumn(samples, "sequence", length, origin);
  const Json& worker = SampleColumn(samples, "worker", length, origin);
  const Json& items = SampleColumn(samples, "items", length, origin);
  const Json& issued = SampleColumn(samples, "issued_us", length, origin);
  const Json& started = SampleColumn(samples, "started_us", length, origin);
  const Json& computed = SampleColumn(samples, "computed_us", length, origin);
  const Json& merged = SampleColumn(samples, "merged_us", length, origin);
  const bool open = samples.contains("due_us") && samples["due_us"].is_array();
  std::vector<TracedChunk> chunks(length);
  for (size_t i = 0; i < length; ++i) {
    chunks[i] = {sequence[i].get<int64_t>(), worker[i].get<int>(),
                 items[i].get<int64_t>(),    issued[i].get<double>(),
                 started[i].get<double>(),   computed[i].get<double>(),
                 merged[i].get<double>(),    std::nullopt};
    if (open) chunks[i].due = SampleColumn(samples, "due_us", length, origin)[i].get<double>();
  }
  return chunks;
}

/// Of the trials of each cell that kept chunks, the one with the median throughput, the lower of
/// the middle two; of those without a throughput the first, and only where there are no others.
std::vector<std::pair<std::string, const Json*>> ChosenTrials(const Json& report,
                                                              const std::string& cell) {
  std::map<std::string, std::vector<const Json*>> of_cell;
  for (const Json& trial : report.at("trials")) {
    if (trial.at("samples").at("sequence").empty()) continue;
    const std::string role = trial.value("role", "cell");
    if (role == "reference" || role == "probe") continue;
    of_cell[trial.at("cell").get<std::string>()].push_back(&trial);
  }
  std::vector<std::pair<std::string, const Json*>> chosen;
  for (const Json& listed : report.at("cells")) {
    const auto id = listed.at("id").get<std::string>();
    if ((!cell.empty() && id != cell) || of_cell.count(id) == 0) continue;
    auto& trials = of_cell[id];
    const auto unmeasured =
        std::stable_partition(trials.begin(), trials.end(),
                              [](const Json* trial) { return (*trial)["throughput"].is_number(); });
    if (unmeasured != trials.begin()) trials.erase(unmeasured, trials.end());
    std::stable_sort(trials.begin(), trials.end(), [](const Json* a, const Json* b) {
      return (*a)["throughput"].is_number() && (*a)["throughput"] < (*b)["throughput"];
    });
    const bool measured = trials.front()->at("throughput").is_number();
    chosen.emplace_back(id, measured ? trials[(trials.size() - 1) / 2] : trials.front());
  }
  return chosen;
}

/// The events of one trial.
class TraceOfTrial {
 public:
  TraceOfTrial(OrderedJson& events, int process, int64_t& next_flow)
      : events_(events), process_(process), next_flow_(next_flow) {}

  void Add(const std::string& cell, const Json& trial, const std::string& origin) {
    const std::vector<TracedChunk> chunks = ChunksOf(trial, origin);
    has_dispatcher_ = trial.at("dispatcher").is_object();
    stride_ = std::max<int64_t>(trial.at("samples").value("stride", int64_t{1}), 1);
    NameTracks(cell, trial);
    AddWindow(trial);
    for (const TracedChunk& chunk : chunks)
      AddChunk(chunk);
    if (!has_dispatcher_) return;
    AddCounter("issued, not started", chunks, &TracedChunk::issued, &TracedChunk::started);
    AddCounter("computed, not merged", chunks, &TracedChunk::computed, &TracedChunk::merged);
  }

 private:
  OrderedJson Event(const char* phase, const std::string& name, int track, double at_us) const {
    return {{"ph", phase}, {"name", name}, {"pid", process_}, {"tid", track}, {"ts", at_us}};
  }

  void Name(const char* what, int track, const std::string& name) {
    events_.push_back({{"ph", "M"},
                       {"name", what},
                       {"pid", process_},
                       {"tid", track},
                       {"args", {{"name", name}}}});
  }

  void NameTracks(const std::string& cell, const Json& trial) {
    const std::string kept = stride_ == 1 ? "" : fmt::format(", 1 chunk in {} was kept", stride_);
    Name("process_name", kTrialTrack,
         fmt::format("{} (repetition {}{})", cell, trial.at("repetition").dump(), kept));
    events_.push_back({{"ph", "M"},
                       {"name", "process_sort_index"},
                       {"pid", process_},
                       {"tid", kTrialTrack},
                       {"args", {{"sort_index", process_}}}});
    Name("thread_name", kTrialTrack, "trial");
    if (has_dispatcher_) Name("thread_name", kDispatcherTrack, "dispatcher");
    for (const Json& worker : trial.at("workers")) {
      const int index = worker.at("index").get<int>();
      const Json& cpus = worker.at("cpus_effective");
      Name("thread_name", kFirstWorkerTrack + index,
           cpus.is_string() && !cpus.get<std::string>().empty()
               ? fmt::format("worker {} on CPU {}", index, cpus.get<std::string>())
               : fmt::format("worker {}", index));
    }
  }

  void AddWindow(const Json& trial) {
    const Json& begin = trial.at("window_begin_ms");
    const Json& end = trial.at("window_end_ms");
    if (!begin.is_number() || !end.is_number()) return;
    OrderedJson event = Event("X", "measured window", kTrialTrack, begin.get<double>() * 1e3);
    event["dur"] = std::max(end.get<double>() - begin.get<double>(), 0.0) * 1e3;
    event["args"] = {{"throughput_items_per_s", trial.at("throughput")},
                     {"outcome", trial.at("outcome")},
                     {"throttle", trial.at("throttle")},
                     {"system", trial.at("system")},
                     {"warnings", trial.at("warnings")}};
    events_.push_back(std::move(event));
  }

  void AddChunk(const TracedChunk& chunk) {
    const int track = kFirstWorkerTrack + chunk.worker;
    OrderedJson compute = Event("X", "compute", track, chunk.started);
    compute["dur"] = std::max(chunk.computed - chunk.started, 0.0);
    compute["args"] = {{"chunk", chunk.sequence}, {"items", chunk.items}};
    events_.push_back(std::move(compute));
    if (chunk.due) AddPart(chunk, "queue", *chunk.due, chunk.issued);
    if (!has_dispatcher_) return;
    AddPart(chunk, "transport", chunk.issued, chunk.started);
    AddPart(chunk, "merge", chunk.computed, chunk.merged);
    const int64_t flow = next_flow_++;
    AddMoment("issue", chunk, chunk.issued);
    AddArrow("s", flow, kDispatcherTrack, chunk.issued);
    AddArrow("t", flow, track, chunk.started);
    AddMoment("merge", chunk, chunk.merged);
    AddArrow("f", flow, kDispatcherTrack, chunk.merged);
  }

  /// Parts of several chunks overlap, so they are no slices of a track.
  void AddPart(const TracedChunk& chunk, const char* name, double begin_us, double end_us) {
    for (const auto& [phase, at_us] : {std::pair{"b", begin_us}, std::pair{"e", end_us}}) {
      OrderedJson event = Event(phase, name, kTrialTrack, at_us);
      event["cat"] = "chunk";
      event["id2"] = {{"local", fmt::format("{}", chunk.sequence)}};
      if (*phase == 'b') event["args"] = {{"chunk", chunk.sequence}, {"worker", chunk.worker}};
      events_.push_back(std::move(event));
    }
  }

  void AddMoment(const char* name, const TracedChunk& chunk, double at_us) {
    OrderedJson event = Event("X", name, kDispatcherTrack, at_us);
    event["dur"] = kMomentUs;
    event["args"] = {{"chunk", chunk.sequence}, {"worker", chunk.worker}};
    events_.push_back(std::move(event));
  }

  void AddArrow(const char* phase, int64_t flow, int track, double at_us) {
    OrderedJson event = Event(phase, "chunk", track, at_us);
    event["cat"] = "chunk";
    event["id"] = flow;
    if (*phase == 'f') event["bp"] = "e";  // to the slice that encloses it, not to the next one
    events_.push_back(std::move(event));
  }

  void AddCounter(const std::string& name, const std::vector<TracedChunk>& chunks,
                  double TracedChunk::*from, double TracedChunk::*to) {
    std::map<double, int64_t> changes;
    for (const TracedChunk& chunk : chunks) {
      changes[chunk.*from] += stride_;
      changes[chunk.*to] -= stride_;
    }
    const std::string label =
        stride_ == 1 ? name : fmt::format("{} (estimate from 1 in {})", name, stride_);
    int64_t depth = 0;
    for (const auto& [at_us, change] : changes) {
      if (change == 0) continue;
      depth += change;
      OrderedJson event = Event("C", label, kTrialTrack, at_us);
      event["args"] = {{"chunks", depth}};
      events_.push_back(std::move(event));
    }
  }

  OrderedJson& events_;
  int process_;
  int64_t& next_flow_;
  bool has_dispatcher_ = false;
  int64_t stride_ = 1;
};

}  // namespace

std::string RenderTrace(const Json& report, const std::string& cell, const std::string& origin) {
  const auto& cells = report.at("cells");
  if (!cell.empty() && std::none_of(cells.begin(), cells.end(),
                                    [&cell](const Json& one) { return one.at("id") == cell; })) {
    throw UsageError(
        fmt::format("{}: has no cell {} (see `coresweep report --format csv`)", origin, cell));
  }
  const auto chosen = ChosenTrials(report, cell);
  if (chosen.empty())
    throw UsageError(fmt::format("{}: no trial{} kept the times of a chunk", origin,
                                 cell.empty() ? "" : " of " + cell));
  OrderedJson events = OrderedJson::array();
  int64_t next_flow = 1;
  int process = 0;
  for (const auto& [id, trial] : chosen)
    TraceOfTrial(events, ++process, next_flow).Add(id, *trial, origin);
  const OrderedJson trace{
      {"displayTimeUnit", "ns"},
      {"otherData",
       {{"source", "coresweep"},
        {"created", report.at("created")},
        {"time_0", "the moment at which the workers of the trial were released"},
        {"trial", "of each cell, the one with the median throughput"}}},
      {"traceEvents", std::move(events)}};
  return trace.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

}  // namespace coresweep
