#include "harness/core/journal_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/core/json_field.h"
#include "harness/core/trial_record.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr const char* kSchema = "coresweep.journal";
constexpr int kVersion = 1;

template <typename AnyJson>
std::string Line(const AnyJson& json) {
  return json.dump(-1, ' ', false, AnyJson::error_handler_t::replace) + "\n";
}

OrderedJson MeasuredToJson(const std::optional<MeasuredCpus>& measured) {
  if (!measured) return nullptr;
  const auto& [cpus, seconds, threads] = *measured;
  return {{"cpus", cpus}, {"seconds", seconds}, {"threads", threads}};
}

std::optional<MeasuredCpus> MeasuredFromJson(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return MeasuredCpus{FieldOf<double>(json, "cpus"), FieldOf<double>(json, "seconds"),
                      FieldOf<int>(json, "threads")};
}

JournalHeader HeaderFromJson(const Json& json) {
  const auto text = [&json](const char* name) { return FieldOf<std::string>(json, name); };
  const auto part = [&json](const char* name) -> const Json& { return PartOf(json, name); };
  if (!json.is_object() || !json.contains("schema") || json["schema"] != kSchema)
    throw Error("this is no journal of a sweep");
  if (const auto version = FieldOf<int>(json, "version"); version != kVersion)
    throw Error(fmt::format("version {} of the journal, known is {}", version, kVersion));
  JournalHeader header;
  header.tool_json = part("tool").dump();
  if (!part("requested").is_object()) throw Error("requested is of another type");
  header.requested_json = part("requested").dump();
  header.effective_json = part("effective").dump();
  header.argv = text("argv");
  header.created_unix_ms = FieldOf<int64_t>(json, "created_unix_ms");
  header.measured = MeasuredFromJson(part("measured_cpus"));
  header.machine = text("machine");
  header.fingerprint = text("fingerprint");
  header.workload = text("workload");
  header.items = FieldOf<int64_t>(json, "items");
  header.items_digest = text("items_digest");
  header.reference_digest = text("reference_digest");
  header.cells = FieldOf<std::vector<std::string>>(json, "cells");
  return header;
}

SweepCall CallFromJson(const Json& json, int64_t trials_before) {
  return {FieldOf<int64_t>(json, "started_unix_ms"), FieldOf<std::string>(json, "argv"),
          trials_before, 0};
}

SweepCall& CallOfLine(Journal& journal, const char* what) {
  if (journal.calls.empty()) throw Error(fmt::format("{} before the call that it is of", what));
  return journal.calls.back();
}

void ReadTrial(const Json& json, Journal& journal) {
  SweepCall& call = CallOfLine(journal, "a trial");
  TrialResult result = TrialResultFromJson(PartOf(json, "trial"));
  const int index = result.trial.cell_index;
  if (index < 0 || static_cast<size_t>(index) >= journal.header.cells.size())
    throw Error(fmt::format("there is no cell {}", index));
  call.total_ns = FieldOf<int64_t>(json, "call_ns");
  journal.trials.push_back(std::move(result));
}

void ReadLine(std::string_view line, bool first, Journal& journal) {
  const Json json = Json::parse(line, nullptr, false);
  if (json.is_discarded()) throw Error("not JSON: the file was damaged or edited");
  if (first) {
    journal.header = HeaderFromJson(json);
  } else if (json.is_object() && json.contains("call")) {
    journal.calls.push_back(
        CallFromJson(json["call"], static_cast<int64_t>(journal.trials.size())));
  } else if (json.is_object() && json.contains("call_end_ns")) {
    CallOfLine(journal, "an end").total_ns = FieldOf<int64_t>(json, "call_end_ns");
  } else {
    ReadTrial(json, journal);
  }
}

/// Keys whose values differ: "version, compiler".
std::string DifferingKeys(const std::string& journal, const std::string& now) {
  const Json a = Json::parse(journal, nullptr, false);
  const Json b = Json::parse(now, nullptr, false);
  if (!a.is_object() || !b.is_object()) return "what it is";
  std::string keys;
  for (const auto& [key, value] : b.items())
    if (!a.contains(key) || a[key] != value) keys += (keys.empty() ? "" : ", ") + key;
  return keys;
}

