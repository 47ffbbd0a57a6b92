#include "bench/sweep_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "harness/run/fault.h"
#include "workloads/registry.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

/// How the words of an option become the value of its key.
enum class Form {
  kText,      ///< one text
  kNumber,    ///< one number
  kList,      ///< numbers or texts, separated by commas
  kPolicies,  ///< placement policies, separated by commas
  kShape,     ///< "3,224,224", several separated by ";"
  kOptions,   ///< name=value, may be repeated
};

struct OptionRow {
  const char* key;
  const char* names;
  Form form;
  const char* placeholder;
  const char* help;
  const char* group;
};

constexpr const char* kWorkloadGroup = "Workload";
constexpr const char* kAxesGroup = "Axes (lists separated by commas)";
constexpr const char* kLoadGroup = "Load";
constexpr const char* kTrialGroup = "Trials";
constexpr const char* kTestGroup = "";  // hidden: faults for tests

constexpr std::array<OptionRow, 41> kRows{{
    {"workload", "-w,--workload", Form::kText, "NAME",
     "what is run: torch, torchscript, sum_squares, spin, null; or the models mlp, resnet18, "
     "encoder",
     kWorkloadGroup},
    {"model", "-m,--model", Form::kText, "NAME|FILE",
     "torch: mlp, resnet18 or encoder; torchscript: a .pt file", kWorkloadGroup},
    {"inputs", "--inputs", Form::kText, "FILE",
     "torchscript: a tensor, or a tuple of tensors, written by torch.save; the first dimension "
     "counts "
     "the items",
     kWorkloadGroup},
    {"input_shape", "--input-shape", Form::kShape, "SHAPE",
     "torchscript: shape of one item without the batch dimension, as 3,224,224; several inputs "
     "separated by ';'",
     kWorkloadGroup},
    {"input_dtype", "--input-dtype", Form::kList, "TYPE",
     "torchscript: float32 (default), int64, …; one for all inputs or one each", kWorkloadGroup},
    {"items", "--items", Form::kNumber, "N", "number of different items", kWorkloadGroup},
    {"options", "--option", Form::kOptions, "KEY=VALUE",
     "option of the workload, may be repeated; see workloads/README.md", kWorkloadGroup},
    {"modes", "--modes", Form::kList, "MODE",
     "processes (default), threads; the controls serial and independent are always measured",
     kAxesGroup},
    {"workers", "--workers", Form::kList, "N|auto", "worker processes (default auto)", kAxesGroup},
    {"threads", "--threads", Form::kList, "N|auto", "intra-op threads of each worker (default 1)",
     kAxesGroup},
    {"placement", "--placement", Form::kPolicies, "POLICY",
     "none, compact, scatter, core, nosmt, smt, l2, l3, numa, package, pcore, ecore, ppr:N:OBJ, "
     "list:CPUS, mask:HEX, modulo (default none,compact); see `coresweep placement --help`",
     kAxesGroup},
    {"width", "--width", Form::kList, "WIDTH",
     "CPUs of each thread: pu (default), core; or object: of each worker, all of what the policy "
     "maps to; none and modulo do not look at it",
     kAxesGroup},
    {"dispatcher", "--dispatcher", Form::kList, "PLACE",
     "unpinned (default), own: a core of its own, beside: next to worker 0", kAxesGroup},
    {"chunk", "--chunk", Form::kList, "N", "items that travel together (default 1,8)", kAxesGroup},
    {"transport", "--transport", Form::kList, "NAME",
     "pipe, unix, seqpacket, tcp, mq, zeromq, shm, shm_loan (default shm)", kAxesGroup},
    {"dispatch", "--dispatch", Form::kList, "KIND",
     "dynamic (default): the next chunk to whoever has credit; static: each worker its equal part "
     "of every pass, for chunks that all cost the same; guided: parts that shrink towards the end "
     "of a pass, for chunks that cost different amounts; pull: workers take the next chunk from a "
     "shared counter, for very short chunks, shared memory only",
     kAxesGroup},
    {"credit", "--credit", Form::kList, "N|auto",
     "most chunks in flight per worker (default auto: more where a chunk is short); 1 leaves a "
     "worker idle while its answer travels, many cost memory and latency; pull has none",
     kAxesGroup},
    {"wait", "--wait", Form::kList, "KIND",
     "while there is nothing to do: adaptive (default): spin for a bounded time where a CPU is "
     "free for it, then sleep; block: sleep at once, for least CPU time; spin: never sleep, for "
     "least latency where each worker and the dispatcher have a CPU of their own",
     kAxesGroup},
    {"load", "--load", Form::kText, "KIND",
     "closed (default): the next chunk as soon as there is room for it; open: each when it is due, "
     "with latency from then; mode processes, dispatch dynamic",
     kLoadGroup},
    {"arrivals", "--arrivals", Form::kText, "KIND",
     "of open load: poisson (default): independent callers; constant: equal gaps", kLoadGroup},
    {"rate", "--rate", Form::kList, "R|P%|knee",
     "of open load, an axis: requests (chunks) a second, or a share of what the same cell answers "
     "under closed load, as 80%; knee: 50%,70%,80%,90%,95%,100%",
     kLoadGroup},
    {"latency_bound_ms", "--latency-bound-ms", Form::kNumber, "MS",
     "open load: a rate counts as sustained only while its p99 is within this", kLoadGroup},
    {"scenario", "--scenario", Form::kText, "NAME",
     "presets after MLPerf LoadGen: single-stream: one worker, credit 1, closed load; server: open "
     "load, Poisson, rate knee, needs --latency-bound-ms; offline: closed load",
     kLoadGroup},
    {"name", "--name", Form::kText, "NAME", "name of the sweep in the report", kTrialGroup},
    {"sku", "--sku", Form::kText, "NAME",
     "label of the container size that this runs in, by which `coresweep compare` groups reports "
     "(default: the environment variable CORESWEEP_SKU); of `run` only",
     kTrialGroup},
    {"repetitions", "--repetitions", Form::kNumber, "N",
     "trials of each cell, each with fresh processes (default 3)", kTrialGroup},
    {"search", "--search", Form::kText, "MODE",
     "grid (default): every cell as often; quick: passes over all cells, then a race of the best "
     "and fresh blocks for the winner's gain; certified: the same with every cell that is not far "
     "behind in the race, and a guarantee; all: passes alone. --repetitions is the number of "
     "passes "
     "(default 5, certified 3)",
     kTrialGroup},
    {"reference_every", "--reference-every", Form::kNumber, "N",
     "launches of cells between two of the reference, one process with the fewest threads, against "
     "which each is set so that drift of the machine cancels (default 4, 0 = none)",
     kTrialGroup},
    {"seed", "--seed", Form::kNumber, "N", "of items, weights and order (default 1)", kTrialGroup},
    {"order", "--order", Form::kText, "KIND",
     "of the merged answers: input (default): that of the items; completion: as they come, for a "
     "consumer that does not mind the order and shall not wait for the slowest",
     kTrialGroup},
    {"on_worker_death", "--on-worker-death", Form::kText, "POLICY",
     "fail (default): the trial ends and names the chunks lost; replace: a new worker takes the "
     "place and its chunks are sent again, for a service that must go on",
     kTrialGroup},
    {"worker_start", "--worker-start", Form::kText, "HOW",
     "spawn (default): each worker is the program started anew, with its libraries; zygote: it is "
     "forked from a process that has loaded them and run nothing, which saves about 0.3 s a trial "
     "with libtorch; not of `launch`",
     kTrialGroup},
    {"window_s", "--window-s", Form::kNumber, "SECONDS",
     "least length of the measured window (default 0.5); it holds at least 4 chunks", kTrialGroup},
    {"work_items", "--work-items", Form::kNumber, "N",
     "fixed work: the window ends when so many items were computed in it, all workers together, "
     "and after 10 times --window-s at the latest; 0 (default of `run` and `launch`): at its "
     "length. `gate` counts once how many the faster arm computes, for both arms",
     kTrialGroup},
    {"warmup_s", "--warmup-s", Form::kNumber, "SECONDS",
     "least time of work before the window (default 0.1)", kTrialGroup},
    {"measure_cpus_s", "--measure-cpus-s", Form::kNumber, "SECONDS",
     "spin test before the sweep: CPUs' worth of time that this container really gets (default "
     "0.5, "
     "0 = none)",
     kTrialGroup},
    {"startup_timeout_s", "--startup-timeout-s", Form::kNumber, "SECONDS",
     "longest start-up of a worker (default 60)", kTrialGroup},
    {"chunk_timeout_s", "--chunk-timeout-s", Form::kNumber, "SECONDS",
     "longest silence of a worker that owes an answer (default: from the serial time, at least 10)",
     kTrialGroup},
    {"budget", "--budget", Form::kText, "TIME",
     "for the whole call, the reference and the reports too, as 90s, 10m or 1h30m; of `run` no "
     "trial starts that would end after it, of `gate` no launch starts after it",
     kTrialGroup},
    {"fault", "--fault", Form::kText, "KIND:CHUNK[:MS]", "fault planted in the workers",
     kTestGroup},
    {"fault_cell", "--fault-cell", Form::kText, "TEXT", "only in cells whose id contains this",
     kTestGroup},
}};

