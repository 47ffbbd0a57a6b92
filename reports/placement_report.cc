#include "reports/placement_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reports/json_values.h"
#include "reports/text.h"

namespace coresweep {
namespace {

constexpr size_t kMostWorkers = 32;

std::string NodesOf(const WorkerPlace& worker) {
  return CpuSet(worker.numa_nodes).ToList();
}

OrderedJson WorkerToJson(size_t index, const WorkerPlace& worker) {
  OrderedJson threads = OrderedJson::array();
  for (const CpuSet& cpus : worker.threads)
    threads.push_back(cpus.ToList());
  return {{"index", index},
          {"cpus", worker.cpus.ToList()},
          {"threads", std::move(threads)},
          {"numa", TextOrNull(NodesOf(worker))}};
}

/// ", threads on 0 1 2-3"; "" where each may use all CPUs of the worker.
std::string ThreadsText(const WorkerPlace& worker) {
  const bool all_alike = std::all_of(worker.threads.begin(), worker.threads.end(),
                                     [&](const CpuSet& cpus) { return cpus == worker.cpus; });
  if (all_alike) return "";
  std::string text = ", threads on";
  for (const CpuSet& cpus : worker.threads) {
    text += ' ';
    text += cpus.ToList();
  }
  return text;
}

std::string WorkerText(size_t index, const WorkerPlace& worker) {
  const std::string nodes = NodesOf(worker);
  return fmt::format("worker {}: {} {}{}{}", index, worker.cpus.Count() == 1 ? "CPU" : "CPUs",
                     worker.cpus.ToList(), ThreadsText(worker),
                     nodes.empty() ? "" : ", NUMA " + nodes);
}

std::string DispatcherText(const Placement& placement) {
  std::string text = placement.dispatcher.Empty()
                         ? "dispatcher: unpinned"
                         : "dispatcher: CPUs " + placement.dispatcher.ToList();
  if (placement.dispatcher_shares_core) text += ", without a core of its own";
  return text;
}

}  // namespace

nlohmann::ordered_json ToJson(const PlacementReport& report) {
  const Placement& placement = report.placement;
  OrderedJson workers = OrderedJson::array();
  for (size_t index = 0; index < placement.workers.size(); ++index)
    workers.push_back(WorkerToJson(index, placement.workers[index]));
  const Topology& usable = report.machine.usable;
  return {{"policy", report.policy},
          {"width", std::string(ToString(report.shape.width))},
          {"threads_per_worker", report.shape.threads},
          {"oversubscribed", placement.oversubscribed},
          {"workers", std::move(workers)},
          {"dispatcher", TextOrNull(placement.dispatcher.ToList())},
          {"dispatcher_shares_core", placement.dispatcher_shares_core},
          {"notes", placement.notes},
          {"topology",
           {{"source", report.foreign.empty() ? "this machine" : report.foreign},
            {"foreign", !report.foreign.empty()},
            {"allowed", usable.Cpus().ToList()},
            {"cpus", usable.pus.size()},
            {"cores", usable.cores},
            {"online_cpus", usable.online_cpus}}}};
}

std::string ToText(const PlacementReport& report, const PictureStyle& style) {
  const Placement& placement = report.placement;
  const size_t width = std::max<size_t>(style.width, 20);
  std::string text =
      DrawMachine(report.machine.whole, report.machine.usable.Cpus(), &placement, style) + "\n";
  const auto add = [&](const std::string& line) { text += Wrap(Printable(line), width, 2); };
  for (size_t index = 0; index < std::min(placement.workers.size(), kMostWorkers); ++index)
    add(WorkerText(index, placement.workers[index]));
  if (placement.workers.size() > kMostWorkers)
    add(fmt::format("… and {} more, see --json", placement.workers.size() - kMostWorkers));
  add(DispatcherText(placement));
  if (placement.oversubscribed) add("oversubscribed: more threads of workers than CPUs for them");
  for (const std::string& note : placement.notes)
    add("note: " + note);
  if (!report.foreign.empty())
    add(fmt::format("a plan for another machine ({}): nothing is bound", report.foreign));
  return text;
}

}  // namespace coresweep
