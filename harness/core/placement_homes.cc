#include <algorithm>

#include "harness/core/placement_board.h"

namespace coresweep {
namespace {

/// Objects as sets of whole cores. On the level of PUs a core stands for those that it has.
Homes CoreHomes(const CoreMap& map, const ObjectMap& objects) {
  Homes homes;
  homes.objects = std::min(objects.count, map.cores().size());
  for (size_t core = 0; core < map.cores().size(); ++core) {
    const bool finer = objects.count > map.cores().size();
    homes.object_of_core.push_back(finer ? core : objects.of_pu[map.cores()[core].pus.front()]);
  }
  return homes;
}

struct Room {
  size_t cores = 0;
  size_t pus = 0;
  size_t quota = 0;
};

}  // namespace

Homes OneHome(const CoreMap& map, size_t workers) {
  Homes homes;
  homes.object_of_core.assign(map.cores().size(), 0);
  homes.of_worker.assign(workers, 0);
  return homes;
}

Homes HomesInTurn(const CoreMap& map, const ObjectMap& objects, size_t workers) {
  Homes homes = CoreHomes(map, objects);
  for (size_t worker = 0; worker < workers; ++worker)
    homes.of_worker.push_back(worker % homes.objects);
  return homes;
}

Homes ConsecutiveHomes(const CoreMap& map, const ObjectMap& objects, size_t quota, size_t workers) {
  Homes homes = CoreHomes(map, objects);
  std::vector<Room> rooms(homes.objects);
  for (size_t core = 0; core < map.cores().size(); ++core) {
    Room& room = rooms[homes.object_of_core[core]];
    room.cores += 1;
    room.pus += map.cores()[core].pus.size();
    room.quota = objects.count > homes.objects ? quota * room.pus : quota;
  }
  // Stage by stage as few as needed: no core shared while cores are free, then no PU.
  std::vector<size_t> taken(homes.objects, 0);
  size_t left = workers;
  for (int stage = 0; stage < 5; ++stage) {
    for (size_t object = 0; object < rooms.size(); ++object) {
      const Room& room = rooms[object];
      const size_t limits[] = {std::min(room.quota, room.cores), room.cores,
                               std::min(room.quota, room.pus), room.pus, room.quota};
      const size_t more = std::max(limits[stage], taken[object]) - taken[object];
      taken[object] += std::min(more, left);
      left -= std::min(more, left);
    }
  }
  for (size_t object = 0; object < taken.size(); ++object)
    homes.of_worker.insert(homes.of_worker.end(), taken[object], object);
  homes.planned = true;
  return homes;
}

}  // namespace coresweep
