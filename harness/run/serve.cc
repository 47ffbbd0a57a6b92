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
#include "harness/core/chunk_sequence.h"
#include "harness/core/framing.h"
#include "harness/core/measurement_json.h"
#include "harness/core/system_use_json.h"
#include "harness/ipc/start_gate.h"
#include "harness/ipc/transports.h"
#include "harness/run/fault.h"

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
  if (!fault) return channel;
  return MakeFaultyChannel(std::move(channel), *fault, setup.info.answer);
}

/// What answering needs besides the request.
struct Serving {
  Instance& instance;
  WorkerChannel& channel;
  StartGate& gate;
  std::optional<Fault> fault;
  ChunkSequence chunks;
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
  auto& [instance, channel, gate, fault, chunks, scribbles, scratch] = serving;
  const ItemLayout& layout = instance.info().answer;
  const ItemRange range{chunks.Range(header.sequence).first, header.items};
  header.started_ns = NowNs();
  if (instance.Tick(header.started_ns)) header.started_ns = NowNs();
  if (EndsAt(fault, header.sequence) && gate.FirstToStrike()) MaybeEnd(fault, header.sequence);
  const auto space = channel.AnswerSpace(MostPackedBytes(layout, range.count));
  header.payload_bytes = instance.Run(range, Writable(serving, items), space);
  header.computed_ns = NowNs();
  const auto answers = space.first(header.payload_bytes);
  if (fault && fault->kind == FaultKind::kWrong && fault->at == header.sequence) {
    SpoilAnswers(answers, layout);
  }
  header.digest = DigestOfChunk(answers, layout);
  channel.Send(header);
  instance.Tick(header.computed_ns);
  instance.measurement().chunks += 1;
  instance.measurement().items += header.items;
}

/// Answers each chunk of a request by itself: shapes and answers are those of any other dispatch.
void AnswerRequest(Serving& serving, const Incoming& request) {
  const ItemLayout& layout = serving.instance.info().item;
  const auto chunk = static_cast<uint32_t>(serving.chunks.chunk());
  const ChunkHeader& header = request.header;
  const bool fits = header.chunks > 0 && header.items > (header.chunks - 1U) * chunk &&
                    header.items <= header.chunks * chunk &&
                    IsPacked(layout, request.payload, header.items);
  if (!fits) {
    throw Error(fmt::format("request {} has {} bytes for {} items of {}{} bytes in {} chunks",
                            header.sequence, header.payload_bytes, header.items,
                            layout.Varies() ? "up to " : "", layout.bytes, header.chunks));
  }
  auto left = request.payload;
  for (uint32_t k = 0; k < header.chunks; ++k) {
    ChunkHeader answer = header;
    answer.sequence += k;
    answer.chunks = 1;
    answer.items = std::min(chunk, header.items - k * chunk);
    const auto items = left.first(LeadingBytes(layout, left, answer.items).value());
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
  instance.OpenWindow(gate.Await(Deadline::After(timeout_ns)).window, &gate);
  const ChunkSequence chunks(instance.info().items, setup.chunks.at(0));
  Serving serving{instance, *channel, gate, fault, chunks, setup.scribbles};
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
