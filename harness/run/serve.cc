#include "harness/run/serve.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/core/answer_checker.h"
#include "harness/core/system_use_json.h"
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

/// What answering needs besides the request.
struct Serving {
  Instance& instance;
  WorkerChannel& channel;
  StartGate& gate;
  std::optional<Fault> fault;
  uint32_t chunk;  ///< items of a whole chunk
  bool scribbles;  ///< the model changes its input
  std::vector<std::byte> scratch = {};
};

/// Items that the model may write to.
std::span<std::byte> Writable(Serving& serving, std::span<std::byte> items) {
  if (!serving.scribbles || !serving.channel.PayloadIsReadOnly()) return items;
  serving.scratch.assign(items.begin(), items.end());
  return serving.scratch;
}

/// Answers one chunk. The fault may make the answer wrong before its digest is taken.
void AnswerChunk(Serving& serving, ChunkHeader header, std::span<std::byte> items) {
  auto& [instance, channel, gate, fault, chunk, scribbles, scratch] = serving;
  const WorkloadInfo& info = instance.info();
  header.started_ns = NowNs();
  if (instance.Tick(header.started_ns)) header.started_ns = NowNs();
  if (EndsAt(fault, header.sequence) && gate.FirstToStrike()) MaybeEnd(fault, header.sequence);
  header.payload_bytes = header.items * info.answer.bytes;
  const auto answers = channel.AnswerSpace(header.payload_bytes);
  instance.workload().Run(header.items, Writable(serving, items), answers);
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

/// Answers each chunk of a request by itself: shapes and answers are those of any other dispatch.
void AnswerRequest(Serving& serving, const Incoming& request) {
  const size_t item_bytes = serving.instance.info().item.bytes;
  const ChunkHeader& header = request.header;
  const bool fits = header.payload_bytes == header.items * item_bytes && header.chunks > 0 &&
                    header.items > (header.chunks - 1U) * serving.chunk &&
                    header.items <= header.chunks * serving.chunk;
  if (!fits) {
    throw Error(fmt::format("request {} has {} bytes for {} items of {} bytes in {} chunks",
                            header.sequence, header.payload_bytes, header.items, item_bytes,
                            header.chunks));
  }
  auto left = request.payload;
  for (uint32_t k = 0; k < header.chunks; ++k) {
    ChunkHeader answer = header;
    answer.sequence += k;
    answer.chunks = 1;
    answer.items = std::min(serving.chunk, header.items - k * serving.chunk);
    const auto items = left.first(answer.items * item_bytes);
    left = left.subspan(items.size());
    AnswerChunk(serving, answer, items);
  }
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
  Serving serving{instance,       *channel, gate, fault, static_cast<uint32_t>(setup.chunks.at(0)),
                  setup.scribbles};
  while (const auto message = channel->Receive()) {
    if (message->header.kind == MessageKind::kStop) break;
    AnswerRequest(serving, *message);
  }
  instance.CloseWindow();
  Json report{{"kind", "done"}, {"workers", Json::array({ToJson(instance.measurement())})}};
  if (instance.system_use()) report["system"] = ToJson(*instance.system_use());
  control.Send(report.dump());
}

}  // namespace coresweep
