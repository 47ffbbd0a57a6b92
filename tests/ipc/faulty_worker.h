// A worker process that answers every chunk with itself and, at a chosen step of its protocol, does
// what a worker should not. The test program starts itself again to be one.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/child_process.h"
#include "harness/ipc/channel.h"

namespace coresweep {

/// In the order of the protocol.
inline constexpr std::array<std::pair<std::string_view, Step>, 7> kSteps{{
    {"Waiting", Step::kWaiting},
    {"Receiving", Step::kReceiving},
    {"Received", Step::kReceived},
    {"Answering", Step::kAnswering},
    {"Sending", Step::kSending},
    {"Published", Step::kPublished},
    {"Sent", Step::kSent},
}};

enum class Misdeed {
  kNone,
  kKill,        ///< SIGKILL; what the kernel does when memory runs out
  kSegv,        ///< SIGSEGV
  kBus,         ///< SIGBUS; what a page of shared memory that cannot be had does
  kExit,        ///< exit code 7
  kStop,        ///< SIGSTOP
  kSlow,        ///< takes its time, at that step of every chunk
  kOutlive,     ///< goes on only when its parent has gone
  kNoise,       ///< writes noise to all its descriptors
  kMagic,       ///< answers with this wrong in the header; the step does not matter
  kKind,        ///< likewise
  kGeneration,  ///< likewise
  kTooLong,     ///< likewise: a payload larger than the shape
};

/// What a worker is to do.
struct WorkerPlan {
  std::string transport;
  ChannelShape shape;  ///< its sizes, credit and generation
  Misdeed misdeed = Misdeed::kNone;
  Step step = Step::kReceived;
  uint64_t chunk = 2;  ///< of which it does so, counted from 0
};

/// How a worker ends that was neither killed nor exits early.
enum WorkerExit : int {
  kToldToStop = 0,
  kDispatcherGone = 3,   ///< `Receive` returned nothing
  kConnectionBroke = 4,  ///< a call threw `Error`
  kExitedEarly = 7,
};

/// Starts a worker. `status_fd`, when there is one, gets its process id (pid_t) when it reaches
/// kOutlive and is closed when it ends.
ChildProcess SpawnFaultyWorker(const WorkerPlan& plan, const std::vector<UniqueFd>& fds,
                               int status_fd = -1);

/// Starts a dispatcher that opens the transport and has such a worker, whose end it does not await.
/// `status_fd` as above.
ChildProcess SpawnDispatcher(const WorkerPlan& plan, int status_fd);

/// The main function of both; nullopt when `arguments` are not theirs.
std::optional<int> FaultyMain(const std::vector<std::string>& arguments);

}  // namespace coresweep
