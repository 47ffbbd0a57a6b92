// What one sees at the end of a sweep.
#pragma once

#include <string>
#include <vector>

#include "harness/core/result.h"

namespace coresweep {

struct ConsoleOptions {
  size_t width = 100;  ///< columns of the terminal
  bool color = false;  ///< ANSI colours, besides words that say the same
};

/// What the page is made of.
struct ConsoleSource {
  const SweepResult& sweep;
  const std::vector<CellResult>& cells;  ///< one row for each cell of the plan, in its order
  std::vector<std::string> warnings;     ///< of the sweep as a whole
};

/// The answer in plain words, warnings, a table with the best cell first, then the cells that
/// failed, those that were skipped with their reasons, and where the time went. Whole also for a
/// sweep that was interrupted, or of which nothing came to its end. Pure; ends in '\n'.
std::string RenderConsole(const SweepResult& sweep, const ConsoleOptions& options);

/// The same of figures that were made already.
std::string RenderConsoleOf(const ConsoleSource& source, const ConsoleOptions& options);

}  // namespace coresweep
