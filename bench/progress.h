// One line on the terminal that says how far a sweep is.
#pragma once

#include <cstdio>
#include <string>

#include "harness/core/report_writer.h"

namespace coresweep {

/// Writes "[12/54] processes/w2/t1/none/c8/shm  0:45 left" over itself on `out`; silent unless
/// `enabled`. Never writes while a trial runs.
class Progress final : public ReportWriter {
 public:
  Progress(std::FILE* out, bool enabled) : out_(out), enabled_(enabled) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() override { Clear(); }

  /// A line of its own outside the sweep, for example while the reference is computed.
  void Show(const std::string& line);
  void Clear();

  void Begin(const SweepResult& sweep) override;
  void TrialStarts(const SweepResult& sweep, const Trial& trial) override;
  void TrialEnded(const SweepResult& sweep) override;
  void End(const SweepResult& sweep) override;

 private:
  std::FILE* out_;
  bool enabled_;
  bool shown_ = false;
  int64_t begin_ns_ = 0;
  size_t there_ = 0;  ///< trials of earlier calls
};

}  // namespace coresweep
