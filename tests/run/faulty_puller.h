// A worker of dispatch `pull` that, at a chosen step of its protocol, does what a worker should
// not. The test program starts itself again to be one.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "harness/ipc/channel.h"

namespace coresweep {

/// Answers are of this length, every byte the number of the item.
constexpr size_t kAnswerBytes = 64;
constexpr int64_t kPullItems = 6;
/// All that a trial computes, a chunk an item.
constexpr uint64_t kPullChunks = 60;

enum class PullMisdeed {
  kNone,
  kKill,  ///< SIGKILL at the step; likewise the next four
  kSegv,
  kBus,
  kExit,        ///< exit code 7
  kStop,        ///< SIGSTOP
  kForget,      ///< never answers the chunk and reports that all is done; so on, in one header
  kTooLong,     ///< more payload than there is room for
  kShort,       ///< less than an answer has
  kGeneration,  ///< of another incarnation
  kWorker,      ///< no worker of that number
  kSequence,    ///< another chunk's number
  kItems,       ///< of more items than the chunk has
  kTimes,       ///< computed before it was begun
  kBytes,       ///< other bytes than those the digest was made of
  kNextHigh,    ///< in the words that all share: claimed far ahead
  kNextLow,     ///< nothing claimed yet
  kOwed,        ///< all chunks are owed
  kSleepers,    ///< nonsense about who is asleep
  kWords,       ///< noise in every slot
  kFreed,       ///< its own claim is free again
  kForged,      ///< the chunk after its own is done, whoever has it
};

struct PullPlan {
  PullMisdeed misdeed = PullMisdeed::kNone;
  Step step = Step::kReceived;
};
/// As `WorkerSetup::fault`.
std::string ToText(const PullPlan& plan);

/// Shared by the test and its workers, as descriptor `kItemsFd`.
struct PullStage {
  std::atomic<uint32_t> struck;  ///< 1: the misdeed is being done, or was
  std::atomic<uint64_t> chunk;   ///< of which
};

/// The main function of such a worker: number 0 misbehaves, once, others wait until it has begun.
int FaultyPullerMain();

}  // namespace coresweep
