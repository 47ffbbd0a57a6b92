// What holds for every machine, policy and shape.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <set>

#include "harness/core/placement_policy.h"
#include "tests/core/placement_machines.h"

namespace coresweep {
namespace {

class SilentListener : public rc::detail::TestListener {
 public:
  void onTestCaseFinished(const rc::detail::CaseDescription& /*description*/) override {}
  void onShrinkTried(const rc::detail::CaseDescription& /*shrink*/, bool /*accepted*/) override {}
  void onTestFinished(const rc::detail::TestMetadata& /*metadata*/,
                      const rc::detail::TestResult& /*result*/) override {}
};

/// Tries `property` on the same cases each time.
template <typename Property>
bool Holds(const Property& property, int cases = 400) {
  rc::detail::TestParams params;
  params.seed = 20240607;
  params.maxSuccess = cases;
  SilentListener listener;
  const auto result =
      rc::detail::checkTestable(property, rc::detail::TestMetadata(), params, listener);
  if (result.template is<rc::detail::SuccessResult>()) return true;
  rc::detail::printResultMessage(result, std::cerr);
  return false;
}

/// How a generated machine is divided; 0 of a thing: the machine has none.
struct Division {
  int packages = 1;
  int nodes = 0;   // a package
  int caches = 0;  // L3, a package
  int l2s = 0;     // cores that share one
  int cores = 1;   // a package
  bool two_kinds = false;
  bool cores_known = true;
};

int Share(int index, int parts, int size) {
  return parts == 0 ? -1 : index * std::min(parts, size) / size;
}

/// A machine of up to 60 PUs with cores of different sizes, numbered in any order, of which some
/// are missing.
Topology AnyMachine() {
  const auto draw = [](int from, int to) { return *rc::gen::inRange(from, to + 1); };
  const Division division{draw(1, 3), draw(0, 3),      draw(0, 3),    draw(0, 3),
                          draw(1, 5), draw(0, 3) == 0, draw(0, 5) > 0};
  const int widest = draw(1, 4);
  const int stride = draw(0, 1) == 0 ? 1 : 7;  // 7 and 61 have no factor in common: an order
  const int first = draw(0, 9);
  Topology topology;
  int serial = 0;
  int core_serial = 0;
  for (int package = 0; package < division.packages; ++package) {
    for (int core = 0; core < division.cores; ++core, ++core_serial) {
      const int pus = draw(0, 3) == 0 ? draw(0, widest) : widest;
      for (int i = 0; i < pus; ++i, ++serial) {
        Pu pu{first + serial * stride % 61, division.cores_known ? core_serial : -1};
        const int node = Share(core, division.nodes, division.cores);
        pu.numa_node = node < 0 ? -1 : 8 * (package * division.nodes + node);
        const int cache = Share(core, division.caches, division.cores);
        pu.l3 = cache < 0 || (package == 1 && core == 0) ? -1 : package * division.caches + cache;
        pu.l2 = division.l2s == 0 ? -1 : core_serial / division.l2s;
        pu.package = package;
        if (division.two_kinds)
          pu.kind = core % 2 == 0 ? CoreKind::kEfficiency : CoreKind::kPerformance;
        topology.pus.push_back(pu);
      }
    }
  }
  if (topology.pus.empty()) topology.pus = {{first}};
  topology.online_cpus = 70;
  return topology;
}

std::string ListOfAll(const Topology& topology) {
  std::string list = "list:";
  const size_t size = topology.pus.size();
  for (size_t i = 0; i < size; ++i) {
    if (i > 0) list += i == size / 2 ? "|" : ",";
    list += std::to_string(topology.pus[(i + 1) % size].os_index);
  }
  return list;
}

std::string MaskOfAll(const Topology& topology) {
  const Policy list = ParsePolicy(ListOfAll(topology));
  return ToText({PolicyKind::kMask, ObjectType::kMachine, 0, list.sections});
}

const std::vector<std::string>& Names() {
  static const std::vector<std::string> names{
      "compact",    "scatter",        "core",          "nosmt",    "smt",       "l2",
      "l3",         "numa",           "package",       "pcore",    "ecore",     "ppr:1:core",
      "ppr:2:core", "ppr:1:pu",       "ppr:3:l2",      "ppr:2:l3", "ppr:9:die", "ppr:4:group",
      "ppr:7:numa", "ppr:30:package", "ppr:99:machine"};
  return names;
}

struct Case {
  std::string policy;
  Topology topology;
  PlacementShape shape;
};

std::ostream& operator<<(std::ostream& out, const Case& tried) {
  out << tried.policy << " workers " << tried.shape.workers << " threads " << tried.shape.threads
      << " width " << ToString(tried.shape.width) << " dispatcher "
      << ToString(tried.shape.dispatcher) << " on";
  for (const Pu& pu : tried.topology.pus) {
    out << " P" << pu.os_index << "(c" << pu.core << " l2:" << pu.l2 << " l3:" << pu.l3 << " n"
        << pu.numa_node << " p" << pu.package << " k" << static_cast<int>(pu.kind) << ")";
  }
  return out;
}

Case AnyCase(const Topology& topology) {
  Case made;
  made.topology = topology;
  const auto pus = static_cast<int>(topology.pus.size());
  const int choice = *rc::gen::inRange(0, static_cast<int>(Names().size()) + 2);
  const auto named = static_cast<size_t>(choice);
  made.policy = named < Names().size()    ? Names()[named]
                : named == Names().size() ? ListOfAll(topology)
                                          : MaskOfAll(topology);
  made.shape.workers = *rc::gen::inRange(1, pus + 4);
  made.shape.threads = *rc::gen::element(1, 1, 2, 3, 5, 16);
  made.shape.width = *rc::gen::element(Width::kPu, Width::kCore, Width::kObject);
  return made;
}

/// Which PUs a policy may use, and how workers lie on them.
struct Census {
  std::vector<Pu> usable;
  std::map<int, int> core_of;          // PU -> core, a number of its own where unknown
  std::map<int, int> workers_on_pu;    // of usable ones
  std::map<int, int> workers_on_core;  // of usable ones
};

bool OfKind(const Topology& topology, CoreKind kind, const Pu& pu) {
  const bool known = std::any_of(topology.pus.begin(), topology.pus.end(),
                                 [&](const Pu& other) { return other.kind == kind; });
  return !known || pu.kind == kind;
}

Census Count(const Case& tried, const Placement& placement) {
  Census census;
  for (const Pu& pu : tried.topology.pus) {
    census.core_of[pu.os_index] = pu.core >= 0 ? pu.core : 10'000 + pu.os_index;
    if (tried.policy == "pcore" && !OfKind(tried.topology, CoreKind::kPerformance, pu)) continue;
    if (tried.policy == "ecore" && !OfKind(tried.topology, CoreKind::kEfficiency, pu)) continue;
    census.usable.push_back(pu);
    census.workers_on_pu[pu.os_index] = 0;
    census.workers_on_core[census.core_of[pu.os_index]] = 0;
  }
  for (const WorkerPlace& worker : placement.workers) {
    std::set<int> cores;
    for (const int cpu : worker.cpus.ToVector()) {
      ++census.workers_on_pu[cpu];
      cores.insert(census.core_of.at(cpu));
    }
    for (const int core : cores)
      ++census.workers_on_core[core];
  }
  return census;
}

int Most(const std::map<int, int>& counts) {
  int most = 0;
  for (const auto& [key, count] : counts)
    most = std::max(most, count);
  return most;
}

int Least(const std::map<int, int>& counts) {
  int least = counts.begin()->second;
  for (const auto& [key, count] : counts)
    least = std::min(least, count);
  return least;
}

void CheckSets(const Case& tried, const Placement& placement) {
  const CpuSet allowed = tried.topology.Cpus();
  RC_ASSERT(placement.workers.size() == static_cast<size_t>(tried.shape.workers));
  for (const WorkerPlace& worker : placement.workers) {
    RC_ASSERT(!worker.cpus.Empty());
    RC_ASSERT(worker.cpus.Intersect(allowed) == worker.cpus);
    RC_ASSERT(worker.threads.size() == static_cast<size_t>(tried.shape.threads));
    CpuSet together;
    for (const CpuSet& thread : worker.threads) {
      RC_ASSERT(!thread.Empty());
      together = together.Union(thread);
    }
    RC_ASSERT(together == worker.cpus);
    std::set<int> nodes = Domains(tried.topology, worker.cpus, &Pu::numa_node);
    nodes.erase(-1);
    RC_ASSERT(worker.numa_nodes == std::vector<int>(nodes.begin(), nodes.end()));
  }
}

void CheckSharing(const Case& tried, const Census& census) {
  const bool ordered = tried.policy.starts_with("list:");
  const int workers = tried.shape.workers;
  if (Most(census.workers_on_pu) > 1) RC_ASSERT(Least(census.workers_on_pu) > 0);
  if (ordered) return;
  if (Most(census.workers_on_core) > 1) RC_ASSERT(Least(census.workers_on_core) > 0);
  if (tried.policy.starts_with("mask:")) return;
  if (workers <= static_cast<int>(census.workers_on_core.size()))
    RC_ASSERT(Most(census.workers_on_core) <= 1);
  if (workers <= static_cast<int>(census.usable.size())) RC_ASSERT(Most(census.workers_on_pu) <= 1);
}

void CheckLabel(const Case& tried, const Placement& placement, const Census& census) {
  const bool too_many =
      tried.shape.workers * tried.shape.threads > static_cast<int>(census.usable.size());
  bool cramped = false;
  bool pu_shared = false;
  CpuSet seen;
  for (const WorkerPlace& worker : placement.workers) {
    cramped = cramped || worker.cpus.Count() < tried.shape.threads;
    for (const CpuSet& thread : worker.threads) {
      pu_shared = pu_shared || !seen.Intersect(thread).Empty();
      seen = seen.Union(thread);
    }
  }
  const bool one_pu_each = tried.shape.width == Width::kPu && tried.policy != "core";
  RC_ASSERT(placement.oversubscribed == (too_many || cramped || (one_pu_each && pu_shared)));
  if (tried.shape.threads == 1) RC_ASSERT(placement.oversubscribed == too_many);
}

void CheckPolicy(const Case& tried, const Placement& placement, const Census& census) {
  for (const WorkerPlace& worker : placement.workers) {
    std::map<int, int> pus_on_core;
    for (const int cpu : worker.cpus.ToVector()) {
      ++pus_on_core[census.core_of.at(cpu)];
      if (tried.policy == "pcore" || tried.policy == "ecore") {
        RC_ASSERT(std::any_of(census.usable.begin(), census.usable.end(),
                              [&](const Pu& pu) { return pu.os_index == cpu; }));
      }
    }
    if (tried.policy == "nosmt") RC_ASSERT(Most(pus_on_core) == 1);
  }
}

void CheckLaws(const Case& tried) {
  std::string why_not;
  const auto placement = Place(tried.policy, tried.topology, tried.shape, &why_not);
  if (!placement) {
    RC_ASSERT(tried.policy == "ecore" || tried.policy == "pcore" ||
              tried.policy.starts_with("ppr:"));
    RC_ASSERT(!why_not.empty());
    return;
  }
  const Census census = Count(tried, *placement);
  CheckSets(tried, *placement);
  CheckSharing(tried, census);
  CheckLabel(tried, *placement, census);
  CheckPolicy(tried, *placement, census);
  RC_ASSERT(Place(tried.policy, tried.topology, tried.shape, nullptr) == placement);
}

TEST(PlacementLaws, HoldOnAnyMachine) {
  EXPECT_TRUE(Holds([] {
    const Case tried = AnyCase(AnyMachine());
    RC_LOG() << tried;
    CheckLaws(tried);
  }));
}

TEST(PlacementLaws, HoldOnRecordedMachines) {
  for (const char* name : {"arm64-ulna-hwloc1", "coral-lassen", "cts1-quartz-smt1", "eas-tioga",
                           "epyc-corona", "knl-snc4-flat-hwloc1", "made-hybrid"}) {
    const Topology topology = Recorded(name);
    EXPECT_TRUE(Holds(
        [&] {
          const Case tried = AnyCase(topology);
          RC_LOG() << tried;
          CheckLaws(tried);
        },
        12))
        << name;
  }
}

TEST(PlacementLaws, EveryThreadOfAUniformMachineGetsAPuWhereCoresSuffice) {
  EXPECT_TRUE(Holds([] {
    const int pus = *rc::gen::inRange(1, 5);
    const int cores = *rc::gen::inRange(1, 9);
    Topology topology;  // two packages of two L3s
    for (int cpu = 0; cpu < 4 * cores * pus; ++cpu) {
      const int core = cpu / pus;
      topology.pus.push_back({cpu, core, core / cores, core / cores / 2, core / cores / 2});
    }
    const int threads = *rc::gen::inRange(1, 4 * cores * pus + 1);
    const int cores_each = (threads + pus - 1) / pus;
    const int workers = *rc::gen::inRange(1, std::max(2, 4 * cores / cores_each + 1));
    RC_PRE(workers * cores_each <= 4 * cores);
    const std::string policy = *rc::gen::elementOf(
        std::vector<std::string>{"compact", "scatter", "smt", "l3", "numa", "package"});
    RC_LOG() << policy << " " << workers << " x " << threads << " on 4 x " << cores << " x " << pus;
    const Placement placement = MustPlace(policy, topology, {workers, threads});
    RC_ASSERT(!placement.oversubscribed);
  }));
}

TEST(PlacementLaws, TheDispatcherKeepsOffWorkersWhileThereIsACore) {
  EXPECT_TRUE(Holds([] {
    Case tried = AnyCase(AnyMachine());
    tried.shape.dispatcher = *rc::gen::element(DispatcherPlace::kOwn, DispatcherPlace::kBeside);
    RC_LOG() << tried;
    const auto placement = Place(tried.policy, tried.topology, tried.shape, nullptr);
    if (!placement) return;
    const Census census = Count(tried, *placement);
    RC_ASSERT(!placement->dispatcher.Empty());
    RC_ASSERT(placement->dispatcher.Intersect(tried.topology.Cpus()) == placement->dispatcher);
    bool shares = false;
    for (const int cpu : placement->dispatcher.ToVector()) {
      const auto workers = census.workers_on_core.find(census.core_of.at(cpu));
      shares = shares || (workers != census.workers_on_core.end() && workers->second > 0);
    }
    RC_ASSERT(placement->dispatcher_shares_core == shares);
    const bool movable = !tried.policy.starts_with("list:") && !tried.policy.starts_with("mask:") &&
                         !tried.policy.starts_with("ppr:");
    const bool spare_core = tried.shape.workers < static_cast<int>(census.workers_on_core.size());
    if (tried.shape.dispatcher == DispatcherPlace::kOwn && movable && spare_core) {
      RC_ASSERT(!shares);
      CheckSets(tried, *placement);
    }
  }));
}

TEST(PlacementLaws, CanonicalNamesStayAsTheyAre) {
  EXPECT_TRUE(Holds([] {
    const Case tried = AnyCase(AnyMachine());
    const std::string canonical = CanonicalPolicy(tried.policy);
    RC_ASSERT(CanonicalPolicy(canonical) == canonical);
    RC_ASSERT(ParsePolicy(canonical).sections == ParsePolicy(tried.policy).sections);
  }));
}

}  // namespace
}  // namespace coresweep
