#include "reports/html_machine.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "harness/base/cpu_set.h"
#include "reports/html_text.h"
#include "reports/json_members.h"
#include "reports/text.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;
using Seats = std::map<int, std::vector<std::string>>;  ///< by CPU: "w0", "D"

constexpr size_t kMostNames = 3;

int IndexIn(const Json& pu, const char* key) {
  return static_cast<int>(MemberNumber(pu, key).value_or(-1));
}

void Seat(const std::string& cpus, const std::string& who, Seats& seats) {
  const auto set = CpuSet::Parse(cpus);
  if (!set) return;
  for (const int cpu : set->ToVector())
    seats[cpu].push_back(who);
}

Seats SeatsOf(const Json& cell) {
  Seats seats;
  for (const Json& worker : MemberOf(cell, "workers_detail")) {
    const std::string effective = MemberText(worker, "cpus_effective");
    Seat(effective.empty() ? MemberText(worker, "cpus_requested") : effective,
         "w" + MemberText(worker, "index"), seats);
  }
  Seat(MemberText(cell, "dispatcher_cpus"), "D", seats);
  return seats;
}

/// "w0 w1 w2 +5".
std::string Names(const std::vector<std::string>& who) {
  if (who.size() <= kMostNames) return fmt::format("{}", fmt::join(who, " "));
  return fmt::format("{} +{}", fmt::join(who.begin(), who.begin() + kMostNames - 1, " "),
                     who.size() - (kMostNames - 1));
}

std::string PuBox(int cpu, const Seats& seats) {
  const auto found = seats.find(cpu);
  const bool free = found == seats.end();
  return fmt::format(
      "<li class=\"pu{}\" data-cpu={}><span class=cpu>CPU {}</span> <span class=who>{}</span></li>",
      free ? "" : " taken", cpu, cpu, free ? "free" : Html(Names(found->second)));
}

/// ", L3 of 32 MiB each"; "" where the machine has none.
std::string CacheSize(const Json& topology) {
  constexpr double kMiB = 1 << 20;
  for (const Json& cache : MemberOf(topology, "caches")) {
    const auto bytes = MemberNumber(cache, "bytes");
    if (MemberNumber(cache, "level") == 3.0 && bytes)
      return fmt::format(", L3 of {:.4g} MiB each", *bytes / kMiB);
  }
  return "";
}

using CorePus = std::vector<int>;
using Cache = std::map<int, CorePus>;
using Package = std::map<int, Cache>;

std::string CacheBox(int index, const Cache& cores, const Seats& seats) {
  std::string text;
  for (const auto& [core, cpus] : cores) {
    std::string pus;
    for (const int cpu : cpus)
      pus += PuBox(cpu, seats);
    text +=
        fmt::format("<li class=core><span class=name>Core {}</span><ul>{}</ul></li>", core, pus);
  }
  return fmt::format("<li class=l3><span class=name>{}</span><ul>{}</ul></li>",
                     index < 0 ? "no L3" : fmt::format("L3 {}", index), text);
}

}  // namespace

std::string HtmlMachine(const Json& report, const Json& cell) {
  const Json& topology = MemberOf(MemberOf(report, "host"), "topology");
  std::map<int, Package> packages;
  for (const Json& pu : MemberOf(topology, "pus")) {
    packages[IndexIn(pu, "package")][IndexIn(pu, "l3")][IndexIn(pu, "core")].push_back(
        IndexIn(pu, "os_index"));
  }
  if (packages.empty()) return "";
  const Seats seats = SeatsOf(cell);
  std::string text;
  for (const auto& [index, caches] : packages) {
    std::string inside;
    for (const auto& [l3, cores] : caches)
      inside += CacheBox(l3, cores, seats);
    text += fmt::format("<li class=package><span class=name>Package {}{}</span><ul>{}</ul></li>",
                        std::max(index, 0), CacheSize(topology), inside);
  }
  return "<ul class=machine>" + text + "</ul>";
}

}  // namespace coresweep
