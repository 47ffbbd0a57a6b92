// What travels over every transport: a header, then the payload of its chunk or chunks.
#pragma once

#include <cstdint>
#include <type_traits>

namespace coresweep {

enum class MessageKind : uint16_t {
  kChunk = 1,  ///< dispatcher to worker: items; worker to dispatcher: their answers
  kStop = 2,   ///< dispatcher to worker: nothing more will come
};

/// Little-endian as the machine is: both ends run on one host. 64 bytes, one cache line.
struct ChunkHeader {
  static constexpr uint32_t kMagic = 0x63737770;

  uint32_t magic = kMagic;
  uint32_t generation = 0;  ///< of the worker's incarnation; answers of another are refused
  MessageKind kind = MessageKind::kChunk;
  uint16_t chunks = 1;  ///< of a request: so many consecutive chunks from `sequence` on, each of
                        ///< which is answered by itself
  uint32_t items = 0;
  uint64_t sequence = 0;  ///< number of the chunk
  uint64_t payload_bytes = 0;
  int64_t issued_ns = 0;    ///< CLOCK_MONOTONIC, set by the dispatcher
  int64_t started_ns = 0;   ///< set by the worker
  int64_t computed_ns = 0;  ///< set by the worker
  uint64_t digest = 0;      ///< of the answers as the worker computed them (DigestOfChunk)
};
static_assert(sizeof(ChunkHeader) == 64 && std::is_trivially_copyable_v<ChunkHeader>);

}  // namespace coresweep
