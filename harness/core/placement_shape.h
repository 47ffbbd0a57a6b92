// What is to be placed, apart from the policy.
#pragma once

#include <optional>
#include <string_view>

namespace coresweep {

/// How much of what the policy chose a worker may use: the axis `width`.
enum class Width {
  kPu,      ///< each thread one hardware thread (PU)
  kCore,    ///< each thread a whole core, all its allowed PUs
  kObject,  ///< each worker all of its object, in which its threads move freely
};

/// Where the dispatcher sits: the axis `dispatcher`.
enum class DispatcherPlace {
  kUnpinned,  ///< on all allowed CPUs; the scheduler decides
  kOwn,       ///< a core of its own while there is one
  kBeside,    ///< next to worker 0: another hardware thread of its core, else its nearest neighbour
};

std::string_view ToString(Width width);            ///< "pu", "core", "object"
std::string_view ToString(DispatcherPlace place);  ///< "unpinned", "own", "beside"
std::optional<Width> ParseWidth(std::string_view name);
std::optional<DispatcherPlace> ParseDispatcherPlace(std::string_view name);

struct PlacementShape {
  int workers = 1;
  int threads = 1;  ///< of each worker
  Width width = Width::kPu;
  DispatcherPlace dispatcher = DispatcherPlace::kUnpinned;
};

}  // namespace coresweep
