// What a parent tells a child at its start, and what comes back: plain structs and their JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/measurement.h"
#include "harness/core/workload.h"
#include "harness/host/system_meter.h"
#include "harness/ipc/channel.h"
#include "harness/ipc/pull_board.h"

namespace coresweep {

/// Numbers under which a child finds its descriptors.
enum ChildFd : int {
  kControlFd = 3,
  kGateFd = 4,
  kItemsFd = 5,      ///< roles drive and pull
  kReferenceFd = 6,  ///< role drive
  kSamplesFd = 7,    ///< role drive: raw samples go here
  kFirstTransportFd = 8,
};

/// What a child is for.
enum class WorkerRole {
  kReference,  ///< makes the items and computes the serial reference
  kServe,      ///< mode processes: answers the chunks that its transport brings
  kPull,       ///< the same with dispatch pull: takes chunks from a board
  kDrive,      ///< the other modes: works through chunks by itself
};

/// Where the reference of one chunk size lies in the reference region.
struct ReferenceLayout {
  size_t digests_offset = 0;  ///< one uint64_t an item
  size_t answers_offset = 0;  ///< all answers, packed
};

/// Where one instance sits; CPUs in list format.
struct InstancePlace {
  std::string cpus;                  ///< of all its threads, not empty
  std::vector<std::string> threads;  ///< of each computing thread; empty: any of `cpus`
  std::vector<int> numa_nodes;       ///< its memory is bound to these; empty: not bound
  bool operator==(const InstancePlace&) const = default;
};

struct WorkerSetup {
  WorkerRole role = WorkerRole::kServe;
  int parent_pid = 0;
  int64_t spawned_ns = 0;  ///< CLOCK_MONOTONIC when the parent asked for the process
  double startup_timeout_s = 60;
  WorkloadSpec workload;
  int index = 0;                      ///< of this worker
  int stride = 1;                     ///< role drive: chunks index, index + stride, …
  int threads = 1;                    ///< intra-op threads of each instance
  std::vector<InstancePlace> places;  ///< one for each instance in this process
  /// What instance 0 of worker 0 reads at its window edges for the whole trial; nullopt: another
  /// worker does.
  std::optional<SystemSources> system_sources;
  std::vector<int64_t> chunks;  ///< chunk size; for role reference all of the sweep
  std::string transport;        ///< roles serve and pull
  ChannelShape shape;           ///< roles serve and pull
  BoardShape board;             ///< role pull
  ReferenceLayout reference;    ///< role drive
  WorkloadInfo info;            ///< as the reference process found it; no items in role reference
  bool scribbles = false;       ///< the model changes its input
  std::string fault;            ///< see fault.h
  uint64_t memory_limit_bytes = 0;  ///< role reference: refuse items and answers beyond; 0 = none
};

nlohmann::json ToJson(const WorkerSetup& setup);
/// Throws nlohmann exceptions on anything but the output of `ToJson`.
WorkerSetup WorkerSetupFromJson(const nlohmann::json& json);

/// Without `at_step` and what of `lent` is the dispatcher's alone.
nlohmann::json ToJson(const ChannelShape& shape);
ChannelShape ChannelShapeFromJson(const nlohmann::json& json);

nlohmann::json ToJson(const WorkloadInfo& info);
WorkloadInfo WorkloadInfoFromJson(const nlohmann::json& json);

}  // namespace coresweep
