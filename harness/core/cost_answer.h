// Which sizes of which price books hold a configuration, what they cost, which to try next.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/cost.h"
#include "harness/core/costed_run.h"

namespace coresweep {

struct CostQuestion {
  size_t cell = 0;  ///< index into the run's cells
  double pull_s = 0;
  double run_s = 0;                    ///< from the start of a container to its end
  std::optional<std::string> size;     ///< this one instead of the smallest that hold the cell
  std::optional<double> memory_bytes;  ///< of the cell's workers, instead of the report's
  size_t sizes_a_book = 1;             ///< how many that hold the cell
};

/// One row of the answer.
struct CostRow {
  size_t book = 0;  ///< index into the books
  SizeDemand demand;
  SizeCost cost;  ///< nothing per million where the cell does not fit: it would not run as measured
};

/// A book without a row.
struct NoSize {
  size_t book = 0;
  std::string why;
};

/// The cheapest size as billed over all cells that may be used.
struct NextToTry {
  size_t cell = 0;
  CostRow row;
};

struct CostAnswer {
  ContainerLife life;         ///< of the cell asked for
  std::vector<CostRow> rows;  ///< cheapest as billed first, those without a price last
  std::vector<NoSize> without;
  std::optional<NextToTry> next;
};

/// Estimates: the throughput is that of the machine of the report, and no size was tried. Cells for
/// `next` are those with verdict ok and the one asked for; books of another architecture than the
/// report's have rows but are not proposed. Throws `UsageError` when the books have different
/// currencies, no book has `size`, the memory is not known, or the run ends before its start-up.
CostAnswer AnswerCost(const CostedRun& run, const std::vector<PriceBook>& books,
                      const CostQuestion& question);

/// A cell of a run with the smallest size of a book that holds it.
struct CellCost {
  size_t cell = 0;             ///< index into the run's cells
  std::optional<SizeCost> of;  ///< with its costs; nullopt: `why_none`
  std::string why_none;
  bool front =
      false;  ///< ok, and no other cell that is ok gives more for as much or less, as billed
};

/// One a cell, in their order; of `question` only `pull_s` and `run_s` are asked. Estimates, as
/// those of `AnswerCost`.
std::vector<CellCost> CostCells(const CostedRun& run, const PriceBook& book,
                                const CostQuestion& question);

/// Whether a throughput measured on `run`'s machine says nothing about `book`'s.
bool IsOtherArchitecture(const CostedRun& run, const PriceBook& book);

}  // namespace coresweep
