// The workers of one cell of mode `processes`: started, and started again where one died.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "harness/core/plan.h"
#include "harness/host/system_meter.h"
#include "harness/ipc/channel.h"
#include "harness/ipc/start_gate.h"
#include "harness/run/worker_pool.h"
#include "harness/run/worker_setup.h"

namespace coresweep {

/// What workers of dispatch `pull` have instead of connections. Descriptors belong to others.
struct PullPlan {
  BoardShape board;
  int board_fd = -1;
  int wake_fd = -1;
  int items_fd = -1;
};

/// What all workers of the cell are made from; everything referred to outlives the team.
struct ServePlan {
  const PlannedCell& planned;
  WorkerSetup setup;  ///< what they have in common
  ChannelShape shape;
  const StartGate& gate;
  const SystemSources& sources;  ///< read by worker 0
  std::optional<PullPlan> pull = std::nullopt;
};

/// A place as a worker is told it.
InstancePlace ToInstancePlace(const WorkerPlace& place);

class ServeTeam {
 public:
  ServeTeam(ServePlan plan, WorkerPool& pool) : plan_(std::move(plan)), pool_(pool) {}

  /// Spawns worker `i`, the next one.
  void Start(int i);
  /// The dispatcher's ends, in order; once. None with dispatch `pull`.
  [[nodiscard]] std::vector<std::unique_ptr<DispatcherChannel>> TakeChannels() {
    return std::move(channels_);
  }
  /// Spawns a new incarnation of worker `i`, which has ended; nullptr with dispatch `pull`.
  [[nodiscard]] std::unique_ptr<DispatcherChannel> Restart(size_t i, uint32_t generation);

 private:
  struct Prepared {
    WorkerSetup setup;
    Connection connection;  ///< empty with dispatch `pull`
    std::vector<InheritedFd> fds;
  };
  [[nodiscard]] Prepared Prepare(int i, uint32_t generation) const;

  ServePlan plan_;
  WorkerPool& pool_;
  std::vector<std::unique_ptr<DispatcherChannel>> channels_;
};

}  // namespace coresweep
