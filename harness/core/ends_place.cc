#include "harness/core/ends_place.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "harness/base/error.h"

namespace coresweep {
namespace {

constexpr std::array<std::pair<std::string_view, EndsPlace>, 3> kEndsPlaceNames{
    {{"same", EndsPlace::kSame},
     {"neighbour", EndsPlace::kNeighbour},
     {"unpinned", EndsPlace::kUnpinned}}};

/// Greater is nearer. Another core before the same one; of two, the one that shares the smaller
/// object.
auto Nearness(const Pu& first, const Pu& other) {
  const auto both = [&](int Pu::*object) {
    return first.*object >= 0 && first.*object == other.*object;
  };
  return std::tuple(!both(&Pu::core), both(&Pu::l2), both(&Pu::group), both(&Pu::l3),
                    both(&Pu::numa_node), both(&Pu::die), both(&Pu::package));
}

void SeatNeighbours(const Topology& topology, int usable_cpus, EndsSeats& seats) {
  if (usable_cpus < 2 || topology.pus.size() < 2) {
    seats.why_not = "one usable CPU: there is no neighbour; measure place same instead";
    return;
  }
  const Pu& first = topology.pus.front();
  // max_element gives the first of equals: the next core in the machine's order.
  const auto nearest = std::max_element(
      topology.pus.begin() + 1, topology.pus.end(),
      [&](const Pu& a, const Pu& b) { return Nearness(first, a) < Nearness(first, b); });
  seats.dispatcher = {first.os_index};
  seats.worker = {nearest->os_index};
  seats.shares_core = first.core >= 0 && first.core == nearest->core;
}

}  // namespace

std::string_view ToString(EndsPlace place) {
  return std::find_if(kEndsPlaceNames.begin(), kEndsPlaceNames.end(),
                      [&](const auto& row) { return row.second == place; })
      ->first;
}

std::optional<EndsPlace> ParseEndsPlace(std::string_view name) {
  for (const auto& [text, place] : kEndsPlaceNames) {
    if (text == name) return place;
  }
  return std::nullopt;
}

EndsSeats SeatEnds(EndsPlace place, const Topology& topology, int usable_cpus) {
  if (topology.pus.empty()) throw Error("no CPU to place the ends of a connection on");
  EndsSeats seats;
  seats.place = place;
  switch (place) {
    case EndsPlace::kSame:
      seats.dispatcher = seats.worker = {topology.pus.front().os_index};
      seats.shares_core = true;
      break;
    case EndsPlace::kNeighbour:
      SeatNeighbours(topology, usable_cpus, seats);
      break;
    case EndsPlace::kUnpinned:
      seats.shares_core = usable_cpus < 2 || topology.cores == 1;
      break;
  }
  return seats;
}

}  // namespace coresweep
