#include "harness/core/search_screen.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "harness/core/statistics.h"

namespace coresweep {
namespace {

bool AllAbove(std::span<const double> values, double limit) {
  return std::all_of(values.begin(), values.end(), [limit](double x) { return x > limit; });
}

std::vector<int> OrderedBy(std::vector<int> cells, std::span<const std::optional<double>> values) {
  const auto key = [&values](int cell) {
    const auto& value = values[static_cast<size_t>(cell)];
    return std::pair(!value.has_value(), value.value_or(0));
  };
  std::stable_sort(cells.begin(), cells.end(), [&key](int a, int b) { return key(a) < key(b); });
  return cells;
}

}  // namespace

std::vector<bool> ScreenOut(std::span<const std::vector<double>> ratios) {
  std::vector<bool> out(ratios.size(), false);
  std::vector<double> medians;
  for (const auto& of_cell : ratios) {
    if (const auto median = Median(of_cell)) medians.push_back(*median);
  }
  if (medians.size() < 3) return out;
  std::nth_element(medians.begin(), medians.begin() + 2, medians.end());
  const double limit = medians[2] + std::log(kScreenFactor);
  for (size_t cell = 0; cell < ratios.size(); ++cell) {
    out[cell] =
        static_cast<int>(ratios[cell].size()) >= kScreenPasses && AllAbove(ratios[cell], limit);
  }
  return out;
}

std::optional<double> ScreeningRisk(std::span<const std::vector<double>> reference_ratios) {
  if (static_cast<int>(reference_ratios.size()) < kScreenPasses) return std::nullopt;
  double risk = 1;
  for (const auto& of_pass : reference_ratios) {
    if (of_pass.empty()) return std::nullopt;
    const auto above = std::count_if(of_pass.begin(), of_pass.end(),
                                     [](double x) { return x > std::log(kScreenFactor); });
    risk *= static_cast<double>(above + 1) / static_cast<double>(of_pass.size() + 1);
  }
  return risk;
}

std::vector<int> MostPromising(const std::vector<int>& cells,
                               std::span<const std::optional<double>> median,
                               std::span<const std::optional<double>> least) {
  const auto by_median = OrderedBy(cells, median);
  const auto by_least = OrderedBy(cells, least);
  std::vector<int> merged;
  std::set<int> seen;
  for (size_t i = 0; i < cells.size(); ++i) {
    for (const int cell : {by_median[i], by_least[i]}) {
      if (seen.insert(cell).second) merged.push_back(cell);
    }
  }
  return merged;
}

}  // namespace coresweep
