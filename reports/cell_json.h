// Cells and workers as JSON.
#pragma once

#include <nlohmann/json.hpp>

#include "harness/core/result.h"

namespace coresweep {

/// The axis values of a cell: id, mode, workers, threads, placement, chunk, transport, … Those that
/// mode `processes` alone has are null in the others, and so is the credit of workers that pull.
nlohmann::ordered_json AxesJson(const Cell& cell);

/// One entry of "cells".
nlohmann::ordered_json CellJson(const SweepResult& sweep, const CellResult& result);

/// One worker, as in "workers_detail" of a cell and in "workers" of a trial.
nlohmann::ordered_json WorkerJson(const WorkerMeasurement& worker);

/// "ordering": the counts over `chunks`, or null for each when `measured` is false. What concerns
/// merging is null in modes without a dispatcher.
nlohmann::ordered_json OrderingJson(const OrderingCounts& counts, Mode mode, int64_t chunks,
                                    bool measured);

/// "output_check", with the tolerance that was applied.
nlohmann::ordered_json OutputJson(const OutputCheck& check, Tolerance tolerance);

}  // namespace coresweep
