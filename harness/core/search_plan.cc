#include "harness/core/search_plan.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "harness/base/error.h"

namespace coresweep {
namespace {

constexpr std::array<std::pair<SearchMode, std::string_view>, 3> kSearchModes{
    {{SearchMode::kQuick, "quick"},
     {SearchMode::kCertified, "certified"},
     {SearchMode::kAll, "all"}}};

void Require(bool holds, std::string_view what, std::string_view instead) {
  if (!holds) throw UsageError(fmt::format("search: {}; use {}", what, instead));
}

void CheckPerCell(size_t given, int cells, std::string_view what) {
  Require(given == 0 || given == static_cast<size_t>(cells),
          fmt::format("{} {} for {} cells", given, what, cells), "one a cell or none");
}

}  // namespace

std::string_view ToString(SearchMode mode) {
  for (const auto& [value, name] : kSearchModes) {
    if (value == mode) return name;
  }
  return "";
}

std::optional<SearchMode> ParseSearchMode(std::string_view name) {
  for (const auto& [value, text] : kSearchModes) {
    if (text == name) return value;
  }
  return std::nullopt;
}

std::string_view ToString(SearchPhase phase) {
  switch (phase) {
    case SearchPhase::kProbe:
      return "probe";
    case SearchPhase::kPass:
      return "pass";
    case SearchPhase::kRace:
      return "race";
    case SearchPhase::kConfirmation:
      return "confirmation";
  }
  return "";
}

void CheckSearchPlan(const SearchPlan& plan) {
  Require(plan.cells >= 1, "no cell to search", "a grid with at least one cell");
  Require(plan.eps > 0 && plan.eps < 1, fmt::format("eps is {:g}", plan.eps), "0 < eps < 1");
  Require(plan.delta > 0 && plan.delta < 1, fmt::format("delta is {:g}", plan.delta),
          "0 < delta < 1");
  Require(plan.reference_every >= 1, fmt::format("a reference every {}", plan.reference_every),
          "1 or more");
  Require(PassesOf(plan) >= 1, fmt::format("{} passes", PassesOf(plan)), "1 or more");
  Require(plan.race_size >= 2, fmt::format("a race of {}", plan.race_size), "2 or more");
  Require(plan.race_rounds >= 1, fmt::format("{} rounds of the race", plan.race_rounds),
          "1 or more");
  Require(plan.confirmation_blocks >= 0,
          fmt::format("{} blocks of the confirmation", plan.confirmation_blocks), "0 or more");
  CheckPerCell(plan.rank.size(), plan.cells, "ranks");
  CheckPerCell(plan.names.size(), plan.cells, "names");
  Require(!plan.default_cell || (*plan.default_cell >= 0 && *plan.default_cell < plan.cells),
          fmt::format("the default is cell {} of {}", plan.default_cell.value_or(0), plan.cells),
          "an index into the cells");
}

int PassesOf(const SearchPlan& plan) {
  return plan.passes.value_or(plan.mode == SearchMode::kCertified ? 3 : 5);
}

std::string NameOf(const SearchPlan& plan, int cell) {
  if (plan.names.empty()) return fmt::format("cell {}", cell);
  return plan.names.at(static_cast<size_t>(cell));
}

bool Preferred(const SearchPlan& plan, int a, int b) {
  const auto rank = [&plan](int cell) {
    return plan.rank.empty() ? cell : plan.rank.at(static_cast<size_t>(cell));
  };
  return std::pair(rank(a), a) < std::pair(rank(b), b);
}

}  // namespace coresweep
