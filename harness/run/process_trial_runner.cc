#include "harness/run/process_trial_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "harness/base/clock.h"
#include "harness/base/shared_region.h"
#include "harness/ipc/start_gate.h"
#include "harness/ipc/transports.h"
#include "harness/run/dispatcher.h"
#include "harness/run/dispatcher_seat.h"
#include "harness/run/drive.h"
#include "harness/run/limit_watch.h"
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
constexpr int64_t kSpinNs = 50 * kNsPerUs;  // about the wake-up of an idle virtual CPU

/// By how much a chunk may take longer because CPUs are shared.
int64_t Crowding(const Cell& cell, const HostFacts& facts) {
  const int usable = facts.UsableCpus();
  return std::max(1, (cell.Parallelism() + usable - 1) / usable);
}

int EffectiveCredit(const Cell& cell) {
  return cell.credit > 0 ? cell.credit : 2;
}

bool FaultIn(const SweepConfig& config, const Cell& cell) {
  if (config.fault.empty()) return false;
  if (config.fault_cell.empty()) return !IsControl(cell.mode);
  return cell.Id().find(config.fault_cell) != std::string::npos;
}

std::vector<InheritedFd> TransportFds(const std::vector<UniqueFd>& fds) {
  std::vector<InheritedFd> inherited;
  for (size_t i = 0; i < fds.size(); ++i) {
    inherited.push_back({fds[i].get(), kFirstTransportFd + static_cast<int>(i)});
  }
  return inherited;
}

void AddReport(const Json& report, TrialMeasurement& measurement) {
  if (report.contains("system")) measurement.system = SystemUseFromJson(report.at("system"));
  for (const Json& worker : report.at("workers")) {
    measurement.workers.push_back(WorkerMeasurementFromJson(worker));
  }
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

InstancePlace ToInstancePlace(const WorkerPlace& place) {
  InstancePlace instance{place.cpus.ToList(), {}, place.numa_nodes};
  // Where each thread may use all of the worker's CPUs there is nothing to bind.
  if (std::all_of(place.threads.begin(), place.threads.end(),
                  [&place](const CpuSet& cpus) { return cpus == place.cpus; })) {
    return instance;
  }
  for (const CpuSet& cpus : place.threads)
    instance.threads.push_back(cpus.ToList());
  return instance;
}

CpuLimits PlannedLimits(const HostFacts& facts) {
  CpuLimits limits{facts.affinity, std::nullopt};
  if (facts.cpu_quota) limits.cpu_quota = facts.cpu_quota->value;
  return limits;
}

}  // namespace

ChannelShape ShapeOf(const PlannedCell& planned, const SweepConfig& /*config*/,
                     const WorkloadInfo& info, int usable_cpus) {
  const Cell& cell = planned.cell;
  const auto items = static_cast<size_t>(std::min(cell.chunk, info.items));
  ChannelShape shape;
  shape.request_bytes = items * info.item.bytes;
  shape.answer_bytes = items * info.answer.bytes;
  shape.credit = EffectiveCredit(cell);
  const bool room = cell.Parallelism() + 1 <= usable_cpus && !planned.placement.oversubscribed &&
                    !planned.placement.dispatcher_shares_core;
  shape.spin_ns = room ? kSpinNs : 0;
  return shape;
}

std::string WhyImpossible(const PlannedCell& planned, const SweepConfig& config,
                          const HostFacts& facts, const ReferenceData& reference) {
  const Cell& cell = planned.cell;
  const ChunkReference* chunk = reference.Find(cell.chunk);
  if (chunk == nullptr) return "no reference for this chunk size";
  if (!chunk->error.empty()) return chunk->error;
  if (cell.mode != Mode::kProcesses) return "";
  const ChannelShape shape = ShapeOf(planned, config, reference.info, facts.UsableCpus());
  const uint64_t needed = SharedBytes(cell.transport, shape) * static_cast<uint64_t>(cell.workers);
  if (needed <= facts.UsableMemoryBytes() / 2) return "";
  return fmt::format(
      "{} MiB of shared memory would be more than half of the {} MiB there are; use "
      "a smaller chunk or --credit 1",
      needed >> 20, facts.UsableMemoryBytes() >> 20);
}

