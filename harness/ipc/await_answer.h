// How a thread that talks to one worker waits for its answer: looks for a while, then sleeps.
#pragma once

#include <optional>
#include <span>

#include "harness/base/clock.h"
#include "harness/ipc/channel.h"

namespace coresweep {

struct AnswerWait {
  int64_t spin_ns = 0;  ///< longest busy wait; 0: none, `kSpinForever`: never sleeps
  /// Descriptors whose being readable ends the wait: the worker's pidfd, a stop signal. -1: none.
  std::span<const int> also = {};
  int64_t patience_ns = 30 * kNsPerS;
};

/// The next answer, going on with what is half sent; nullopt when one of `wait.also` became
/// readable first (looked at when sleeping, and now and then while spinning). Throws `Error` when
/// nothing came within `wait.patience_ns`, and as `TryReceive` does. With one worker only: a
/// dispatcher of many has a loop of its own.
std::optional<Incoming> AwaitAnswer(DispatcherChannel& channel, const AnswerWait& wait);

}  // namespace coresweep
