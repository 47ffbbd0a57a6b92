#include "harness/core/container_size.h"

#include <algorithm>
#include <cmath>

namespace coresweep {
namespace {

/// Steps are decimal fractions, which doubles only approximate: what is nearer to a step than this
/// is on it.
constexpr double kOnStep = 1e-6;

/// `least` + `count` · `step`, without the noise of its last digits.
double OnGrid(double least, double count, double step) {
  return std::round((least + count * step) * 1e9) / 1e9;
}

std::optional<ContainerSize> SmallestFree(const SizeGrid& grid, const SizeDemand& demand) {
  const auto vcpus = RoundedUp(grid.vcpus, demand.vcpus);
  const auto memory = RoundedUp(grid.memory, demand.memory);
  if (!vcpus || !memory) return std::nullopt;
  return ContainerSize{"", *vcpus, *memory};
}

std::optional<ContainerSize> SmallestOfRatio(const SizeGrid& grid, const SizeDemand& demand) {
  const double for_memory = demand.memory / grid.memory_per_vcpu;
  const auto vcpus = RoundedUp(grid.vcpus, std::max(demand.vcpus, for_memory));
  if (!vcpus) return std::nullopt;
  return ContainerSize{"", *vcpus, OnGrid(0, *vcpus, grid.memory_per_vcpu)};
}

std::optional<ContainerSize> SmallestOfTable(const SizeGrid& grid, const SizeDemand& demand) {
  for (const GridRow& row : grid.rows) {
    const auto memory = RoundedUp(row.memory, demand.memory);
    if (row.vcpus >= demand.vcpus && memory) return ContainerSize{"", row.vcpus, *memory};
  }
  return std::nullopt;
}

std::optional<ContainerSize> SmallestFixed(const SizeGrid& grid, const SizeDemand& demand) {
  for (const FixedSize& fixed : grid.sizes) {
    const ContainerSize size{fixed.name, fixed.vcpus, fixed.memory};
    if (size.Holds(demand)) return size;
  }
  return std::nullopt;
}

std::optional<ContainerSize> Smallest(const SizeGrid& grid, const SizeDemand& demand) {
  switch (grid.kind) {
    case GridKind::kFree:
      return SmallestFree(grid, demand);
    case GridKind::kTable:
      return SmallestOfTable(grid, demand);
    case GridKind::kRatio:
      return SmallestOfRatio(grid, demand);
    case GridKind::kFixed:
      break;
  }
  return SmallestFixed(grid, demand);
}

/// The least number of vCPUs to ask for after `vcpus`.
double Above(const SizeGrid& grid, double vcpus) {
  const bool listed = grid.kind == GridKind::kTable || grid.kind == GridKind::kFixed;
  return listed ? vcpus * (1 + kOnStep) : std::floor(vcpus) + 1;
}

/// "4x16", "0.5x1".
std::optional<SizeDemand> ParseSize(const std::string& text) {
  const size_t cross = text.find('x');
  if (cross == std::string::npos) return std::nullopt;
  const auto number = [](const std::string& digits) -> std::optional<double> {
    if (digits.empty() || digits.find_first_not_of("0123456789.") != std::string::npos ||
        std::count(digits.begin(), digits.end(), '.') > 1 || digits == "." || digits.size() > 9)
      return std::nullopt;
    return std::stod(digits);
  };
  const auto vcpus = number(text.substr(0, cross));
  const auto memory = number(text.substr(cross + 1));
  if (!vcpus || !memory) return std::nullopt;
  return SizeDemand{*vcpus, *memory};
}

bool IsThis(const ContainerSize& size, const SizeDemand& wanted) {
  return std::abs(size.vcpus - wanted.vcpus) < kOnStep &&
         std::abs(size.memory - wanted.memory) < kOnStep;
}

}  // namespace

bool ContainerSize::Holds(const SizeDemand& demand) const {
  return vcpus >= demand.vcpus - kOnStep && memory >= demand.memory - kOnStep;
}

std::optional<double> RoundedUp(const SizeRange& range, double value) {
  if (value <= range.least) return range.least;
  const double steps = std::ceil((value - range.least) / range.step - kOnStep);
  const double rounded = OnGrid(range.least, steps, range.step);
  if (rounded > range.most * (1 + 1e-9)) return std::nullopt;
  return rounded;
}

double RoundedUp(double step, double value) {
  return OnGrid(0, std::ceil(value / step - kOnStep), step);
}

std::vector<ContainerSize> SizesThatHold(const SizeGrid& grid, const SizeDemand& demand,
                                         size_t most) {
  std::vector<ContainerSize> sizes;
  SizeDemand next = demand;
  while (sizes.size() < most) {
    const auto size = Smallest(grid, next);
    if (!size) break;
    sizes.push_back(*size);
    next.vcpus = Above(grid, size->vcpus);
  }
  return sizes;
}

std::optional<ContainerSize> SizeNamed(const SizeGrid& grid, const std::string& text) {
  for (const FixedSize& size : grid.sizes)
    if (size.name == text) return ContainerSize{size.name, size.vcpus, size.memory};
  const auto wanted = ParseSize(text);
  if (!wanted) return std::nullopt;
  auto size = Smallest(grid, *wanted);
  if (!size || !IsThis(*size, *wanted)) return std::nullopt;
  return size;
}

}  // namespace coresweep