TrialMeasurement ProcessTrialRunner::Run(const PlannedCell& planned, const Trial& /*trial*/) {
  TrialMeasurement measurement;
  try {
    if (planned.cell.mode == Mode::kProcesses) {
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
  if (FaultIn(env_.config, cell)) setup.fault = env_.config.fault;
  return setup;
}

std::optional<SystemSources> ProcessTrialRunner::SourcesFor(int worker) const {
  return worker == 0 ? std::optional(sources_) : std::nullopt;
}

int64_t ProcessTrialRunner::StartupTimeoutNs() const {
  return SecondsToNs(env_.config.startup_timeout_s);
}

int64_t ProcessTrialRunner::ChunkTimeoutNs(const Cell& cell) const {
  if (env_.config.chunk_timeout_s) return SecondsToNs(*env_.config.chunk_timeout_s);
  const int64_t chunk_ns = env_.reference.Find(cell.chunk)->chunk_ns;
  return std::max(kLeastTimeoutNs,
                  kTimeoutChunks * EffectiveCredit(cell) * Crowding(cell, env_.facts) * chunk_ns);
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

void ProcessTrialRunner::RunProcesses(const PlannedCell& planned, TrialMeasurement& measurement) {
  const Cell& cell = planned.cell;
  const WorkloadInfo& info = env_.reference.info;
  const TransportEntry& transport = FindTransport(cell.transport);
  StartGate gate = StartGate::Create();
  WorkerPool pool(env_.context);
  WorkerSetup setup = BaseSetup(cell);
  setup.role = WorkerRole::kServe;
  setup.transport = cell.transport;
  setup.shape = ShapeOf(planned, env_.config, info, env_.facts.UsableCpus());
  std::vector<std::unique_ptr<DispatcherChannel>> channels;
  for (int i = 0; i < cell.workers; ++i) {
    Connection connection = transport.open(setup.shape);
    setup.index = i;
    setup.places = {ToInstancePlace(planned.placement.workers[static_cast<size_t>(i)])};
    setup.system_sources = SourcesFor(i);
    auto fds = TransportFds(connection.worker_fds);
    fds.push_back({gate.fd(), kGateFd});
    pool.Spawn(setup, std::move(fds));
    channels.push_back(std::move(connection.dispatcher));
  }
  pool.AwaitAll("ready", Deadline::After(StartupTimeoutNs()), "its start-up");
  const DispatcherSeat seat(planned.placement.dispatcher);
  std::vector<std::byte> outputs;
  if (env_.save_outputs) outputs.resize(static_cast<size_t>(info.items) * info.answer.bytes);
  std::vector<std::byte> slots = MergeSlots(channels.size(), setup.shape);
  DispatchTask task{ChunkSequence(info.items, setup.chunks[0]),
                    env_.reference.items.bytes(),
                    info.item.bytes,
                    info.answer.bytes,
                    env_.reference.For(cell.chunk),
                    OpenGate(cell, gate, measurement),
                    setup.shape,
                    ChunkTimeoutNs(cell),
                    env_.save_outputs ? &outputs : nullptr,
                    std::move(slots)};
  Dispatcher dispatcher(std::move(task), std::move(channels), pool, env_.context.stop);
  try {
    dispatcher.Run();
  } catch (...) {
    dispatcher.AddTo(measurement);  // what came until then is not lost
    throw;
  }
  dispatcher.AddTo(measurement);
  pool.Finish();
  if (env_.save_outputs) env_.save_outputs(cell, outputs);
}

void ProcessTrialRunner::RunDriven(const PlannedCell& planned, TrialMeasurement& measurement) {
  const Cell& cell = planned.cell;
  const int processes = cell.mode == Mode::kIndependent ? cell.workers : 1;
  StartGate gate = StartGate::Create();
  WorkerPool pool(env_.context);
  WorkerSetup setup = BaseSetup(cell);
  setup.role = WorkerRole::kDrive;
  setup.stride = processes;
  setup.scribbles = env_.reference.scribbles;
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
  const Deadline deadline(schedule.window.end_ns + ChunkTimeoutNs(cell));
  const auto reports = pool.AwaitAll("done", deadline, "its chunks");
  for (size_t i = 0; i < reports.size(); ++i) {
    AddReport(Json::parse(reports[i].text), measurement);
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
