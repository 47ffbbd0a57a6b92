// Round trip of one chunk over each transport, beside its limit in the same run: the worker's end
// runs in a thread and answers at once with as many bytes as it got.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "harness/base/error.h"
#include "harness/ipc/transports.h"

namespace coresweep {
namespace {

void AnswerUntilStopped(WorkerChannel& channel) {
  while (const auto message = channel.Receive()) {
    if (message->header.kind == MessageKind::kStop) return;
    const auto answer = channel.AnswerSpace(message->payload.size());
    if (!answer.empty()) std::memcpy(answer.data(), message->payload.data(), answer.size());
    channel.Send(message->header);
  }
}

ChunkHeader HeaderOf(uint64_t sequence, size_t bytes) {
  ChunkHeader header;
  header.generation = 1;
  header.sequence = sequence;
  header.items = 1;
  header.payload_bytes = bytes;
  return header;
}

void AwaitAnswer(DispatcherChannel& channel) {
  while (true) {
    if (const auto answer = channel.TryReceive()) return benchmark::DoNotOptimize(answer->header);
    if (!channel.PrepareToSleep(1)) continue;
    std::array<pollfd, 2> watched{{{channel.receive_fd(), POLLIN, 0},
                                   {channel.WantsToSend() ? channel.send_fd() : -1, POLLOUT, 0}}};
    ::poll(watched.data(), watched.size(), -1);
    if (watched[0].revents != 0) channel.Woken();
    if (watched[1].revents != 0) channel.Flush();
  }
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
  std::thread answering([&] { AnswerUntilStopped(*worker); });
  const std::vector<std::byte> payload(bytes, std::byte{1});
  uint64_t sequence = 0;
  for (auto _ : state) {
    if (!connection.dispatcher->TrySend(HeaderOf(sequence++, bytes), payload)) std::abort();
    AwaitAnswer(*connection.dispatcher);
  }
  ChunkHeader stop = HeaderOf(0, 0);
  stop.kind = MessageKind::kStop;
  if (!connection.dispatcher->TrySend(stop, {})) std::abort();
  answering.join();
}

/// The limit of every blocking transport: two pipes, one byte, nothing else.
void RawPipePingPong(benchmark::State& state) {
  std::array<int, 2> there{};
  std::array<int, 2> back{};
  if (pipe2(there.data(), O_CLOEXEC) != 0 || pipe2(back.data(), O_CLOEXEC) != 0) std::abort();
  std::thread answering([&] {
    char byte = 0;
    while (::read(there[0], &byte, 1) == 1 && ::write(back[1], &byte, 1) == 1) {
    }
  });
  char byte = 1;
  for (auto _ : state) {
    if (::write(there[1], &byte, 1) != 1 || ::read(back[0], &byte, 1) != 1) std::abort();
  }
  ::close(there[1]);
  answering.join();
  for (const int fd : {there[0], back[0], back[1]})
    ::close(fd);
}
BENCHMARK(RawPipePingPong)->UseRealTime();

/// The limit of copying: one memcpy each way.
void CopyBothWays(benchmark::State& state) {
  const auto bytes = static_cast<size_t>(state.range(0));
  const std::vector<std::byte> from(bytes, std::byte{1});
  std::vector<std::byte> to(bytes);
  for (auto _ : state) {
    for (int way = 0; way < 2; ++way) {
      std::memcpy(to.data(), from.data(), bytes);
      benchmark::ClobberMemory();
    }
  }
}
BENCHMARK(CopyBothWays)->Arg(64)->Arg(64 << 10)->Arg(1 << 20)->Arg(16 << 20)->UseRealTime();

const bool registered = [] {
  for (const TransportEntry& transport : TransportTable()) {
    const std::string name = "RoundTrip/" + std::string(transport.name);
    benchmark::RegisterBenchmark(name.c_str(),
                                 [&](benchmark::State& state) { RoundTrip(state, transport); })
        ->Arg(64)
        ->Arg(64 << 10)
        ->Arg(1 << 20)
        ->Arg(16 << 20)
        ->UseRealTime();
  }
  return true;
}();

}  // namespace
}  // namespace coresweep
