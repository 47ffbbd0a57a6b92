#include "harness/run/process_trial_runner.h"

#include <fmt/format.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "harness/base/clock.h"
#include "harness/base/shared_region.h"
#include "harness/core/framing.h"
#include "harness/ipc/start_gate.h"
#include "harness/run/cell_shape.h"
#include "harness/run/dispatcher.h"
#include "harness/run/dispatcher_seat.h"
#include "harness/run/drive.h"
#include "harness/run/limit_watch.h"
#include "harness/run/pull_collector.h"
#include "harness/run/serve_team.h"
#include "harness/run/worker_report.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

constexpr int64_t kGateLeadNs = 2 * kNsPerMs;  // for the workers to come out of their sleep
constexpr int64_t kWarmupChunks = 1;
constexpr int64_t kWindowChunks = 4;
constexpr int64_t kWindowPeriods = 3;  // of a CPU quota, which is handed out period by period
constexpr int64_t kTimeoutChunks = 30;
constexpr int64_t kLeastTimeoutNs = 10 * kNsPerS;

/// By how much a chunk may take longer because CPUs are shared.
int64_t Crowding(const Cell& cell, const HostFacts& facts) {
  const int usable = facts.UsableCpus();
  return std::max(1, (cell.Parallelism() + usable - 1) / usable);
}

ChunkSequence ChunksOf(const Cell& cell, int64_t items) {
  return {items, std::min(cell.chunk, items)};
}

bool FaultIn(const SweepConfig& config, const Cell& cell) {
  if (config.fault.empty()) return false;
  if (config.fault_cell.empty()) return !IsControl(cell.mode);
  return cell.Id().find(config.fault_cell) != std::string::npos;
}

/// The report of a process that needs no dispatcher, and has counted and checked by itself.
void AddDriven(const Json& report, TrialMeasurement& measurement) {
  AddReport(report, std::nullopt, measurement);
  measurement.chunks += report.at("chunks").get<int64_t>();
  measurement.items_in_window += report.at("items_in_window").get<double>();
  measurement.drained_ns = std::max(measurement.drained_ns, report.at("drained_ns").get<int64_t>());
  const OrderingCounts ordering = OrderingCountsFromJson(report.at("ordering"));
  measurement.ordering.answers += ordering.answers;
  measurement.ordering.misplaced += ordering.misplaced;
  measurement.ordering.corrupted += ordering.corrupted;
  measurement.ordering.completion_inversions += ordering.completion_inversions;
  measurement.ordering.max_reorder_depth =
      std::max(measurement.ordering.max_reorder_depth, ordering.max_reorder_depth);
  measurement.ordering.head_of_line_ns += ordering.head_of_line_ns;
  const OutputCheck output = OutputCheckFromJson(report.at("output"));
  measurement.output.compared += output.compared;
  measurement.output.bitwise_equal += output.bitwise_equal;
  measurement.output.outside_tolerance += output.outside_tolerance;
  measurement.output.max_abs_diff = std::max(measurement.output.max_abs_diff, output.max_abs_diff);
}

void AddSamples(const SharedRegion& region, TrialMeasurement& measurement) {
  const DrivenSamples driven = ReadSamples(region.bytes());
  measurement.samples.insert(measurement.samples.end(), driven.samples.begin(),
                             driven.samples.end());
  measurement.samples_total += driven.total;
  measurement.sample_stride = std::max(measurement.sample_stride, driven.stride);
}

CpuLimits PlannedLimits(const HostFacts& facts) {
  CpuLimits limits{facts.affinity, std::nullopt};
  if (facts.cpu_quota) limits.cpu_quota = facts.cpu_quota->value;
  return limits;
}

}  // namespace

TrialMeasurement ProcessTrialRunner::Run(const PlannedCell& planned, const Trial& /*trial*/) {
  TrialMeasurement measurement;
  try {
    if (planned.cell.mode == Mode::kProcesses && planned.cell.dispatch == Dispatch::kPull) {
      RunPull(planned, measurement);
    } else if (planned.cell.mode == Mode::kProcesses) {
      RunProcesses(planned, measurement);
    } else {
      RunDriven(planned, measurement);
    }
    Judge(measurement);
  } catch (const TrialFailure& failure) {
    measurement.outcome = failure.outcome();
    measurement.message = failure.what();
  } catch (const Error& error) {
    measurement.outcome = Outcome::kFailed;
    measurement.message = error.what();
  }
  for (std::string& change : Changes(PlannedLimits(env_.facts), ReadCpuLimits()))
    measurement.warnings.push_back(std::move(change));
  return measurement;
}

