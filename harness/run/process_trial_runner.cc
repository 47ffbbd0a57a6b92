#include "harness/run/process_trial_runner.h"

#include <fmt/format.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "harness/base/clock.h"
#include "harness/base/shared_region.h"
#include "harness/core/framing.h"
#include "harness/core/measurement_json.h"
#include "harness/core/steady_state.h"
#include "harness/ipc/start_gate.h"
#include "harness/run/cell_shape.h"
#include "harness/run/dispatcher.h"
#include "harness/run/dispatcher_seat.h"
#include "harness/run/drive.h"
#include "harness/run/limit_watch.h"
#include "harness/run/pull_collector.h"
#include "harness/run/serve_team.h"
#include "harness/run/trial_lengths.h"
#include "harness/run/worker_report.h"
#include "harness/run/zygotes.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

constexpr int64_t kGateLeadNs = 2 * kNsPerMs;  // for the workers to come out of their sleep
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

std::optional<ArrivalSpec> ArrivalsOf(const Cell& cell, uint64_t seed, int repetition) {
  if (!cell.load.open) return std::nullopt;
  return ArrivalSpec{cell.load.arrivals, cell.load.rate_per_s, seed,
                     static_cast<uint64_t>(repetition)};
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

/// Worker processes; the other workers are threads.
int ProcessesOf(const Cell& cell) {
  return cell.mode == Mode::kProcesses || cell.mode == Mode::kIndependent ? cell.workers : 1;
}

/// Of process `i`: its own worker's where each process has one, else all.
std::vector<InstancePlace> PlacesOf(const PlannedCell& planned, int i) {
  const auto& workers = planned.placement.workers;
  if (ProcessesOf(planned.cell) > 1) return {ToInstancePlace(workers[static_cast<size_t>(i)])};
  std::vector<InstancePlace> places;
  places.reserve(workers.size());
  for (const WorkerPlace& place : workers)
    places.push_back(ToInstancePlace(place));
  return places;
}

CpuLimits PlannedLimits(const HostFacts& facts) {
  CpuLimits limits{facts.affinity, std::nullopt};
  if (facts.cpu_quota) limits.cpu_quota = facts.cpu_quota->value;
  return limits;
}

/// Such a window is as good as any other, but not as long as was asked for.
void WarnOfUnfinishedWork(TrialRole role, const SweepConfig& config, TrialMeasurement& trial) {
  if (role == TrialRole::kProbe || config.work_items == 0 || trial.outcome != Outcome::kOk) return;
  if (trial.items_in_window >= static_cast<double>(config.work_items)) return;
  trial.warnings.push_back(fmt::format(
      "the work was cut off after {:.1f} s: {:.0f} of {} items; lower --work-items or raise "
      "--window-s, a tenth of the longest window",
      NsToSeconds(trial.window.LengthNs()), trial.items_in_window, config.work_items));
}

}  // namespace

TrialMeasurement ProcessTrialRunner::Run(const PlannedCell& planned, const Trial& trial) {
  TrialMeasurement measurement;
  try {
    StartZygotes(planned);
    if (planned.cell.mode == Mode::kProcesses && planned.cell.dispatch == Dispatch::kPull) {
      RunPull(planned, trial.role, measurement);
    } else if (planned.cell.mode == Mode::kProcesses) {
      RunProcesses(planned, trial, measurement);
    } else {
      RunDriven(planned, trial.role, measurement);
    }
    measurement.window_drift = WindowDrift(measurement);
    Judge(trial.role, measurement);
    WarnOfUnfinishedWork(trial.role, env_.config, measurement);
  } catch (const TrialFailure& failure) {
    measurement.outcome = failure.outcome();
    measurement.message = failure.what();
  } catch (const Error& error) {
    measurement.outcome = Outcome::kFailed;
    measurement.message = error.what();
  }
  for (std::string& change : Changes(PlannedLimits(env_.facts), ReadCpuLimits()))
    measurement.warnings.push_back(std::move(change));
  if (env_.context.zygotes != nullptr) {
    for (std::string& loss : env_.context.zygotes->TakeWarnings())
      measurement.warnings.push_back(std::move(loss));
  }
  return measurement;
}

