// Round trip of one chunk over each transport, and of its limit in the same run: the worker's end
// runs in a thread and answers at once with as many bytes as it got. `coresweep transports`
// measures the same between processes, for each wait and place.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "harness/base/cpu_set.h"
#include "harness/base/error.h"
#include "harness/base/stop_signal.h"
#include "harness/ipc/await_answer.h"
#include "harness/ipc/transports.h"
#include "harness/run/echo_worker.h"

namespace coresweep {
namespace {

/// Puts the calling thread on the first (0) or second (1) allowed CPU; where there is one alone, on
/// that. Left to the scheduler the ends sit now together, now apart, and figures jump tenfold.
const std::vector<int> kCpus = GetAffinity().ToVector();
void Sit(size_t end) {
  (void)SetAffinity({kCpus[std::min(end, kCpus.size() - 1)]});
}

ChunkHeader HeaderOf(uint64_t sequence, size_t bytes) {
  ChunkHeader header;
  header.generation = 1;
  header.sequence = sequence;
  header.items = 1;
  header.payload_bytes = bytes;
  return header;
}

/// One chunk there and back, in memory that the channel lends where it does.
void Trip(DispatcherChannel& channel, const std::vector<std::byte>& own, uint64_t sequence) {
  const auto lent = channel.Loan(own.size());
  const auto payload = lent.empty() ? std::span<const std::byte>(own) : lent.first(own.size());
  if (!channel.TrySend(HeaderOf(sequence, own.size()), payload)) std::abort();
  const auto answer = AwaitAnswer(channel, {});
  benchmark::DoNotOptimize(answer->header);
  if (channel.HoldsAnswers()) channel.Release(answer->slot);
}

void RoundTrip(benchmark::State& state, const TransportEntry& transport) {
  const auto bytes = static_cast<size_t>(state.range(0));
  ChannelShape shape;
  shape.request_bytes = bytes;
  shape.answer_bytes = bytes;
  Connection connection;
  try {
    connection = transport.open(shape);
  } catch (const Error& error) {  // what a container forbids
    return state.SkipWithError(error.what());
  }
  const auto worker = transport.attach(std::move(connection.worker_fds), shape);
  Sit(0);
  std::thread answering([&] {
    Sit(1);
    ServeEcho(*worker, {});
  });
  const std::vector<std::byte> payload(bytes, std::byte{1});
  uint64_t sequence = 0;
  for (auto _ : state)
    Trip(*connection.dispatcher, payload, sequence++);
  ChunkHeader stop = HeaderOf(0, 0);
  stop.kind = MessageKind::kStop;
  if (!connection.dispatcher->TrySend(stop, {})) std::abort();
  answering.join();
}

/// The raw connection alone, blocking or spinning.
void RawRoundTrip(benchmark::State& state, RawKind kind, bool spinning) {
  if (spinning && kCpus.size() < 2) return state.SkipWithError("spinning takes two CPUs");
  EchoSetup setup;
  setup.raw = {kind, static_cast<size_t>(state.range(0)), spinning};
  std::atomic<bool> gone{false};
  RawConnection connection;
  try {
    connection = OpenRaw(setup.raw, &gone);
  } catch (const Error& error) {
    return state.SkipWithError(error.what());
  }
  const auto worker = AttachRaw(setup.raw, std::move(connection.worker_fds), &gone);
  Sit(0);
  std::thread answering([&] {
    Sit(1);
    try {
      ServeRawEcho(*worker, setup);
    } catch (const Error&) {  // the other end has gone: the end
    }
  });
  for (auto _ : state) {
    (void)connection.ours->Space(setup.raw.bytes);
    connection.ours->Send(setup.raw.bytes);
    benchmark::DoNotOptimize(connection.ours->Receive(setup.raw.bytes));
  }
  gone = true;
  connection.ours.reset();
  answering.join();
}

/// The limit of copying: one memcpy.
void Memcpy(benchmark::State& state) {
  const auto bytes = static_cast<size_t>(state.range(0));
  const std::vector<std::byte> from(bytes, std::byte{1});
  std::vector<std::byte> to(bytes);
  for (auto _ : state) {
    if (bytes > 0) std::memcpy(to.data(), from.data(), bytes);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<int64_t>(bytes) * state.iterations());
}

template <typename Body>
void Register(const std::string& name, const Body& body) {
  auto* made = benchmark::RegisterBenchmark(name.c_str(), body);
  for (const int64_t bytes : {0, 64, 4 << 10, 64 << 10, 256 << 10, 1 << 20, 16 << 20})
    made->Arg(bytes);
  made->UseRealTime();
}

const StopSignal ignores_sigpipe;

const bool registered = [] {
  struct Limit {
    const char* name;
    RawKind kind;
    bool spinning;
  };
  for (const Limit& limit :
       {Limit{"pipe", RawKind::kPipe, false}, Limit{"unix", RawKind::kUnix, false},
        Limit{"seqpacket", RawKind::kSeqpacket, false}, Limit{"tcp", RawKind::kTcp, false},
        Limit{"mq", RawKind::kMq, false}, Limit{"futex", RawKind::kLineCopied, false},
        Limit{"cache_line", RawKind::kLineCopied, true}}) {
    Register("Limit/" + std::string(limit.name),
             [limit](benchmark::State& state) { RawRoundTrip(state, limit.kind, limit.spinning); });
  }
  Register("Limit/memcpy", Memcpy);
  for (const TransportEntry& transport : TransportTable()) {
    Register("RoundTrip/" + std::string(transport.name),
             [&](benchmark::State& state) { RoundTrip(state, transport); });
  }
  return true;
}();

}  // namespace
}  // namespace coresweep
