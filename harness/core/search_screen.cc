#include "harness/core/search_screen.h"

#include <algorithm>
#include <cmath>

#include "harness/core/statistics.h"

namespace coresweep {
namespace {

/// Makes the median absolute deviation of normal values their standard deviation: 1/Φ⁻¹(¾).
constexpr double kMadToSigma = 1.4826;

bool AllAbove(std::span<const double> values, double limit) {
  return std::all_of(values.begin(), values.end(), [limit](double x) { return x > limit; });
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

std::optional<double> Loudness(std::span<const double> reference_ratios) {
  std::vector<double> sizes;
  for (const double x : reference_ratios)
    sizes.push_back(std::abs(x));
  const auto median = Median(sizes);
  if (!median) return std::nullopt;
  return kMadToSigma * *median;
}

}  // namespace coresweep
