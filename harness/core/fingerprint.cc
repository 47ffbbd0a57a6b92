#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <span>

#include "harness/base/digest.h"
#include "harness/core/doctor.h"

namespace coresweep {
namespace {

using Pus = std::vector<Pu>;
using Level = int (*)(const Pu&);

// From the outside in. Where two kinds of object do not nest (nodes inside packages or packages
// inside nodes), any fixed order tells the same shapes apart.
constexpr std::array<Level, 7> kLevels = {
    [](const Pu& pu) { return pu.package; },   [](const Pu& pu) { return pu.die; },
    [](const Pu& pu) { return pu.numa_node; }, [](const Pu& pu) { return pu.group; },
    [](const Pu& pu) { return pu.l3; },        [](const Pu& pu) { return pu.l2; },
    [](const Pu& pu) { return pu.core; }};

/// The shape of `pus` with neither numbers nor order: "((2)(2))", a bracket an object, a digit the
/// hardware threads of a core, "-" where the machine has no such object.
std::string Shape(const Pus& pus, std::span<const Level> levels) {
  if (levels.empty()) return fmt::format("{}k{}", pus.size(), static_cast<int>(pus.front().kind));
  std::map<int, Pus> objects;
  for (const Pu& pu : pus)
    objects[levels.front()(pu)].push_back(pu);
  std::vector<std::string> shapes;
  shapes.reserve(objects.size());
  for (const auto& [index, members] : objects) {
    shapes.push_back((index < 0 ? "-" : "") + ("(" + Shape(members, levels.subspan(1)) + ")"));
  }
  std::sort(shapes.begin(), shapes.end());
  return fmt::format("{}", fmt::join(shapes, ""));
}

std::string CachesText(const std::vector<CacheFact>& caches) {
  std::vector<std::string> texts;
  texts.reserve(caches.size());
  for (const CacheFact& cache : caches)
    texts.push_back(fmt::format("L{}{}:{}x{}", cache.level, cache.kind, cache.count, cache.bytes));
  std::sort(texts.begin(), texts.end());
  return fmt::format("{}", fmt::join(texts, ","));
}

/// The file and its folder: the same library lies in different folders of different systems, but
/// the last one ("openblas-openmp") tells its kind.
std::string LibraryName(const std::string& path) {
  const std::filesystem::path file(path);
  return (file.parent_path().filename() / file.filename()).string();
}

}  // namespace

std::string Fingerprint(const HostFacts& facts, const RuntimeFacts* libraries) {
  const SystemFacts& system = facts.system;
  std::vector<std::string> parts = {
      facts.architecture,
      facts.cpu_model,
      facts.kernel,
      system.virtualization,
      system.clock_source,
      system.governor,
      facts.cpu_quota ? fmt::format("{:.6g}/{}", facts.cpu_quota->value, facts.cpu_period_us) : "",
      facts.topology.pus.empty() ? "" : Shape(facts.topology.pus, kLevels),
      CachesText(facts.topology.caches)};
  if (libraries != nullptr) {
    parts.push_back(libraries->library);
    parts.push_back(libraries->blas_kind);
    parts.push_back(LibraryName(libraries->blas_library));
    parts.push_back(LibraryName(libraries->openmp_library));
  }
  // Lengths keep the parts apart, whatever characters they hold.
  std::string text;
  for (const std::string& part : parts)
    text.append(fmt::format("{}:", part.size())).append(part);
  return DigestHex(Digest(std::as_bytes(std::span(text))));
}

}  // namespace coresweep
