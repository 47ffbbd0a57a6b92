#include "harness/run/serve_team.h"

#include <algorithm>
#include <utility>

#include "harness/ipc/transports.h"

namespace coresweep {

InstancePlace ToInstancePlace(const WorkerPlace& place) {
  InstancePlace instance{place.cpus.ToList(), {}, place.numa_nodes};
  // Where each thread may use all of the worker's CPUs there is nothing to bind.
  if (std::all_of(place.threads.begin(), place.threads.end(),
                  [&place](const CpuSet& cpus) { return cpus == place.cpus; })) {
    return instance;
  }
  for (const CpuSet& cpus : place.threads)
    instance.threads.push_back(cpus.ToList());
  return instance;
}

ServeTeam::Prepared ServeTeam::Prepare(int i, uint32_t generation) const {
  Prepared prepared{plan_.setup, {}, {}};
  WorkerSetup& setup = prepared.setup;
  setup.transport = plan_.planned.cell.transport;
  setup.shape = plan_.shape;
  setup.shape.generation = generation;
  setup.index = i;
  setup.places = {ToInstancePlace(plan_.planned.placement.workers[static_cast<size_t>(i)])};
  if (i == 0) setup.system_sources = plan_.sources;
  if (plan_.pull) {
    setup.role = WorkerRole::kPull;
    setup.board = plan_.pull->board;
    prepared.fds = {{plan_.pull->board_fd, kFirstTransportFd},
                    {plan_.pull->wake_fd, kFirstTransportFd + 1},
                    {plan_.pull->items_fd, kItemsFd}};
  } else {
    setup.role = WorkerRole::kServe;
    prepared.connection = FindTransport(setup.transport).open(setup.shape);
    const auto& fds = prepared.connection.worker_fds;
    for (size_t k = 0; k < fds.size(); ++k)
      prepared.fds.push_back({fds[k].get(), kFirstTransportFd + static_cast<int>(k)});
  }
  prepared.fds.push_back({plan_.gate.fd(), kGateFd});
  return prepared;
}

void ServeTeam::Start(int i) {
  Prepared prepared = Prepare(i, 1);
  pool_.Spawn(std::move(prepared.setup), std::move(prepared.fds));
  if (!plan_.pull) channels_.push_back(std::move(prepared.connection.dispatcher));
}

std::unique_ptr<DispatcherChannel> ServeTeam::Restart(size_t i, uint32_t generation) {
  Prepared prepared = Prepare(static_cast<int>(i), generation);
  pool_.Respawn(i, std::move(prepared.setup), std::move(prepared.fds));
  return std::move(prepared.connection.dispatcher);
}

}  // namespace coresweep
