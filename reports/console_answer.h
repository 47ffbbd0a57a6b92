// The answer of a sweep in plain words: what to use and what it gains.
#pragma once

#include <string>
#include <vector>

#include "harness/core/result.h"

namespace coresweep {

/// One or more sentences a line of the answer, each without line breaks. `best` is an index into
/// `cells` or -1, as `BestCell` gives it.
std::vector<std::string> AnswerLines(const SweepResult& sweep, const std::vector<CellResult>& cells,
                                     int best);

/// What `result` is of.
const Cell& CellOf(const SweepResult& sweep, const CellResult& result);

/// Was an answer of it wrong, missing or out of place?
bool GaveWrongAnswers(const CellResult& cell);

}  // namespace coresweep
