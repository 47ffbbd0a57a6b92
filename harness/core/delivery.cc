#include "harness/core/delivery.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace coresweep {
namespace {

// In the order of the enumerators, which have no values of their own.
constexpr std::array<std::string_view, 4> kDispatches{"dynamic", "static", "guided", "pull"};
constexpr std::array<std::string_view, 3> kWaits{"adaptive", "block", "spin"};
constexpr std::array<std::string_view, 2> kOrders{"input", "completion"};
constexpr std::array<std::string_view, 2> kDeaths{"fail", "replace"};
constexpr std::array<std::string_view, 2> kStarts{"spawn", "zygote"};

template <typename Enum>
std::optional<Enum> Parse(std::span<const std::string_view> names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

}  // namespace

std::string_view ToString(Dispatch dispatch) {
  return kDispatches.at(static_cast<size_t>(dispatch));
}

std::string_view ToString(Wait wait) {
  return kWaits.at(static_cast<size_t>(wait));
}

std::string_view ToString(Order order) {
  return kOrders.at(static_cast<size_t>(order));
}

std::string_view ToString(OnWorkerDeath policy) {
  return kDeaths.at(static_cast<size_t>(policy));
}

std::string_view ToString(WorkerStart start) {
  return kStarts.at(static_cast<size_t>(start));
}

std::optional<Dispatch> ParseDispatch(std::string_view name) {
  return Parse<Dispatch>(kDispatches, name);
}

std::optional<Wait> ParseWait(std::string_view name) {
  return Parse<Wait>(kWaits, name);
}

std::optional<Order> ParseOrder(std::string_view name) {
  return Parse<Order>(kOrders, name);
}

std::optional<OnWorkerDeath> ParseOnWorkerDeath(std::string_view name) {
  return Parse<OnWorkerDeath>(kDeaths, name);
}

std::optional<WorkerStart> ParseWorkerStart(std::string_view name) {
  return Parse<WorkerStart>(kStarts, name);
}

std::span<const std::string_view> DispatchNames() {
  return kDispatches;
}

std::span<const std::string_view> WaitNames() {
  return kWaits;
}

std::span<const std::string_view> OrderNames() {
  return kOrders;
}

std::span<const std::string_view> OnWorkerDeathNames() {
  return kDeaths;
}

std::span<const std::string_view> WorkerStartNames() {
  return kStarts;
}

}  // namespace coresweep
