// Both ends of a connection over byte streams: pipes and stream sockets differ only in how they are
// made.
#pragma once

#include <memory>
#include <vector>

#include "harness/ipc/channel.h"
#include "harness/ipc/stream_reader.h"

namespace coresweep {

/// When the dispatcher's end of a stream has what the worker's wrote.
enum class Arrival {
  kAtOnce,  ///< before the write returned
  kLater,   ///< the kernel may hold it back for a while
};

/// Dispatcher's end over non-blocking descriptors; the two may be one socket and its duplicate.
class StreamDispatcherChannel final : public DispatcherChannel {
 public:
  StreamDispatcherChannel(UniqueFd receive, UniqueFd send, const ChannelShape& shape,
                          Arrival arrival);

  bool TrySend(const ChunkHeader& header, std::span<const std::byte> payload) override;
  bool WantsToSend() const override { return sent_ < out_total_; }
  void Flush() override;
  std::optional<Incoming> TryReceive() override;
  /// Until the stream has ended, which the kernel says behind the last answer.
  bool AnswersMayBeLate() const override { return arrival_ == Arrival::kLater && !ended_; }
  int receive_fd() const override { return receive_.get(); }
  int send_fd() const override { return send_.get(); }
  bool LookIsSystemCall() const override { return true; }
  bool PrepareToSleep(size_t /*answers*/) override { return !reader_.HasNext(); }
  void Woken() override { reader_.Woken(); }

 private:
  UniqueFd receive_;
  UniqueFd send_;
  Arrival arrival_;
  bool ended_ = false;
  StreamReader reader_;
  ChunkHeader out_header_;
  std::span<const std::byte> out_payload_;
  size_t out_total_ = 0;  ///< bytes of the message being sent
  size_t sent_ = 0;       ///< of them
};

/// Worker's end over blocking descriptors.
class StreamWorkerChannel final : public WorkerChannel {
 public:
  StreamWorkerChannel(UniqueFd receive, UniqueFd send, const ChannelShape& shape);

  std::optional<Incoming> Receive() override;
  std::span<std::byte> AnswerSpace(size_t bytes) override;
  void Send(const ChunkHeader& header) override;

 private:
  /// Spins for the granted time, then waits.
  StreamReader::Came ReadNext();
  /// Writes header and payload from the byte `done` on; returns how many bytes both have.
  size_t WriteOn(const ChunkHeader& header, std::span<const std::byte> payload, size_t done);

  UniqueFd receive_;
  UniqueFd send_;
  ChannelShape shape_;
  StreamReader reader_;
  std::vector<std::byte> answer_;
};

}  // namespace coresweep
