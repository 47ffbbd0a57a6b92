#include "bench/earlier_sweep.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bench/tool_info.h"
#include "harness/base/atomic_file.h"
#include "harness/base/digest.h"
#include "harness/base/error.h"
#include "harness/core/config.h"
#include "harness/core/doctor.h"
#include "harness/core/trial_replay.h"

namespace coresweep {

std::string BuildJson() {
  nlohmann::ordered_json info = ToolInfo();
  const std::string program = ReadFile("/proc/self/exe");
  info["program_digest"] = DigestHex(Digest(std::as_bytes(std::span(program))));
  return info.dump();
}

JournalHeader HeaderOf(const SweepResult& sweep, const ReferenceData& reference,
                       const std::string& requested_json) {
  JournalHeader header;
  header.tool_json = BuildJson();
  header.requested_json = requested_json;
  header.effective_json = ToJson(sweep.plan.config).dump();
  header.argv = sweep.calls.front().argv;
  header.created_unix_ms = sweep.calls.front().started_unix_ms;
  header.measured = sweep.facts.measured;
  header.machine = Fingerprint(sweep.facts, nullptr);
  header.fingerprint = Fingerprint(sweep.facts, &sweep.runtime);
  header.workload = sweep.workload.digest;
  header.items = sweep.workload.items;
  header.items_digest = DigestHex(Digest(reference.items.bytes()));
  header.reference_digest = DigestHex(Digest(reference.region.bytes()));
  for (const PlannedCell& planned : sweep.plan.cells)
    header.cells.push_back(planned.cell.Id());
  return header;
}

EarlierSweep::EarlierSweep(const std::filesystem::path& journal)
    : file_(JournalFile::Open(journal)) {
  try {
    journal_ = ParseJournal(file_.Read());
  } catch (const Error& error) {
    Refuse(error.what());
  }
  JournalHeader build;
  build.tool_json = BuildJson();
  RequireSame(build);
  if (journal_.torn_bytes == 0) return;
  fmt::print(stderr,
             "coresweep: {}: its last line was cut off ({} bytes): dropped; what it was to "
             "say is measured again\n",
             journal.string(), journal_.torn_bytes);
  file_.CutTo(journal_.whole_bytes);
}

void EarlierSweep::RequireSame(const JournalHeader& now) const {
  const std::string why = WhyAnother(journal_.header, now);
  if (why.empty()) return;
  Refuse(why +
         ": what was measured there does not belong to what would be measured now; run the "
         "sweep anew, without --resume");
}

JournalFile EarlierSweep::GoOn(SweepResult& sweep, TrialSchedule& schedule, SweepCall call) {
  try {
    ReplayTrials(schedule, journal_.trials);
  } catch (const Error& error) {
    Refuse(error.what());
  }
  sweep.trials = std::move(journal_.trials);
  sweep.calls = std::move(journal_.calls);
  call.trials_before = static_cast<int64_t>(sweep.trials.size());
  file_.Append(JournalLine(call));
  sweep.calls.push_back(std::move(call));
  return std::move(file_);
}

void EarlierSweep::Refuse(const std::string& why) const {
  throw UsageError(fmt::format("--resume {}: {}", file_.path().string(), why));
}

}  // namespace coresweep
