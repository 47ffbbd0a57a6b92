// How chunks reach the workers and answers come back: axes and settings of mode `processes`.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace coresweep {

/// Who decides which worker computes a chunk: the axis `dispatch`.
enum class Dispatch {
  kDynamic,  ///< the next chunk goes to whoever has credit
  kStatic,   ///< each worker has its contiguous part of every pass from the start
  kGuided,   ///< parts that shrink towards the end of a pass
  kPull,     ///< workers take the next chunk themselves from a shared counter
};

/// What an end does while there is nothing for it: the axis `wait`.
enum class Wait {
  kAdaptive,  ///< spins for a bounded time where a CPU is free for it, then sleeps
  kBlock,     ///< sleeps at once
  kSpin,      ///< never sleeps, even where that takes the CPU from who has the work
};

/// In which order a consumer gets the answers.
enum class Order {
  kInput,       ///< that of the items, by a bounded buffer
  kCompletion,  ///< as they come
};

/// What becomes of a trial whose worker dies.
enum class OnWorkerDeath {
  kFail,     ///< it ends and names the chunks lost
  kReplace,  ///< a new worker takes the place and its chunks are sent again
};

/// Where the worker processes of a sweep come from: the setting `worker_start`.
enum class WorkerStart {
  kSpawn,   ///< each is the program started anew
  kZygote,  ///< each is forked from a process that has loaded the libraries and run nothing
};

std::string_view ToString(Dispatch dispatch);     ///< "dynamic", "static", "guided", "pull"
std::string_view ToString(Wait wait);             ///< "adaptive", "block", "spin"
std::string_view ToString(Order order);           ///< "input", "completion"
std::string_view ToString(OnWorkerDeath policy);  ///< "fail", "replace"
std::string_view ToString(WorkerStart start);     ///< "spawn", "zygote"

std::optional<Dispatch> ParseDispatch(std::string_view name);
std::optional<Wait> ParseWait(std::string_view name);
std::optional<Order> ParseOrder(std::string_view name);
std::optional<OnWorkerDeath> ParseOnWorkerDeath(std::string_view name);
std::optional<WorkerStart> ParseWorkerStart(std::string_view name);

/// The names, in the order of the enumerators.
std::span<const std::string_view> DispatchNames();
std::span<const std::string_view> WaitNames();
std::span<const std::string_view> OrderNames();
std::span<const std::string_view> OnWorkerDeathNames();
std::span<const std::string_view> WorkerStartNames();

}  // namespace coresweep
