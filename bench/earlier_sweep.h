// `coresweep run --resume`: the journal of an interrupted sweep, checked against this machine.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/journal_text.h"
#include "harness/core/trial_schedule.h"
#include "harness/run/journal.h"
#include "harness/run/reference.h"

namespace coresweep {

/// The build of this program as a journal has it: `ToolInfo` and a digest of its file.
std::string BuildJson();

/// The first line of a journal for `sweep`, whose plan is final and whose workload is loaded.
JournalHeader HeaderOf(const SweepResult& sweep, const ReferenceData& reference,
                       const std::string& requested_json);

/// An interrupted sweep. What is wrong with its journal is a `UsageError` that names it.
class EarlierSweep {
 public:
  /// Opens and locks the journal, reads it and cuts off its last line where that was torn, which it
  /// says on stderr. The build must be this one.
  explicit EarlierSweep(const std::filesystem::path& journal);

  [[nodiscard]] const JournalHeader& header() const { return journal_.header; }
  /// What `now` says must be as in the journal.
  void RequireSame(const JournalHeader& now) const;
  /// Gives `sweep` the calls and trials of the journal, tells `schedule` of the trials, notes
  /// `call` in the journal and hands that over. Throws `Error` when it cannot be written.
  JournalFile GoOn(SweepResult& sweep, TrialSchedule& schedule, SweepCall call);

 private:
  [[noreturn]] void Refuse(const std::string& why) const;

  JournalFile file_;
  Journal journal_;
};

}  // namespace coresweep
