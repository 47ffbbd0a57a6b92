// What tests of both ends of a connection share.
#pragma once

#include <poll.h>

#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/ipc/channel.h"

namespace coresweep {

inline constexpr int64_t kPatienceNs = 30 * kNsPerS;  // only ever spent by a test that fails
inline constexpr size_t kKib = 1024;
inline constexpr size_t kMib = 1024 * kKib;

/// Why this transport cannot be tested in this container; asks the system, not the transport.
std::optional<std::string> ForbiddenHere(std::string_view transport);

inline std::vector<std::byte> Payload(size_t bytes, uint64_t seed) {
  std::vector<std::byte> payload(bytes);
  for (size_t i = 0; i < bytes; ++i)
    payload[i] = static_cast<std::byte>((i * 31 + (i >> 12) + seed * 7) & 0xff);
  return payload;
}

inline ChunkHeader Header(uint64_t sequence, size_t bytes, uint32_t generation = 1) {
  ChunkHeader header;
  header.generation = generation;
  header.sequence = sequence;
  header.payload_bytes = bytes;
  header.items = 1;
  return header;
}

inline ChunkHeader StopHeader() {
  ChunkHeader header = Header(0, 0);
  header.kind = MessageKind::kStop;
  return header;
}

inline void BusyWait(int64_t ns) {
  const Deadline deadline = Deadline::After(ns);
  while (!deadline.Passed()) {
  }
}

inline void Answer(WorkerChannel& channel, const Incoming& incoming) {
  const auto space = channel.AnswerSpace(incoming.payload.size());
  if (!space.empty()) std::memcpy(space.data(), incoming.payload.data(), space.size());
  channel.Send(incoming.header);
}

/// Answers every chunk with itself until it is told to stop or the dispatcher has gone.
inline void Echo(WorkerChannel& channel) {
  while (const auto incoming = channel.Receive()) {
    if (incoming->header.kind == MessageKind::kStop) return;
    Answer(channel, *incoming);
  }
}

/// Waits as the dispatcher does until an answer may be there or sending may go on.
inline void SleepOn(DispatcherChannel& channel) {
  if (!channel.PrepareToSleep(1)) return;
  pollfd watched[2] = {{channel.receive_fd(), POLLIN, 0},
                       {channel.WantsToSend() ? channel.send_fd() : -1, POLLOUT, 0}};
  if (::poll(watched, 2, static_cast<int>(kPatienceNs / kNsPerMs)) == 0) {
    throw Error("the wake-up was lost");
  }
  if (watched[0].revents != 0) channel.Woken();
  if (watched[1].revents != 0) channel.Flush();
}

inline Incoming AwaitAnswer(DispatcherChannel& channel) {
  while (true) {
    if (const auto answer = channel.TryReceive()) return *answer;
    SleepOn(channel);
  }
}

/// Sends `payload` to a worker that echoes and returns what comes back.
inline Incoming RoundTrip(DispatcherChannel& channel, const std::vector<std::byte>& payload) {
  if (!channel.TrySend(Header(0, payload.size()), payload)) throw Error("no room to send");
  return AwaitAnswer(channel);
}

}  // namespace coresweep
