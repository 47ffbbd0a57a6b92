// The text of a sweep's journal: lines of JSON, of which each says something that is over. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.h"
#include "harness/core/system_facts.h"

namespace coresweep {

/// The first line: what the sweep is, and what must be the same for it to go on.
struct JournalHeader {
  std::string tool_json;       ///< build of the program, with a digest of its file; rendered JSON
  std::string requested_json;  ///< configuration as asked for; rendered JSON
  std::string effective_json;  ///< configuration as planned, for readers; rendered JSON
  std::string argv;            ///< the command line that asked for the sweep
  int64_t created_unix_ms = 0;
  /// The spin test, which is not repeated: it would plan other cells on a machine that is the same.
  std::optional<MeasuredCpus> measured;
  std::string machine;      ///< fingerprint of the host without libraries
  std::string fingerprint;  ///< as in the report: with the libraries of the reference process
  std::string workload;     ///< digest of model and options
  int64_t items = 0;
  std::string items_digest;        ///< of all items' bytes
  std::string reference_digest;    ///< of the serial answers at every chunk size
  std::vector<std::string> cells;  ///< ids of the planned cells, in their order
};

/// What a journal says.
struct Journal {
  JournalHeader header;
  /// In their order; `total_ns` to the end, of a call that was killed to its last finished trial.
  std::vector<SweepCall> calls;
  std::vector<TrialResult> trials;  ///< in the order in which they ended
  size_t whole_bytes = 0;           ///< of the text, up to the end of its last whole line
  size_t torn_bytes = 0;            ///< what came after: a line that was being written
};

/// Each is one line with its '\n'.
std::string JournalLine(const JournalHeader& header);
std::string JournalLine(const SweepCall& call);
/// `call_ns`: since the start of the call that ran it.
std::string JournalLine(const TrialResult& result, int64_t call_ns);
/// The end of a call that was not killed, whether or not the sweep is complete.
std::string JournalEndLine(int64_t call_ns);

/// Reads it back. Only the last line may be torn (without its '\n'). Throws `Error` "line 7: …"
/// saying what is wrong with a line; "it holds no whole line" for a text without one.
Journal ParseJournal(std::string_view text);

/// What of `journal` another sweep on this machine has otherwise, "" when it may go on: the build,
/// the machine, libraries, the planned cells, the workload, its items or its answers. Fields that
/// `now` has empty are not compared.
std::string WhyAnother(const JournalHeader& journal, const JournalHeader& now);

}  // namespace coresweep