std::string DifferingCells(const std::vector<std::string>& journal,
                           const std::vector<std::string>& now) {
  const auto [a, b] = std::mismatch(journal.begin(), journal.end(), now.begin(), now.end());
  return fmt::format("the plan has other cells: {}, the journal {}; the first other one is {}, {}",
                     now.size(), journal.size(), b == now.end() ? "none" : *b,
                     a == journal.end() ? "none" : *a);
}

}  // namespace

std::string JournalLine(const JournalHeader& header) {
  const auto& [tool_json, requested_json, effective_json, argv, created_unix_ms, measured, machine,
               fingerprint, workload, items, items_digest, reference_digest, cells] = header;
  return Line(OrderedJson{{"schema", kSchema},
                          {"version", kVersion},
                          {"tool", OrderedJson::parse(tool_json)},
                          {"requested", OrderedJson::parse(requested_json)},
                          {"effective", OrderedJson::parse(effective_json)},
                          {"argv", argv},
                          {"created_unix_ms", created_unix_ms},
                          {"measured_cpus", MeasuredToJson(measured)},
                          {"machine", machine},
                          {"fingerprint", fingerprint},
                          {"workload", workload},
                          {"items", items},
                          {"items_digest", items_digest},
                          {"reference_digest", reference_digest},
                          {"cells", cells}});
}

std::string JournalLine(const SweepCall& call) {
  return Line(
      OrderedJson{{"call", {{"started_unix_ms", call.started_unix_ms}, {"argv", call.argv}}}});
}

std::string JournalLine(const TrialResult& result, int64_t call_ns) {
  return Line(Json{{"call_ns", call_ns}, {"trial", ToJson(result)}});
}

std::string JournalEndLine(int64_t call_ns) {
  return Line(Json{{"call_end_ns", call_ns}});
}

Journal ParseJournal(std::string_view text) {
  Journal journal;
  for (int number = 1;; ++number) {
    const size_t end = text.find('\n', journal.whole_bytes);
    if (end == std::string_view::npos) break;
    try {
      ReadLine(text.substr(journal.whole_bytes, end - journal.whole_bytes), number == 1, journal);
    } catch (const Error& error) {
      throw Error(fmt::format("line {}: {}", number, error.what()));
    }
    journal.whole_bytes = end + 1;
  }
  if (journal.whole_bytes == 0) throw Error("it holds no whole line: nothing was measured yet");
  journal.torn_bytes = text.size() - journal.whole_bytes;
  return journal;
}

std::string WhyAnother(const JournalHeader& journal, const JournalHeader& now) {
  const auto differ = [](const std::string& a, const std::string& b) {
    return !b.empty() && a != b;
  };
  if (differ(Json::parse(journal.tool_json).dump(),
             now.tool_json.empty() ? "" : Json::parse(now.tool_json).dump())) {
    return fmt::format("another build of the program ({} differ)",
                       DifferingKeys(journal.tool_json, now.tool_json));
  }
  if (differ(journal.machine, now.machine)) {
    return fmt::format(
        "another machine or other limits of this container (fingerprint {}, the journal's {})",
        now.machine, journal.machine);
  }
  if (differ(journal.fingerprint, now.fingerprint)) {
    return fmt::format("other libraries below the workload (fingerprint {}, the journal's {})",
                       now.fingerprint, journal.fingerprint);
  }
  if (!now.cells.empty() && journal.cells != now.cells)
    return DifferingCells(journal.cells, now.cells);
  if (differ(journal.workload, now.workload)) {
    return fmt::format("another workload (digest {}, the journal's {})", now.workload,
                       journal.workload);
  }
  if (now.items > 0 && (journal.items != now.items || journal.items_digest != now.items_digest))
    return fmt::format("other items ({}, the journal's {})", now.items, journal.items);
  if (differ(journal.reference_digest, now.reference_digest))
    return "other serial reference answers: the workload does not compute the same again";
  return "";
}

}  // namespace coresweep
