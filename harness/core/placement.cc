#include "harness/core/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "harness/base/error.h"
#include "harness/core/placement_board.h"
#include "harness/core/placement_cores.h"
#include "harness/core/placement_dispatcher.h"
#include "harness/core/placement_policy.h"
#include "harness/core/placement_sections.h"
#include "harness/core/placement_width.h"

namespace coresweep {
namespace {

/// Why a policy cannot be followed; becomes `why_not`.
struct Refusal {
  std::string why;
};

/// Workers, seated on PUs of `part` of the topology.
struct Seated {
  Topology part;
  Seating seating;
  std::vector<size_t> object_of;  // of each PU of `part`, for width object
  size_t usable = 0;              // PUs that the policy may use
  std::vector<std::string> notes;
};

size_t Workers(const PlacementShape& shape) {
  return static_cast<size_t>(shape.workers);
}

size_t Threads(const PlacementShape& shape) {
  return static_cast<size_t>(shape.threads);
}

Topology OnlyKind(const Topology& topology, CoreKind kind) {
  Topology part = topology;
  std::erase_if(part.pus, [&](const Pu& pu) { return pu.kind != kind; });
  return part;
}

/// The PUs that pcore or ecore is about, in `seated`.
void TakeKind(const Policy& policy, const Topology& topology, Seated& seated) {
  const bool performance = policy.kind == PolicyKind::kPCore;
  seated.part = OnlyKind(topology, performance ? CoreKind::kPerformance : CoreKind::kEfficiency);
  if (!seated.part.pus.empty()) return;
  if (!performance) throw Refusal{"this machine has no efficiency cores: use compact"};
  if (!OnlyKind(topology, CoreKind::kEfficiency).pus.empty()) {
    throw Refusal{"this machine has no performance cores that may be used: use ecore or compact"};
  }
  seated.part = topology;
  seated.notes.emplace_back("this machine has one kind of core: pcore uses all");
}

/// Sections of CPUs as positions in the topology.
std::vector<std::vector<size_t>> FindSections(const Policy& policy, const Topology& topology) {
  std::map<int, size_t> position;
  for (size_t pu = 0; pu < topology.pus.size(); ++pu)
    position[topology.pus[pu].os_index] = pu;
  std::vector<std::vector<size_t>> sections;
  for (const std::vector<int>& section : policy.sections) {
    std::vector<size_t> pus;
    for (const int cpu : section) {
      const auto found = position.find(cpu);
      if (found == position.end()) {
        throw Refusal{fmt::format("CPU {} of {} is not allowed; allowed are {}", cpu,
                                  ToText(policy), topology.Cpus().ToList())};
      }
      pus.push_back(found->second);
    }
    sections.push_back(std::move(pus));
  }
  return sections;
}

Seated SeatInSections(const Policy& policy, const Topology& topology, const PlacementShape& shape) {
  Seated seated;
  seated.part = topology;
  seated.object_of.assign(topology.pus.size(), kNoObject);
  std::vector<std::vector<size_t>> sections = FindSections(policy, topology);
  for (size_t section = 0; section < sections.size(); ++section) {
    for (const size_t pu : sections[section])
      seated.object_of[pu] = section;
    seated.usable += sections[section].size();
  }
  if (policy.kind == PolicyKind::kMask)
    sections = CoresFirst(CoreMap(topology), std::move(sections));
  seated.seating = DealSections(sections, Workers(shape), Threads(shape));
  if (seated.seating.moved > 0) {
    seated.notes.push_back(fmt::format(
        "{} workers sit in another section: theirs has no free CPU left", seated.seating.moved));
  }
  return seated;
}

Homes PprHomes(const Policy& policy, const CoreMap& map, const ObjectMap& objects,
               const PlacementShape& shape) {
  const auto quota = static_cast<size_t>(policy.per_object);
  if (Workers(shape) > quota * objects.count) {
    throw Refusal{fmt::format(
        "{} has room for {} workers on this machine ({} × {}), not for {}: raise N or use fewer "
        "workers",
        ToText(policy), quota * objects.count, objects.count, quota, shape.workers)};
  }
  return ConsecutiveHomes(map, objects, quota, Workers(shape));
}

/// What the reader must know about workers of nosmt.
void NoteOnNoSmt(const CoreMap& map, const PlacementShape& shape, Seated& seated) {
  const bool doubled = std::any_of(
      seated.seating.workers.begin(), seated.seating.workers.end(), [](std::vector<size_t> seats) {
        std::sort(seats.begin(), seats.end());
        return std::adjacent_find(seats.begin(), seats.end()) != seats.end();
      });
  if (Workers(shape) > map.cores().size()) {
    seated.notes.push_back(
        fmt::format("{} workers on {} cores: some sit on further hardware threads of a core",
                    shape.workers, map.cores().size()));
  }
  if (doubled)
    seated.notes.emplace_back(
        "more threads than cores: threads of a worker share hardware threads");
}

Seated SeatOnBoard(const Policy& policy, const Topology& topology, const PlacementShape& shape) {
  Seated seated;
  if (policy.kind == PolicyKind::kPCore || policy.kind == PolicyKind::kECore) {
    TakeKind(policy, topology, seated);
  } else {
    seated.part = topology;
  }
  const CoreMap map(seated.part);
  const bool has_object = policy.kind == PolicyKind::kObject || policy.kind == PolicyKind::kPpr;
  ObjectMap objects =
      MapObjects(seated.part, map, has_object ? policy.object : SharedDomain(seated.part, map));
  if (!objects.note.empty()) seated.notes.push_back(objects.note);
  Homes homes = OneHome(map, Workers(shape));
  if (policy.kind == PolicyKind::kObject) homes = HomesInTurn(map, objects, Workers(shape));
  if (policy.kind == PolicyKind::kPpr) homes = PprHomes(policy, map, objects, shape);
  const SeatingRules rules{policy.kind == PolicyKind::kScatter, policy.kind == PolicyKind::kSmt,
                           policy.kind == PolicyKind::kNoSmt};
  seated.seating = SeatWorkers(map, rules, homes, Threads(shape));
  if (seated.seating.moved > 0) {
    seated.notes.push_back(fmt::format(
        "{} workers sit outside their object, which has no free core or hardware thread left",
        seated.seating.moved));
  }
  if (rules.one_pu_per_core) NoteOnNoSmt(map, shape, seated);
  seated.object_of = std::move(objects.of_pu);
  seated.usable = seated.part.pus.size();
  return seated;
}

/// More threads than PUs that the policy may use, or than some worker has.
bool Oversubscribed(const PlacementShape& shape, size_t usable,
                    const std::vector<WorkerPlace>& places) {
  return Workers(shape) * Threads(shape) > usable ||
         std::any_of(places.begin(), places.end(),
                     [&](const WorkerPlace& place) { return shape.threads > place.cpus.Count(); });
}

/// The workers alone. Throws `Refusal`.
Placement PlaceWorkers(const Policy& policy, const Topology& topology,
                       const PlacementShape& shape) {
  Seated seated = policy.Explicit() ? SeatInSections(policy, topology, shape)
                                    : SeatOnBoard(policy, topology, shape);
  WidthRules rules;
  rules.width = shape.width;
  if (policy.kind == PolicyKind::kCore && shape.width == Width::kPu) rules.width = Width::kCore;
  rules.one_pu_per_core = policy.kind == PolicyKind::kNoSmt;
  rules.object_of = seated.object_of;
  Placement placement;
  placement.workers = WidenSeats(seated.part, CoreMap(seated.part), seated.seating, rules);
  placement.oversubscribed = Oversubscribed(shape, seated.usable, placement.workers);
  placement.notes = std::move(seated.notes);
  return placement;
}

WorkerPlace AllThreadsOn(const CpuSet& cpus, const PlacementShape& shape) {
  return {cpus, std::vector<CpuSet>(Threads(shape), cpus), {}};
}

Placement PlaceNone(const Topology& topology, const PlacementShape& shape) {
  Placement placement;
  placement.workers.assign(Workers(shape), AllThreadsOn(topology.Cpus(), shape));
  placement.oversubscribed = Workers(shape) * Threads(shape) > topology.pus.size();
  return placement;
}

Placement PlaceModulo(const Topology& topology, const PlacementShape& shape) {
  Placement placement;
  const int online =
      topology.online_cpus > 0 ? topology.online_cpus : static_cast<int>(topology.pus.size());
  const CpuSet allowed = topology.Cpus();
  CpuSet forbidden;
  for (int worker = 0; worker < shape.workers; ++worker) {
    const int cpu = worker % online;
    placement.workers.push_back(AllThreadsOn({cpu}, shape));
    if (!allowed.Contains(cpu)) forbidden.Add(cpu);
  }
  placement.oversubscribed = shape.threads > 1 || shape.workers > online;
  if (!forbidden.Empty()) {
    placement.notes.push_back(
        fmt::format("modulo ignores what is allowed: CPUs {} are not", forbidden.ToList()));
  }
  return placement;
}

/// The dispatcher of workers that are not bound or bound blindly.
void PlaceBlindDispatcher(const CoreMap& map, const DispatcherSearch& search, DispatcherPlace where,
                          Placement& placement) {
  if (where == DispatcherPlace::kBeside) {
    placement.dispatcher = search.WholeCore(0);
    return;
  }
  placement.dispatcher = search.WholeCore(map.cores().size() - 1);
  placement.notes.emplace_back("workers are not kept off the dispatcher's core by this policy");
}

void PlaceBeside(const DispatcherSearch& search, Placement& placement) {
  placement.dispatcher = search.FreePu();
  if (!placement.dispatcher.Empty()) return;
  placement.dispatcher = placement.workers.front().cpus;
  placement.notes.emplace_back("no hardware thread is free: the dispatcher uses those of worker 0");
}

/// The workers once more, without the last core, which becomes the dispatcher's. False: that cannot
/// be.
bool VacateLastCore(const Policy& policy, const Topology& topology, const CoreMap& map,
                    const PlacementShape& shape, Placement& placement) {
  if (policy.Explicit() || Workers(shape) >= map.cores().size()) return false;
  CpuSet last;
  for (const size_t pu : map.cores().back().pus)
    last.Add(topology.pus[pu].os_index);
  Topology rest = topology;
  std::erase_if(rest.pus, [&](const Pu& pu) { return last.Contains(pu.os_index); });
  try {
    Placement again = PlaceWorkers(policy, rest, shape);
    if (again.oversubscribed && !placement.oversubscribed) {
      again.notes.push_back(
          fmt::format("the dispatcher's own core, CPUs {}, leaves too few for the workers' threads",
                      last.ToList()));
    }
    placement = std::move(again);
  } catch (const Refusal&) {
    return false;
  }
  placement.dispatcher = last;
  return true;
}

void PlaceOwn(const Policy& policy, const Topology& topology, const CoreMap& map,
              const PlacementShape& shape, Placement& placement) {
  const DispatcherSearch search(topology, map, placement);
  placement.dispatcher = search.FreeCore();
  if (!placement.dispatcher.Empty() || VacateLastCore(policy, topology, map, shape, placement))
    return;
  placement.dispatcher = search.FreePu();
  if (placement.dispatcher.Empty()) placement.dispatcher = search.LeastUsedPu();
  placement.notes.emplace_back("no core is left for the dispatcher: it shares one with a worker");
}

void PlaceDispatcher(const Policy& policy, const Topology& topology, const PlacementShape& shape,
                     Placement& placement) {
  const CoreMap map(topology);
  if (shape.dispatcher == DispatcherPlace::kUnpinned) {
    const bool threads_fill = Workers(shape) * Threads(shape) >= topology.pus.size();
    placement.dispatcher_shares_core =
        threads_fill && DispatcherSearch(topology, map, placement).AllTaken();
    return;
  }
  if (!policy.Bound()) {
    PlaceBlindDispatcher(map, DispatcherSearch(topology, map, placement), shape.dispatcher,
                         placement);
  } else if (shape.dispatcher == DispatcherPlace::kBeside) {
    PlaceBeside(DispatcherSearch(topology, map, placement), placement);
  } else {
    PlaceOwn(policy, topology, map, shape, placement);
  }
  placement.dispatcher_shares_core =
      DispatcherSearch(topology, map, placement).SharesCore(placement.dispatcher);
}

Placement PlaceAll(const Policy& policy, const Topology& topology, const PlacementShape& shape) {
  if (policy.kind == PolicyKind::kNone) return PlaceNone(topology, shape);
  if (policy.kind == PolicyKind::kModulo) return PlaceModulo(topology, shape);
  return PlaceWorkers(policy, topology, shape);
}

}  // namespace

std::optional<Placement> Place(std::string_view policy, const Topology& topology,
                               const PlacementShape& shape, std::string* why_not) {
  const Policy parsed = ParsePolicy(policy);
  if (topology.pus.empty()) throw Error("no CPU may be used: nowhere to place a worker");
  PlacementShape asked = shape;
  asked.workers = std::max(1, shape.workers);
  asked.threads = std::max(1, shape.threads);
  try {
    Placement placement = PlaceAll(parsed, topology, asked);
    PlaceDispatcher(parsed, topology, asked, placement);
    return placement;
  } catch (const Refusal& refusal) {
    if (why_not != nullptr) *why_not = refusal.why;
    return std::nullopt;
  }
}

}  // namespace coresweep