void ProcessTrialRunner::StartZygotes(const PlannedCell& planned) const {
  if (env_.context.zygotes == nullptr) return;
  for (int i = 0; i < ProcessesOf(planned.cell); ++i) {
    WorkerSetup setup = BaseSetup(planned.cell);
    setup.places = PlacesOf(planned, i);
    env_.context.zygotes->Start(env_.context, setup);
  }
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

Schedule ProcessTrialRunner::OpenGate(const Cell& cell, TrialRole role, StartGate& gate,
                                      TrialMeasurement& measurement) const {
  const int64_t chunk_ns = env_.reference.Find(cell.chunk)->chunk_ns * Crowding(cell, env_.facts);
  const int64_t chunks = ChunksOf(cell, env_.reference.info.items).chunks_per_pass();
  const TrialPace pace{chunk_ns, (chunks + cell.workers - 1) / cell.workers * chunk_ns,
                       env_.facts.cpu_period_us * kNsPerUs,
                       SecondsToNs(LeastWindowSeconds(cell.load))};
  const TrialLengths lengths = LengthsOf(env_.config, role, pace);
  Schedule schedule;
  schedule.gate_ns = NowNs() + kGateLeadNs;
  schedule.window.begin_ns = schedule.gate_ns + lengths.warmup_ns;
  schedule.window.end_ns = schedule.window.begin_ns + lengths.window_ns;
  schedule.work_items = lengths.work_items;
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

void ProcessTrialRunner::RunProcesses(const PlannedCell& planned, const Trial& trial,
                                      TrialMeasurement& measurement) {
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
                    ArrivalsOf(cell, env_.config.seed, trial.repetition),
                    {}};
  task.answers.room = MergeRoom(shape.merge_capacity, shape.channel.answer_bytes);
  if (Replaces()) {
    task.respawn = [&team](size_t i, uint32_t generation) { return team.Restart(i, generation); };
  }
  task.schedule = OpenGate(cell, trial.role, gate, measurement);
  task.answers.SetSchedule(task.schedule, gate);
  Dispatcher dispatcher(std::move(task), team.TakeChannels(), pool, env_.context.stop);
  RunParent(dispatcher, pool, measurement);
  if (trial.role != TrialRole::kProbe) SaveOutputs(cell, std::move(outputs));
}

void ProcessTrialRunner::RunPull(const PlannedCell& planned, TrialRole role,
                                 TrialMeasurement& measurement) {
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
  task.schedule = OpenGate(cell, role, gate, measurement);
  task.answers.SetSchedule(task.schedule, gate);
  PullCollector collector(std::move(task), board, wake.get(), pool, env_.context.stop);
  RunParent(collector, pool, measurement);
  if (role != TrialRole::kProbe) SaveOutputs(cell, std::move(outputs));
}

void ProcessTrialRunner::RunDriven(const PlannedCell& planned, TrialRole role,
                                   TrialMeasurement& measurement) {
  const Cell& cell = planned.cell;
  const int processes = ProcessesOf(cell);
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
    setup.places = PlacesOf(planned, i);
    setup.system_sources = SourcesFor(i);
    samples.push_back(SharedRegion::Create("coresweep.samples", SamplesRegionBytes()));
    pool.Spawn(setup, {{gate.fd(), kGateFd},
                       {env_.reference.items.fd(), kItemsFd},
                       {env_.reference.region.fd(), kReferenceFd},
                       {samples.back().fd(), kSamplesFd}});
  }
  pool.AwaitAll("ready", Deadline::After(StartupTimeoutNs()), "its start-up");
  const Schedule schedule = OpenGate(cell, role, gate, measurement);
  const Deadline deadline(schedule.window.end_ns + ChunkTimeoutNs(cell, 1));
  const auto reports = pool.AwaitAll("done", deadline, "its chunks");
  measurement.window.end_ns = std::min(schedule.window.end_ns, gate.EndNs());
  for (size_t i = 0; i < reports.size(); ++i) {
    AddDriven(Json::parse(reports[i].text), measurement);
    AddSamples(samples[i], measurement);
  }
  pool.Finish();
}

void Judge(TrialRole role, TrialMeasurement& measurement) {
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
  } else if (role == TrialRole::kProbe && ordering.answers == 0) {
    measurement.outcome = Outcome::kFailed;
    measurement.message = "no item was answered: lengthen --window-s";
  } else if (role != TrialRole::kProbe && measurement.items_in_window <= 0) {
    measurement.outcome = Outcome::kFailed;
    measurement.message = "no work fell into the window: lengthen --window-s";
  }
}

}  // namespace coresweep