WorkerSetup ProcessTrialRunner::BaseSetup(const Cell& cell) const {
  WorkerSetup setup;
  setup.startup_timeout_s = env_.config.startup_timeout_s;
  setup.workload = env_.config.workload;
  setup.threads = cell.threads;
  setup.info = env_.reference.info;
  setup.chunks = {std::min(cell.chunk, env_.reference.info.items)};
  setup.scribbles = env_.reference.scribbles;
  if (FaultIn(env_.config, cell)) setup.fault = env_.config.fault;
  return setup;
}

std::optional<SystemSources> ProcessTrialRunner::SourcesFor(int worker) const {
  return worker == 0 ? std::optional(sources_) : std::nullopt;
}

int64_t ProcessTrialRunner::StartupTimeoutNs() const {
  return SecondsToNs(env_.config.startup_timeout_s);
}

int64_t ProcessTrialRunner::ChunkTimeoutNs(const Cell& cell, int credit) const {
  if (env_.config.chunk_timeout_s) return SecondsToNs(*env_.config.chunk_timeout_s);
  const int64_t chunk_ns = env_.reference.Find(cell.chunk)->chunk_ns;
  return std::max(kLeastTimeoutNs, kTimeoutChunks * credit * Crowding(cell, env_.facts) * chunk_ns);
}

Schedule ProcessTrialRunner::OpenGate(const Cell& cell, StartGate& gate,
                                      TrialMeasurement& measurement) const {
  const int64_t chunk_ns = env_.reference.Find(cell.chunk)->chunk_ns * Crowding(cell, env_.facts);
  const int64_t warmup_ns = std::max(SecondsToNs(env_.config.warmup_s), kWarmupChunks * chunk_ns);
  const int64_t period_ns = env_.facts.cpu_period_us * kNsPerUs;  // 0 without a quota
  const int64_t window_ns = std::max(
      {SecondsToNs(env_.config.window_s), kWindowChunks * chunk_ns, kWindowPeriods * period_ns});
  Schedule schedule;
  schedule.gate_ns = NowNs() + kGateLeadNs;
  schedule.window.begin_ns = schedule.gate_ns + warmup_ns;
  schedule.window.end_ns = schedule.window.begin_ns + window_ns;
  measurement.gate_ns = schedule.gate_ns;
  measurement.window = schedule.window;
  gate.Open(schedule);
  return schedule;
}

void ProcessTrialRunner::SaveOutputs(const Cell& cell, std::vector<std::byte> outputs) const {
  if (!env_.save_outputs) return;
  const WorkloadInfo& info = env_.reference.info;
  env_.save_outputs(cell, PackOutputs(info.answer, ChunksOf(cell, info.items), std::move(outputs)));
}

AnswerTask ProcessTrialRunner::AnswersOf(const Cell& cell, const CellShape& shape,
                                         std::vector<std::byte>* outputs) const {
  const WorkloadInfo& info = env_.reference.info;
  if (env_.save_outputs) outputs->resize(MostPackedBytes(info.answer, info.items));
  return {ChunksOf(cell, info.items), env_.reference.For(cell.chunk),        {}, env_.config.order,
          shape.merge_capacity,       env_.save_outputs ? outputs : nullptr, {}};
}

template <typename Parent>
void ProcessTrialRunner::RunParent(Parent& parent, WorkerPool& pool,
                                   TrialMeasurement& measurement) {
  try {
    parent.Run();
  } catch (...) {
    parent.AddTo(measurement);  // what came until then is not lost
    throw;
  }
  parent.AddTo(measurement);
  pool.Finish();
}

void ProcessTrialRunner::RunProcesses(const PlannedCell& planned, TrialMeasurement& measurement) {
  const Cell& cell = planned.cell;
  StartGate gate = StartGate::Create();
  WorkerPool pool(env_.context);
  const CellShape shape = ShapeOf(planned, env_.reference, env_.facts.UsableCpus());
  measurement.credit = shape.channel.credit;
  measurement.waiting = shape.waiting;
  ServeTeam team({planned, BaseSetup(cell), shape.channel, gate, sources_}, pool);
  for (int i = 0; i < cell.workers; ++i)
    team.Start(i);
  pool.AwaitAll("ready", Deadline::After(StartupTimeoutNs()), "its start-up");
  const DispatcherSeat seat(planned.placement.dispatcher);
  std::vector<std::byte> outputs;
  DispatchTask task{AnswersOf(cell, shape, &outputs),
                    env_.reference.items.bytes(),
                    env_.reference.Items(),
                    {},
                    shape.channel,
                    cell.dispatch,
                    ChunkTimeoutNs(cell, shape.channel.credit),
                    StartupTimeoutNs(),
                    {}};
  task.answers.room = MergeRoom(shape.merge_capacity, shape.channel.answer_bytes);
  if (Replaces()) {
    task.respawn = [&team](size_t i, uint32_t generation) { return team.Restart(i, generation); };
  }
  task.schedule = OpenGate(cell, gate, measurement);
  task.answers.window = task.schedule.window;
  Dispatcher dispatcher(std::move(task), team.TakeChannels(), pool, env_.context.stop);
  RunParent(dispatcher, pool, measurement);
  SaveOutputs(cell, std::move(outputs));
}

