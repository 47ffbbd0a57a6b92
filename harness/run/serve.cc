#include "harness/run/serve.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/core/answer_checker.h"
#include "harness/ipc/start_gate.h"
#include "harness/ipc/transports.h"
#include "harness/run/fault.h"
#include "harness/run/worker_report.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

std::unique_ptr<WorkerChannel> Attach(const WorkerSetup& setup, const std::optional<Fault>& fault) {
  const TransportEntry& transport = FindTransport(setup.transport);
  std::vector<UniqueFd> fds;
  fds.reserve(static_cast<size_t>(transport.worker_fd_count));
  for (int i = 0; i < transport.worker_fd_count; ++i)
    fds.emplace_back(kFirstTransportFd + i);
  auto channel = transport.attach(std::move(fds), setup.shape);
  return fault ? MakeFaultyChannel(std::move(channel), *fault) : std::move(channel);
}

/// Answers one chunk. `fault` may make the answer wrong before its digest is taken.
void Answer(Instance& instance, WorkerChannel& channel, const Incoming& chunk,
            const std::optional<Fault>& fault) {
  const WorkloadInfo& info = instance.info();
  ChunkHeader header = chunk.header;
  if (header.payload_bytes != header.items * info.item.bytes) {
    throw Error(fmt::format("chunk {} has {} bytes for {} items of {} bytes", header.sequence,
                            header.payload_bytes, header.items, info.item.bytes));
  }
  header.started_ns = NowNs();
  if (instance.Tick(header.started_ns)) header.started_ns = NowNs();
  MaybeEnd(fault, header.sequence);
  header.payload_bytes = header.items * info.answer.bytes;
  const auto answers = channel.AnswerSpace(header.payload_bytes);
  instance.workload().Run(header.items, chunk.payload, answers);
  header.computed_ns = NowNs();
  if (fault && fault->kind == FaultKind::kWrong && fault->at == header.sequence) {
    SpoilAnswer(answers);
  }
  header.digest = DigestOfChunk(answers, info.answer.bytes);
  channel.Send(header);
  instance.Tick(header.computed_ns);
  instance.measurement().chunks += 1;
  instance.measurement().items += header.items;
}

}  // namespace

void Serve(const WorkerSetup& setup, const WorkloadRuntime& runtime, const ProcessStart& start,
           const ControlEnd& control) {
  const auto fault = ParseFault(setup.fault);
  StartGate gate = StartGate::Attach(UniqueFd(kGateFd));
  const auto channel = Attach(setup, fault);
  Instance instance(setup, 0, runtime, start);
  instance.WarmUp(setup.chunks.at(0));
  instance.ReadBack();
  control.Send(Json{{"kind", "ready"}}.dump());
  const auto timeout_ns = SecondsToNs(setup.startup_timeout_s);
  instance.OpenWindow(gate.Await(Deadline::After(timeout_ns)).window);
  while (const auto message = channel->Receive()) {
    if (message->header.kind == MessageKind::kStop) break;
    Answer(instance, *channel, *message, fault);
  }
  instance.CloseWindow();
  Json report{{"kind", "done"}, {"workers", Json::array({ToJson(instance.measurement())})}};
  if (instance.system_use()) report["system"] = ToJson(*instance.system_use());
  control.Send(report.dump());
}

}  // namespace coresweep