const OptionRow& RowOf(const std::string& key) {
  return *std::find_if(kRows.begin(), kRows.end(),
                       [&](const OptionRow& row) { return key == row.key; });
}

/// The long name: "--workers".
std::string LongName(const OptionRow& row) {
  const std::string names = row.names;
  return names.substr(names.find("--"));
}

/// A number where the word is one, else the word.
Json Scalar(const std::string& word) {
  const Json number = Json::parse(word, nullptr, false);
  return number.is_number() ? number : Json(word);
}

/// The parts between separators, empty ones too: "1,,2" has three.
std::vector<std::string> Split(const std::string& word, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : word) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

/// Parts of `word` between commas; those of a list of CPUs or masks stay together:
/// "none,list:0-3,8" has two.
std::vector<std::string> SplitPolicies(const std::string& word) {
  std::vector<std::string> policies;
  for (const std::string& part : Split(word, ',')) {
    const bool number =
        !part.empty() && std::string("0123456789").find(part[0]) != std::string::npos;
    const bool explicit_cpus = !policies.empty() && (policies.back().starts_with("list:") ||
                                                     policies.back().starts_with("mask:"));
    const bool hex = explicit_cpus && policies.back().starts_with("mask:") && !part.empty() &&
                     part.find_first_not_of("0123456789abcdefABCDEFx|") == std::string::npos;
    if (explicit_cpus && (number || hex)) {
      policies.back() += "," + part;
    } else {
      policies.push_back(part);
    }
  }
  return policies;
}

