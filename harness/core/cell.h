// Cells and trials: what is measured.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "harness/core/delivery.h"
#include "harness/core/load.h"
#include "harness/core/placement_shape.h"

namespace coresweep {

/// How the work is run.
enum class Mode {
  kSerial,       ///< one process, no IPC: the baseline of every speedup
  kIndependent,  ///< the same workers with the inputs inside them, no IPC: the upper bound
  kThreads,      ///< one process, N threads each with its own instance of the model
  kProcesses,    ///< dispatcher and workers over a transport
};

std::string_view ToString(Mode mode);
std::optional<Mode> ParseMode(std::string_view name);
/// Controls exist to judge other cells.
[[nodiscard]] constexpr bool IsControl(Mode mode) {
  return mode == Mode::kSerial || mode == Mode::kIndependent;
}

/// Names of the transports, in the order of their table in harness/ipc.
std::span<const std::string_view> TransportNames();

/// Whether chunks of `transport` lie in memory that both ends map.
bool IsSharedMemory(std::string_view transport);

/// One combination of axis values. `workers` counts threads with an instance of their own in mode
/// `threads`. What follows `width` is meaningful in mode `processes` only and has its default in
/// all others; `transport` is "none" there.
struct Cell {
  Mode mode = Mode::kProcesses;
  int workers = 1;
  int threads = 1;  ///< intra-op threads of each worker
  std::string placement = "none";
  int64_t chunk = 1;
  std::string transport = "none";
  Width width = Width::kPu;
  DispatcherPlace dispatcher = DispatcherPlace::kUnpinned;  ///< its place
  Dispatch dispatch = Dispatch::kDynamic;
  int credit = 0;  ///< most chunks in flight per worker; 0 = auto: from how long a chunk takes
  Wait wait = Wait::kAdaptive;
  Load load = {};

  /// "processes/w2/t1/compact/c8/shm": unique in a sweep and stable between sweeps. Of the
  /// other axes, values that are not the default are part of it:
  /// "…/compact.core/c8/shm/static/credit4/spin/own". Open load: "…/r120" or "…/constant/r80%".
  [[nodiscard]] std::string Id() const;
  /// Processors asked for: workers · threads.
  [[nodiscard]] int Parallelism() const { return workers * threads; }
  auto operator<=>(const Cell&) const = default;
};

/// The control `mode` (serial or independent) that judges `cell`: same threads, placement, width
/// and chunk, and for `independent` the same workers. It has no dispatcher and no transport.
Cell ControlOf(const Cell& cell, Mode mode);

/// What a trial is for.
enum class TrialRole {
  kCell,          ///< gives its cell a value
  kReference,     ///< of the reference cell, for those beside it to stand against
  kProbe,         ///< shows that the cell answers rightly; its time is not used
  kRace,          ///< of a search: an incumbent beside its challengers
  kConfirmation,  ///< of a search: measures the winner's gain afresh
};

std::string_view ToString(TrialRole role);
std::optional<TrialRole> ParseTrialRole(std::string_view name);

/// One measured run of one cell.
struct Trial {
  int cell_index = 0;  ///< into Plan::cells
  /// Pass over the cells, round of a race or block of a confirmation; from 0. Of a reference: that
  /// of the trial it stands before.
  int repetition = 0;
  TrialRole role = TrialRole::kCell;
  auto operator<=>(const Trial&) const = default;
};

}  // namespace coresweep
