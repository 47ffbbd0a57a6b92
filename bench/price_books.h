// Options of commands that say what containers cost: price books by name or file, and a container's
// life.
#pragma once

#include <CLI/CLI.hpp>
#include <array>
#include <string>
#include <vector>

#include "reports/cost_report.h"

namespace coresweep {

/// The book that `wanted` names. With a '/' or ending in ".json" it is a file; else a book of this
/// name, from the folder of the installed program (share/coresweep/prices, where
/// scripts/refresh_prices may have renewed it), or as it was built in. Throws `UsageError` when
/// there is none, naming those there are, or when it is not right.
NamedBook FindPriceBook(const std::string& wanted);

/// All that have a name, by it.
std::vector<NamedBook> AllPriceBooks();

struct LifeOptions {
  double run_s = 3600;  ///< its start-up in it
  double pull_s = 30;   ///< of its image, before
};

/// Adds --run-s and --pull-s, which it returns.
std::array<CLI::Option*, 2> DeclareContainerLife(CLI::App& command, LifeOptions& life);

}  // namespace coresweep