void ProcessTrialRunner::RunPull(const PlannedCell& planned, TrialMeasurement& measurement) {
  const Cell& cell = planned.cell;
  StartGate gate = StartGate::Create();
  WorkerPool pool(env_.context);
  const CellShape shape = ShapeOf(planned, env_.reference, env_.facts.UsableCpus());
  measurement.waiting = shape.waiting;
  PullBoard board = PullBoard::Create(shape.board);
  const UniqueFd wake(Check(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd"));
  const PullPlan pull{shape.board, board.fd(), wake.get(), env_.reference.items.fd()};
  ServeTeam team({planned, BaseSetup(cell), shape.channel, gate, sources_, pull}, pool);
  for (int i = 0; i < cell.workers; ++i)
    team.Start(i);
  pool.AwaitAll("ready", Deadline::After(StartupTimeoutNs()), "its start-up");
  const DispatcherSeat seat(planned.placement.dispatcher);
  std::vector<std::byte> outputs;
  CollectTask task{AnswersOf(cell, shape, &outputs),
                   {},
                   shape.board,
                   shape.channel.spin_ns,
                   ChunkTimeoutNs(cell, 1),
                   StartupTimeoutNs(),
                   {}};
  if (Replaces()) {
    task.respawn = [&team](size_t i, uint32_t generation) { (void)team.Restart(i, generation); };
  }
  task.schedule = OpenGate(cell, gate, measurement);
  task.answers.window = task.schedule.window;
  PullCollector collector(std::move(task), board, wake.get(), pool, env_.context.stop);
  RunParent(collector, pool, measurement);
  SaveOutputs(cell, std::move(outputs));
}

void ProcessTrialRunner::RunDriven(const PlannedCell& planned, TrialMeasurement& measurement) {
  const Cell& cell = planned.cell;
  const int processes = cell.mode == Mode::kIndependent ? cell.workers : 1;
  StartGate gate = StartGate::Create();
  WorkerPool pool(env_.context);
  WorkerSetup setup = BaseSetup(cell);
  setup.role = WorkerRole::kDrive;
  setup.stride = processes;
  setup.reference = {env_.reference.Find(cell.chunk)->digests_offset,
                     env_.reference.answers_offset};
  std::vector<SharedRegion> samples;
  for (int i = 0; i < processes; ++i) {
    setup.index = i;
    setup.places.clear();
    for (const WorkerPlace& place : planned.placement.workers)
      setup.places.push_back(ToInstancePlace(place));
    if (processes > 1) setup.places = {setup.places[static_cast<size_t>(i)]};
    setup.system_sources = SourcesFor(i);
    samples.push_back(SharedRegion::Create("coresweep.samples", SamplesRegionBytes()));
    pool.Spawn(setup, {{gate.fd(), kGateFd},
                       {env_.reference.items.fd(), kItemsFd},
                       {env_.reference.region.fd(), kReferenceFd},
                       {samples.back().fd(), kSamplesFd}});
  }
  pool.AwaitAll("ready", Deadline::After(StartupTimeoutNs()), "its start-up");
  const Schedule schedule = OpenGate(cell, gate, measurement);
  const Deadline deadline(schedule.window.end_ns + ChunkTimeoutNs(cell, 1));
  const auto reports = pool.AwaitAll("done", deadline, "its chunks");
  for (size_t i = 0; i < reports.size(); ++i) {
    AddDriven(Json::parse(reports[i].text), measurement);
    AddSamples(samples[i], measurement);
  }
  pool.Finish();
}

void Judge(TrialMeasurement& measurement) {
  const OrderingCounts& ordering = measurement.ordering;
  const OutputCheck& output = measurement.output;
  if (output.outside_tolerance + ordering.corrupted > 0) {
    measurement.outcome = Outcome::kIncorrect;
    measurement.message = fmt::format(
        "{} of {} answers differ from the serial reference (largest difference {:.3g}), {} changed "
        "on the way: do not use this configuration",
        output.outside_tolerance, output.compared, output.max_abs_diff, ordering.corrupted);
  } else if (!ordering.Clean()) {
    measurement.outcome = Outcome::kDisordered;
    measurement.message = fmt::format(
        "{} answers missing, {} repeated, {} in another's place: do not use this configuration",
        ordering.missing, ordering.duplicated, ordering.misplaced);
  } else if (measurement.items_in_window <= 0) {
    measurement.outcome = Outcome::kFailed;
    measurement.message = "no work fell into the window: lengthen --window-s";
  }
}

}  // namespace coresweep