Json ShapeFromWord(const std::string& word) {
  Json shapes = Json::array();
  for (const std::string& part : Split(word, ';')) {
    Json shape = Json::array();
    for (const std::string& size : Split(part, ',')) {
      if (size != "scalar") shape.push_back(Scalar(size));
    }
    shapes.push_back(shape);
  }
  return shapes.size() == 1 ? shapes[0] : shapes;
}

Json OptionsFromWords(const std::vector<std::string>& words) {
  Json options = Json::object();
  for (const std::string& word : words) {
    const size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw UsageError(fmt::format("--option {}: expected KEY=VALUE", word));
    }
    options[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return options;
}

Json ValueOf(const OptionRow& row, const std::vector<std::string>& words) {
  switch (row.form) {
    case Form::kText:
      return words.back();
    case Form::kNumber:
      return Scalar(words.back());
    case Form::kShape:
      return ShapeFromWord(words.back());
    case Form::kOptions:
      return OptionsFromWords(words);
    case Form::kList: {
      Json list = Json::array();
      for (const std::string& word : words) {
        for (const std::string& element : Split(word, ','))
          list.push_back(Scalar(element));
      }
      return list;
    }
    case Form::kPolicies: {
      Json list = Json::array();
      for (const std::string& word : words) {
        for (const std::string& policy : SplitPolicies(word))
          list.push_back(policy);
      }
      return list;
    }
  }
  return nullptr;
}

/// The report and the messages to the workers are JSON, which is UTF-8.
void CheckText(const OptionRow& row, const std::vector<std::string>& words) {
  try {
    (void)Json(words).dump();
  } catch (const Json::type_error&) {
    throw UsageError(LongName(row) + ": not valid UTF-8; rename the file or correct the text");
  }
}

/// Keys and values of words "KEY=VALUE".
Json ParseSets(const std::vector<std::string>& sets, const std::string& origin) {
  Json values = Json::object();
  for (const std::string& word : sets) {
    const size_t equals = word.find('=');
    const std::string key = word.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
    if (equals == std::string::npos || key.empty() || value.empty())
      throw UsageError(fmt::format("{} {}: expected KEY=VALUE", origin, word));
    if (key.starts_with("options.") && key.size() > std::string("options.").size()) {
      CheckText(RowOf("options"), {word});
      values["options"][key.substr(key.find('.') + 1)] = value;
      continue;
    }
    const auto* const row = std::find_if(kRows.begin(), kRows.end(),
                                         [&](const OptionRow& known) { return key == known.key; });
    if (row == kRows.end() || row->form == Form::kOptions || key == "budget") {
      throw UsageError(fmt::format(
          "{} {}: no key of this name; keys are those of a suite (transport, chunk, model, …) and "
          "options.NAME for an option of the workload",
          origin, key));
    }
    CheckText(*row, {value});
    values[key] = ValueOf(*row, {value});
  }
  return values;
}

Json ReadSuite(const std::string& path) {
  std::string text;
  try {
    text = ReadFile(path, size_t{64} << 20);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
  try {
    return Json::parse(text, nullptr, true, /*ignore_comments=*/true);
  } catch (const Json::parse_error& error) {
    const std::string what = error.what();
    const size_t detail = what.find("parse error");
    throw UsageError(fmt::format("{}: not JSON: {}", path,
                                 detail == std::string::npos ? what : what.substr(detail)));
  }
}

}  // namespace

void SweepOptions::Declare(CLI::App& app) {
  app.add_option("suite", suite_, "a suite: JSON file with the keys below (see bench/suites)")
      ->option_text("SUITE.json");
  for (const OptionRow& row : kRows) {
    CLI::Option* option = app.add_option(row.names, given_[row.key], row.help);
    option->option_text(row.placeholder)->group(row.group)->allow_extra_args(false);
  }
}

void SweepOptions::FallBackTo(const std::string& key, const std::string& word,
                              const std::string& origin) {
  CheckText(RowOf(key), {word});
  fallbacks_[key] = {word, origin};
}

nlohmann::json SweepOptions::Requested() const {
  Json merged = suite_.empty() ? Json::object() : ReadSuite(suite_);
  if (!merged.is_object()) {
    throw UsageError(suite_ + ": a suite is a JSON object of keys and values");
  }
  for (const auto& [key, words] : given_) {
    if (words.empty()) continue;
    CheckText(RowOf(key), words);
    const Json value = ValueOf(RowOf(key), words);
    if (key == "options" && merged.contains(key) && merged[key].is_object()) {
      merged[key].update(value);
    } else {
      merged[key] = value;
    }
  }
  for (const auto& [key, fallback] : fallbacks_)
    if (!merged.contains(key)) merged[key] = fallback.word;
  return merged;
}

ConfigOrigins SweepOptions::Origins(const Json& merged) const {
  ConfigOrigins origins;
  for (const auto& [key, value] : merged.items()) {
    const auto fallback = fallbacks_.find(key);
    const bool fell_back = fallback != fallbacks_.end() && value == fallback->second.word;
    origins[key] = fell_back ? fallback->second.origin : suite_ + ": " + key;
  }
  for (const auto& [key, words] : given_) {
    if (!words.empty()) origins[key] = LongName(RowOf(key));
  }
  return origins;
}

SweepConfig SweepOptions::ParseMerged(const Json& merged, const ConfigOrigins& origins) const {
  SweepConfig config = ParseConfig(merged, origins);
  (void)ParseFault(config.fault);
  config.workload = NormalizeSpec(config.workload);
  CheckWorkloadSpec(config.workload);
  return config;
}

SweepConfig SweepOptions::Parse() const {
  const Json merged = Requested();
  return ParseMerged(merged, Origins(merged));
}

SweepConfig SweepOptions::ParseCell(const std::vector<std::string>& sets, const std::string& origin,
                                    int usable_cpus) const {
  Json merged = Requested();
  ConfigOrigins origins = Origins(merged);
  const Json laid_over = ParseSets(sets, origin);
  for (const auto& [key, value] : laid_over.items()) {
    if (key == "options" && merged.contains(key) && merged[key].is_object()) {
      merged[key].update(value);
    } else {
      merged[key] = value;
    }
    origins[key] = fmt::format("{} {}", origin, key);
  }
  const Json one_each{{"workers", {std::max(1, usable_cpus)}},
                      {"placement", {"none"}},
                      {"chunk", {8}},
                      {"window_s", 0.3},
                      {"measure_cpus_s", 0}};
  const bool one_worker = merged.contains("scenario") && merged["scenario"] == "single-stream";
  for (const auto& [key, value] : one_each.items()) {
    if (one_worker && key == "workers") continue;  // the scenario sets it
    if (!merged.contains(key)) merged[key] = value;
  }
  SweepConfig config = ParseMerged(merged, origins);
  config.budget_s.reset();  // it bounds a sweep or a gate, not what they consist of
  if (!config.sku.empty()) {
    throw UsageError(fmt::format(
        "{}: names the container size of a report of `coresweep run`; leave it out here",
        origins.at("sku")));
  }
  if (config.search) {
    throw UsageError(
        fmt::format("{}: one cell is measured, there is nothing to search; leave it "
                    "out",
                    origins.at("search")));
  }
  return config;
}

SweepConfig SweepOptions::ParseResumed(Json requested, const std::string& origin) const {
  const Json given = Requested();
  for (const auto& [key, where] : Origins(given)) {
    if (key == "budget") continue;
    throw UsageError(fmt::format(
        "{}: not with --resume, which goes on as {} has it; beside it there may be --budget, "
        "--output, --save-outputs and --quiet",
        where, origin));
  }
  ConfigOrigins origins;
  for (const auto& [key, value] : requested.items())
    origins[key] = fmt::format("{}: {}", origin, key);
  requested.erase("budget");  // of that call
  if (given.contains("budget")) {
    requested["budget"] = given["budget"];
    origins["budget"] = Origins(given)["budget"];
  }
  return ParseMerged(requested, origins);
}

std::optional<double> SweepOptions::BudgetSeconds() const {
  const Json given = Requested();
  if (!given.contains("budget")) return std::nullopt;
  const ConfigOrigins origins = Origins(given);
  // A workload, which every configuration has to name, for the sake of this one key.
  return ParseConfig({{"workload", "null"}, {"budget", given["budget"]}}, origins).budget_s;
}

}  // namespace coresweep
