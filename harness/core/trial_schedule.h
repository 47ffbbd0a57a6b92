// Which trial comes next: the seam between a plan or a search and the sweep that runs it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/cell.h"
#include "harness/core/result.h"
#include "harness/core/sweep_search.h"

namespace coresweep {

/// A sweep's order as a state machine that is told what became of each trial. Deterministic: the
/// same plan and the same results ask for the same trials, so that an interrupted sweep goes on by
/// telling a new schedule what its journal holds.
class TrialSchedule {
 public:
  virtual ~TrialSchedule() = default;
  /// The trial to run now, the same until `Add`; nullopt when the sweep has ended.
  [[nodiscard]] virtual std::optional<Trial> Next() const = 0;
  /// What became of the trial `Next` asks for.
  virtual void Add(const TrialResult& result) = 0;
  /// Ends the sweep where it stands; `why` ("the time budget of 10 min") completes "ended by …".
  virtual void Stop(std::string_view why) = 0;
  /// How many trials there will be in all, as far as known now; for progress only.
  [[nodiscard]] virtual int64_t Expected() const = 0;
  /// The search that decides what comes next, as far as it has come; nullptr where none does.
  [[nodiscard]] virtual const SweepSearch* Found() const { return nullptr; }
};

/// A list of trials, one after the other.
class ListSchedule : public TrialSchedule {
 public:
  explicit ListSchedule(std::vector<Trial> trials) : trials_(std::move(trials)) {}

  [[nodiscard]] std::optional<Trial> Next() const override;
  void Add(const TrialResult& result) override;
  void Stop(std::string_view why) override;
  [[nodiscard]] int64_t Expected() const override { return static_cast<int64_t>(trials_.size()); }

 private:
  std::vector<Trial> trials_;
  size_t next_ = 0;
  bool stopped_ = false;
};

}  // namespace coresweep
