// Seats workers on PUs, worker by worker: the engine of all policies that choose by themselves.
#pragma once

#include <cstddef>
#include <vector>

#include "harness/core/placement_cores.h"

namespace coresweep {

struct SeatingRules {
  bool scatter = false;          ///< workers far apart; else neighbours first
  bool fill_cores = false;       ///< threads of a worker fill a core before they take the next
  bool one_pu_per_core = false;  ///< no worker has two PUs of a core
};

/// Where workers belong.
struct Homes {
  std::vector<size_t> object_of_core;
  size_t objects = 1;
  std::vector<size_t> of_worker;  ///< the object of each worker
  /// Of one thread each no two workers meet on a core before all cores have one.
  bool planned = false;
};

/// All workers on the whole machine.
Homes OneHome(const CoreMap& map, size_t workers);

/// Worker i in object i modulo their number.
Homes HomesInTurn(const CoreMap& map, const ObjectMap& objects, size_t workers);

/// `quota` consecutive workers an object, or of type kPu one core with a quota for each of its PUs;
/// fewer or more where else cores, then PUs, would be shared while others are free. There must be
/// room for all.
Homes ConsecutiveHomes(const CoreMap& map, const ObjectMap& objects, size_t quota, size_t workers);

/// Seats `threads` threads of each worker, in the free cores of its object first. While there are
/// as many cores as workers no two share a core, and while as many PUs none share a PU; within that
/// each gets an equal share. Threads that find no PU so share one with another thread of their
/// worker.
Seating SeatWorkers(const CoreMap& map, const SeatingRules& rules, const Homes& homes,
                    size_t threads);

}  // namespace coresweep
