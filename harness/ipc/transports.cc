#include "harness/ipc/transports.h"

#include <fmt/format.h>

#include <array>
#include <string>

#include "harness/base/error.h"
#include "harness/ipc/mq_transport.h"
#include "harness/ipc/seqpacket_transport.h"
#include "harness/ipc/shm_transport.h"
#include "harness/ipc/stream_transports.h"
#include "harness/ipc/tcp_transport.h"
#include "harness/ipc/zeromq_transport.h"

namespace coresweep {
namespace {

constexpr std::array<TransportEntry, 8> kTransports{{
    {"pipe", "two pipes; payload copied in and out by the kernel", 2, OpenPipes, AttachPipes},
    {"unix", "a Unix stream socket pair; payload copied in and out by the kernel", 1, OpenUnix,
     AttachStream},
    {"seqpacket", "a Unix seqpacket pair; payload split into packets of at most 256 KiB", 1,
     OpenSeqpacket, AttachSeqpacket},
    {"tcp", "a loopback connection without delay; payload copied in and out by the kernel", 1,
     OpenTcp, AttachStream},
    {"mq", "two POSIX message queues; payload split into messages as their limits say", 3, OpenMq,
     AttachMq},
    {"zeromq", "a ZeroMQ pair over ipc://; payload passes through an I/O thread at each end", 2,
     OpenZeromq, AttachZeromq},
    {"shm", "rings in a sealed memfd; payload copied once, answers computed in place", 2, OpenShm,
     AttachShm},
    {"shm_loan", "the same, and nothing is copied: items are read and answers kept in place", 3,
     OpenShmLoan, AttachShmLoan},
}};

}  // namespace

std::span<const TransportEntry> TransportTable() {
  return kTransports;
}

const TransportEntry& FindTransport(std::string_view name) {
  for (const TransportEntry& entry : kTransports) {
    if (entry.name == name) return entry;
  }
  throw Error(fmt::format("no transport is called {}", name));
}

size_t SharedBytes(std::string_view transport, const ChannelShape& shape) {
  if (transport == "shm") return ShmArenaBytes(shape);
  return transport == "shm_loan" ? ShmLoanArenaBytes(shape) : 0;
}

size_t ConnectionBytes(std::string_view transport, const ChannelShape& shape) {
  if (const size_t shared = SharedBytes(transport, shape); shared > 0) return shared;
  const size_t buffers = shape.request_bytes + 2 * shape.answer_bytes;
  if (transport != "zeromq") return buffers;
  // libzmq has what is in flight in messages of its own.
  return buffers + static_cast<size_t>(shape.credit) * (shape.request_bytes + shape.answer_bytes);
}

void CheckHeader(const ChunkHeader& header, const ChannelShape& shape, size_t most_bytes) {
  if (header.magic != ChunkHeader::kMagic ||
      (header.kind != MessageKind::kChunk && header.kind != MessageKind::kStop)) {
    throw Error("malformed message: not a chunk header");
  }
  if (header.generation != shape.generation) {
    throw Error(fmt::format("malformed message: generation {} where {} is due", header.generation,
                            shape.generation));
  }
  if (header.payload_bytes > most_bytes) {
    throw Error(fmt::format("malformed message: {} bytes of payload where {} fit",
                            header.payload_bytes, most_bytes));
  }
}

}  // namespace coresweep
