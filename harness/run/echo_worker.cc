#include "harness/run/echo_worker.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "harness/base/child_process.h"
#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/memory.h"
#include "harness/base/stop_signal.h"
#include "harness/ipc/transports.h"
#include "harness/run/instance.h"
#include "harness/run/payload_touch.h"
#include "harness/run/worker_setup.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

constexpr int64_t kSetupPatienceNs = 60 * kNsPerS;
constexpr int kExitOfTest = 3;  // of EchoSetup::end_after

std::vector<UniqueFd> TakeFds(int count) {
  std::vector<UniqueFd> fds;
  fds.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i)
    fds.emplace_back(kFirstTransportFd + i);
  return fds;
}

void SendUse(WorkerChannel& channel, ChunkHeader header) {
  const EchoUse use = ReadThreadUse();
  header.payload_bytes = 0;
  header.started_ns = use.cpu_ns;
  header.computed_ns = use.voluntary_switches;
  header.digest = static_cast<uint64_t>(use.involuntary_switches);
  (void)channel.AnswerSpace(0);
  channel.Send(header);
}

void Answer(WorkerChannel& channel, const Incoming& chunk, EchoMode mode) {
  ChunkHeader header = chunk.header;
  switch (mode) {
    case EchoMode::kCopy: {
      const auto answer = channel.AnswerSpace(chunk.payload.size());
      if (!answer.empty()) std::memcpy(answer.data(), chunk.payload.data(), answer.size());
      break;
    }
    case EchoMode::kSum:
      header.digest = SumPayload(chunk.payload);
      header.payload_bytes = 0;
      (void)channel.AnswerSpace(0);
      break;
    case EchoMode::kUntouched:
      (void)channel.AnswerSpace(chunk.payload.size());
      break;
  }
  channel.Send(header);
}

/// Part of the sum goes back, so that it has to be made.
void SendAck(RawEnd& end, size_t bytes, uint64_t sum) {
  const auto ack = end.Space(std::min(bytes, size_t{1}));
  if (!ack.empty()) std::memcpy(ack.data(), &sum, 1);
  end.Send(ack.size());
}

void Serve(const EchoSetup& setup, const ControlEnd& control) {
  const auto ready = [&] { control.Send(Json{{"kind", "ready"}}.dump()); };
  if (setup.transport.empty()) {
    const auto end = AttachRaw(setup.raw, TakeFds(RawFdCount(setup.raw.kind)));
    ready();
    return ServeRawEcho(*end, setup);
  }
  const TransportEntry& transport = FindTransport(setup.transport);
  const auto channel = transport.attach(TakeFds(transport.worker_fd_count), setup.shape);
  ready();
  ServeEcho(*channel, setup);
}

}  // namespace

Json ToJson(const EchoSetup& setup) {
  return {{"parent_pid", setup.parent_pid},
          {"cpus", setup.cpus},
          {"mode", static_cast<int>(setup.mode)},
          {"transport", setup.transport},
          {"shape", ToJson(setup.shape)},
          {"raw",
           {{"kind", static_cast<int>(setup.raw.kind)},
            {"bytes", setup.raw.bytes},
            {"spinning", setup.raw.spinning},
            {"slots", setup.raw.slots}}},
          {"end_after", setup.end_after}};
}

EchoSetup EchoSetupFromJson(const Json& json) {
  EchoSetup setup;
  setup.parent_pid = json.at("parent_pid");
  setup.cpus = json.at("cpus");
  setup.mode = static_cast<EchoMode>(json.at("mode").get<int>());
  setup.transport = json.at("transport");
  setup.shape = ChannelShapeFromJson(json.at("shape"));
  const Json& raw = json.at("raw");
  setup.raw = {static_cast<RawKind>(raw.at("kind").get<int>()), raw.at("bytes"), raw.at("spinning"),
               raw.at("slots")};
  setup.end_after = json.at("end_after");
  return setup;
}

EchoUse ReadThreadUse() {
  rusage usage{};
  Check(getrusage(RUSAGE_THREAD, &usage), "getrusage");
  return {ThreadCpuNs(), usage.ru_nvcsw, usage.ru_nivcsw};
}

EchoUse UseFromHeader(const ChunkHeader& header) {
  return {header.started_ns, header.computed_ns, static_cast<int64_t>(header.digest)};
}

EndCost CostPerChunk(const EchoUse& before, const EchoUse& after, int64_t chunks) {
  const auto each = [chunks](int64_t from, int64_t to) {
    return static_cast<double>(to - from) / static_cast<double>(chunks);
  };
  return {each(before.cpu_ns, after.cpu_ns),
          each(before.voluntary_switches, after.voluntary_switches),
          each(before.involuntary_switches, after.involuntary_switches)};
}

void ServeEcho(WorkerChannel& channel, const EchoSetup& setup) {
  int64_t come = 0;
  while (const auto chunk = channel.Receive()) {
    if (chunk->header.kind == MessageKind::kStop) return;
    if (setup.end_after > 0 && ++come >= setup.end_after) _exit(kExitOfTest);
    if (chunk->header.items == 0) {
      SendUse(channel, chunk->header);
    } else {
      Answer(channel, *chunk, setup.mode);
    }
  }
}

int64_t RawAckEvery(RawKind kind) {
  constexpr int64_t kEvery = 8;
  return kind == RawKind::kLineCopied || kind == RawKind::kLineInPlace ? 1 : kEvery;
}

void ServeRawEcho(RawEnd& end, const EchoSetup& setup) {
  const size_t bytes = setup.raw.bytes;
  const bool copies = setup.mode == EchoMode::kCopy && CarriesPayload(setup.raw);
  uint64_t sum = 0;
  for (int64_t come = 1;; ++come) {
    const auto payload = end.Receive(bytes);
    if (setup.end_after > 0 && come >= setup.end_after) _exit(kExitOfTest);
    if (setup.mode == EchoMode::kSum) {
      sum += SumPayload(payload);
      if (come % RawAckEvery(setup.raw.kind) == 0) SendAck(end, bytes, sum);
      continue;
    }
    const auto answer = end.Space(bytes);
    if (copies && !answer.empty()) std::memcpy(answer.data(), payload.data(), bytes);
    end.Send(bytes);
  }
}

int EchoWorkerMain() {
  RestoreDefaultSignals();
  KeepFreedMemory();
  fcntl(kControlFd, F_SETFD, FD_CLOEXEC);
  const ControlEnd control{UniqueFd(kControlFd)};
  try {
    const auto message = control.Receive(Deadline::After(kSetupPatienceNs));
    if (!message) throw Error("the parent sent no instructions");
    const EchoSetup setup = EchoSetupFromJson(Json::parse(message->text));
    DieWithParent(setup.parent_pid);
    BindThread(setup.cpus);
    Serve(setup, control);
    return 0;
  } catch (const std::exception& error) {
    try {
      const Json report{{"kind", "error"}, {"message", error.what()}};
      control.Send(report.dump(-1, ' ', false, Json::error_handler_t::replace));
    } catch (const std::exception&) {
      // The parent has gone; there is nobody left to tell.
    }
  }
  return 1;
}

}  // namespace coresweep
