// Which configuration a container size is judged by.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "harness/core/sku_report.h"

namespace coresweep {

/// What the reports of one container instance say together: medians where several have a cell.
struct InstanceCells {
  std::vector<SkuCell> cells;
  std::unordered_map<std::string, size_t> index;  ///< of `cells`, by id
  bool searched = false;                          ///< every report of it is that of a search
  std::vector<std::string> choices;               ///< of these searches
};

/// `reports` are those of one instance, at least one.
InstanceCells JoinReports(const std::vector<const SkuReport*>& reports);

/// A configuration that was measured in every instance.
struct SkuCandidate {
  std::string id;
  CostedCell over;  ///< median over the instances; verdict: see `Candidates`
  /// Where every instance has them: medians; the greatest p99.
  std::optional<double> p50_us, p99_us, worst_p99_us;
};

/// In the order of the first instance. The verdict is wrong or failed where any instance's is; ok
/// where more than half are; else one of throttled, stolen and migrated where more than half are ok
/// or so; else "unstable". Where all instances were searched, only what one of the searches chose.
/// `left_out`: an instance that is not looked at.
std::vector<SkuCandidate> Candidates(const std::vector<InstanceCells>& instances,
                                     std::optional<size_t> left_out = std::nullopt);

/// What a size is judged by.
struct SkuChoice {
  std::string id, verdict;
  size_t instances = 0;
  /// With each instance left out in turn: how often the others would choose the same; 0 of one.
  size_t agreeing = 0;
  std::vector<std::string> as_good;  ///< others whose throughput is within 2 % of it
};

/// As a run recommends (`RecommendedOf`) among the candidates whose p99 is within `max_p99_us` in
/// every instance: the least parallelism within 2 % of the highest throughput, so that no lone
/// winner by luck is taken. Where none is ok, throttled, stolen or migrated: the same among the
/// unstable, whose verdict says so. nullopt: nothing.
std::optional<SkuChoice> ChooseFor(const std::vector<InstanceCells>& instances,
                                   const std::vector<SkuCandidate>& candidates,
                                   std::optional<double> max_p99_us);

}  // namespace coresweep
