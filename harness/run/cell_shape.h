// What a cell of mode `processes` needs: sizes of its connections, how they wait, room to merge.
#pragma once

#include <cstddef>
#include <string>

#include "harness/core/plan.h"
#include "harness/ipc/channel.h"
#include "harness/ipc/pull_board.h"
#include "harness/run/reference.h"

namespace coresweep {

struct CellShape {
  ChannelShape channel;
  size_t merge_capacity = 1;  ///< chunks between issue and merge, in order of input
  BoardShape board;           ///< dispatch pull: instead of connections
  std::string waiting;        ///< how both ends wait, and why, for people
};

/// Largest payloads each way, the items lent, credit and busy wait. Credit `auto` covers some
/// milliseconds of work, so that a worker computes on while the dispatcher, which is woken once for
/// several answers, is on its way. Both ends of `adaptive` spin only where each worker thread and
/// the dispatcher have a CPU of their own, within the quota, and share no core.
CellShape ShapeOf(const PlannedCell& planned, const ReferenceData& reference, int usable_cpus);

/// Memory that all connections of a cell, or its board, and answers waiting for their turn take.
uint64_t BytesOnTheirWay(const Cell& cell, const CellShape& shape);

/// "" or why `planned` cannot be measured: a chunk size that the workload refuses, payloads on
/// their way beyond half of the usable memory, more answers to be put in order than there may be
/// room for.
std::string WhyImpossible(const PlannedCell& planned, const HostFacts& facts,
                          const ReferenceData& reference);

}  // namespace coresweep
