// Both ends of a connection over byte streams: pipes and stream sockets differ only in how they are
// made.
#pragma once

#include <memory>
#include <vector>

#include "harness/ipc/channel.h"

namespace coresweep {

/// Dispatcher's end over non-blocking descriptors; the two may be one socket and its duplicate.
class StreamDispatcherChannel final : public DispatcherChannel {
 public:
  StreamDispatcherChannel(UniqueFd receive, UniqueFd send, const ChannelShape& shape);

  bool TrySend(const ChunkHeader& header, std::span<const std::byte> payload) override;
  bool WantsToSend() const override { return sent_ < out_total_; }
  void Flush() override;
  std::optional<Incoming> TryReceive() override;
  int receive_fd() const override { return receive_.get(); }
  int send_fd() const override { return send_.get(); }

 private:
  /// Reads until `buffer` is full; false when the stream has no more now or has ended.
  bool Fill(std::span<std::byte> buffer, size_t& filled);

  UniqueFd receive_;
  UniqueFd send_;
  ChannelShape shape_;
  ChunkHeader out_header_;
  std::span<const std::byte> out_payload_;
  size_t out_total_ = 0;  ///< bytes of the message being sent
  size_t sent_ = 0;       ///< of them
  ChunkHeader in_header_;
  size_t in_header_filled_ = 0;
  size_t in_payload_filled_ = 0;
  std::vector<std::byte> in_payload_;
};

/// Worker's end over blocking descriptors.
class StreamWorkerChannel final : public WorkerChannel {
 public:
  StreamWorkerChannel(UniqueFd receive, UniqueFd send, const ChannelShape& shape);

  std::optional<Incoming> Receive() override;
  std::span<std::byte> AnswerSpace(size_t bytes) override;
  void Send(const ChunkHeader& header) override;

 private:
  /// Writes header and payload from the byte `done` on; returns how many bytes both have.
  size_t WriteOn(const ChunkHeader& header, std::span<const std::byte> payload, size_t done);

  UniqueFd receive_;
  UniqueFd send_;
  ChannelShape shape_;
  std::vector<std::byte> request_;
  std::vector<std::byte> answer_;
};

}  // namespace coresweep
