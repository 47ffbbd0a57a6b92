// A placement for people and as JSON: what `coresweep placement` prints.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "harness/core/placement.h"
#include "harness/core/topology.h"
#include "reports/machine_picture.h"

namespace coresweep {

/// A placement with what it was made from.
struct PlacementReport {
  std::string policy;  ///< canonical
  PlacementShape shape;
  Placement placement;
  Machine machine;
  std::string foreign;  ///< "" = this machine, else the topology it stands for
};

/// {"policy", "width", "threads_per_worker", "oversubscribed", "workers", "dispatcher", …}; CPUs by
/// OS index as lists of the kernel, "0-3,8". A dispatcher that is not pinned and memory that is not
/// bound are null.
nlohmann::ordered_json ToJson(const PlacementReport& report);

/// The picture of the machine, a line for each of the first 32 workers, the dispatcher, notes.
std::string ToText(const PlacementReport& report, const PictureStyle& style);

}  // namespace coresweep
