// What the passes of a search say: which cells are so far behind that no race is needed, how often
// that would be wrong, and which cells lead.
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace coresweep {

/// A cell is screened out when all of these ratios lie above `kScreenFactor` times the third best
/// median.
inline constexpr double kScreenFactor = 1.3;
inline constexpr int kScreenPasses = 3;

/// For each cell, whether it is screened out. `ratios[cell]`: log time ratios to the reference of
/// its launches; cells with fewer than `kScreenPasses` stay, and all do with fewer than three
/// medians.
std::vector<bool> ScreenOut(std::span<const std::vector<double>> ratios);

/// Estimate of the probability that `ScreenOut` drops a cell as fast as the third best:
/// `reference_ratios` holds for each pass the log ratios of its reference launches to their
/// neighbours, which scatter as such a cell would. Over the choices of one launch in each pass, the
/// share in which all lie above the factor; each pass counts one more launch that does, so that it
/// is never 0. nullopt with fewer than `kScreenPasses` passes or a pass without a reference.
std::optional<double> ScreeningRisk(std::span<const std::vector<double>> reference_ratios);

/// `cells`, the most promising first: in turns the next by `median` (log ratio to the reference)
/// and the next by `least` (least time), without repeats; what has no value comes last. Two views,
/// because noise that comes in bursts spoils medians of few launches but seldom all of them, and a
/// drifting machine spoils least times but not the ratios.
std::vector<int> MostPromising(const std::vector<int>& cells,
                               std::span<const std::optional<double>> median,
                               std::span<const std::optional<double>> least);

}  // namespace coresweep
