// The far end of a measured connection: a child that answers every chunk and does nothing else.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "harness/core/transport_figures.h"
#include "harness/ipc/channel.h"
#include "harness/ipc/control.h"
#include "harness/run/raw_link.h"

namespace coresweep {

/// What comes back.
enum class EchoMode {
  kCopy,       ///< the payload, copied: every byte is read and written
  kSum,        ///< a header alone, its digest the `SumPayload`: every byte is read
  kUntouched,  ///< as many bytes as came, neither read nor written
};

struct EchoSetup {
  int parent_pid = 0;
  std::string cpus;  ///< list format; not empty
  EchoMode mode = EchoMode::kCopy;
  std::string transport;  ///< "": `raw` is used
  ChannelShape shape;     ///< without `lent` and `at_step`
  RawShape raw;
  /// For tests: the worker ends without a word when this many chunks have come; 0 = never.
  int64_t end_after = 0;
};

nlohmann::json ToJson(const EchoSetup& setup);
/// Throws nlohmann exceptions on anything but the output of `ToJson`.
EchoSetup EchoSetupFromJson(const nlohmann::json& json);

/// A chunk of no items asks for what the worker used so far, which comes in the answer's stamps.
struct EchoUse {
  int64_t cpu_ns = 0;
  int64_t voluntary_switches = 0;
  int64_t involuntary_switches = 0;
};
/// Of the calling thread, since it began.
EchoUse ReadThreadUse();
EchoUse UseFromHeader(const ChunkHeader& header);
/// What was used between two readings, a chunk.
EndCost CostPerChunk(const EchoUse& before, const EchoUse& after, int64_t chunks);

/// In a raw connection mode `kSum` answers one byte after so many payloads.
int64_t RawAckEvery(RawKind kind);

/// Answers until it is told to stop or the dispatcher has gone.
void ServeEcho(WorkerChannel& channel, const EchoSetup& setup);
/// The same over a raw connection; throws `Error` when the other end has gone.
void ServeRawEcho(RawEnd& end, const EchoSetup& setup);

/// Body of the hidden command `echo`: receives an `EchoSetup` on the control connection, says
/// {"kind": "ready"} or {"kind": "error", "message"}, and serves. Returns the exit code.
int EchoWorkerMain();

}  // namespace coresweep
