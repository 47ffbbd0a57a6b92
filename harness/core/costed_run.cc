#include "harness/core/costed_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/core/order_interval.h"
#include "harness/core/result.h"
#include "harness/core/statistics.h"
#include "harness/core/stored_run.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

/// What repetitions of one cell gave.
struct Repetitions {
  std::vector<double> throughputs;
  std::vector<double> starts_s;
  std::optional<double> memory_bytes;
};

std::string TextOr(const Json& json, const char* key, const std::string& otherwise) {
  const auto found = json.find(key);
  return found == json.end() || found->is_null() ? otherwise : found->get<std::string>();
}

/// What tells the process of a worker from the others of its trial. A deterministic report has no
/// pids: there, the workers of mode `threads` are one process, and each of the others is its own.
int64_t ProcessOf(const Json& trial, size_t worker) {
  const Json& pid = trial.at("workers").at(worker).at("pid");
  if (!pid.is_null()) return pid.get<int64_t>();
  const bool threads = trial.at("cell").get_ref<const std::string&>().starts_with("threads/");
  return threads ? 0 : static_cast<int64_t>(worker);
}

/// Copies of the model in threads of one process each report the whole of it.
std::optional<double> MemoryOf(const Json& trial) {
  std::map<int64_t, double> by_process;
  for (size_t i = 0; i < trial.at("workers").size(); ++i) {
    const Json& worker = trial["workers"][i];
    const Json& share = worker.at("pss_bytes");
    const Json& bytes = share.is_null() ? worker.at("max_rss_bytes") : share;
    if (bytes.is_null()) return std::nullopt;
    double& most = by_process[ProcessOf(trial, i)];
    most = std::max(most, bytes.get<double>());
  }
  if (by_process.empty()) return std::nullopt;
  double sum = 0;
  for (const auto& [pid, bytes] : by_process)
    sum += bytes;
  return sum;
}

double StartOf(const Json& trial) {
  double slowest_ms = 0;
  for (const Json& worker : trial.at("workers")) {
    const Json& ready = worker.at("startup_ms").at("ready");
    if (!ready.is_null()) slowest_ms = std::max(slowest_ms, ready.get<double>());
  }
  return slowest_ms / 1e3;
}

/// By cell. References and probes are no repetitions of theirs.
std::map<std::string, Repetitions> ReadRepetitions(const Json& report) {
  std::map<std::string, Repetitions> all;
  for (const Json& trial : report.at("trials")) {
    const std::string role = TextOr(trial, "role", "cell");
    if (role == "reference" || role == "probe" || trial.at("throughput").is_null()) continue;
    Repetitions& repetitions = all[trial.at("cell").get<std::string>()];
    repetitions.throughputs.push_back(trial.at("throughput").get<double>());
    repetitions.starts_s.push_back(StartOf(trial));
    const auto memory = MemoryOf(trial);
    if (memory) repetitions.memory_bytes = std::max(repetitions.memory_bytes.value_or(0), *memory);
  }
  return all;
}

void ReadThroughput(const Json& json, const Repetitions& repetitions, CostedCell& cell) {
  cell.throughput.value = json.at("median").get<double>();
  cell.slowest = json.at("low").get<double>();
  cell.fastest = json.at("high").get<double>();
  const MedianEstimate median = EstimateMedian(repetitions.throughputs);
  if (median.low) {
    cell.throughput.low = median.low;
    cell.throughput.high = median.high;
    cell.interval = fmt::format("interval ({})", median.Method());
  } else if (median.values > 1) {
    cell.throughput.low = cell.slowest;
    cell.throughput.high = cell.fastest;
    cell.interval = fmt::format("least and greatest of {} repetitions", median.values);
  }
}

bool IsCosted(const Json& cell) {
  const Json& throughput = cell.at("throughput").at("median");
  return cell.at("mode") != "independent" && TextOr(cell, "load", "closed") == "closed" &&
         !throughput.is_null() && throughput.get<double>() > 0;
}

CostedCell ReadCell(const Json& json, const Repetitions& repetitions) {
  CostedCell cell;
  cell.id = json.at("id").get<std::string>();
  cell.verdict = json.at("verdict").get<std::string>();
  cell.serial = json.at("mode") == "serial";
  cell.parallelism = json.at("workers").get<int>() * json.at("threads").get<int>();
  cell.vcpus = cell.parallelism + (TextOr(json, "dispatcher", "") == "own" ? 1 : 0);
  cell.memory_bytes = repetitions.memory_bytes;
  cell.start_s = Median(repetitions.starts_s).value_or(0);
  ReadThroughput(json.at("throughput"), repetitions, cell);
  return cell;
}

/// As `BestCell` chooses among the cells of a sweep that `may` be chosen.
template <typename May>
std::optional<size_t> BestOf(const std::vector<CostedCell>& cells, May may) {
  double highest = 0;
  for (const CostedCell& cell : cells)
    if (may(cell)) highest = std::max(highest, cell.throughput.value);
  std::optional<size_t> best;
  const auto rank = [&cells](size_t i) {  // least is best
    return std::tuple(cells[i].parallelism, !cells[i].serial, -cells[i].throughput.value);
  };
  for (size_t i = 0; i < cells.size(); ++i) {
    if (!may(cells[i]) || cells[i].throughput.value < highest * (1 - kAsGood)) continue;
    if (!best || rank(i) < rank(*best)) best = i;
  }
  return best;
}

std::optional<size_t> Recommended(const Json& report, const std::vector<CostedCell>& cells) {
  const auto search = report.find("search");
  if (search == report.end() || search->is_null()) return RecommendedOf(cells);
  const std::string choice = TextOr(*search, "choice", "");
  for (size_t i = 0; i < cells.size(); ++i)
    if (cells[i].id == choice) return i;
  return std::nullopt;
}

}  // namespace

std::optional<size_t> RecommendedOf(const std::vector<CostedCell>& cells) {
  const auto good = BestOf(cells, [](const CostedCell& cell) { return cell.verdict == "ok"; });
  const auto other = BestOf(cells, [](const CostedCell& cell) {
    return cell.verdict == "throttled" || cell.verdict == "stolen" || cell.verdict == "migrated";
  });
  if (!good || !other) return good ? good : other;
  const CostedCell& usual = cells[*good];
  const CostedCell& tempting = cells[*other];
  const bool worth = tempting.throughput.value > usual.throughput.value * kWorthATrouble &&
                     tempting.slowest > usual.fastest;
  return worth ? other : good;
}

CostedRun ReadCostedRun(const Json& report, const std::string& origin) {
  try {
    CheckReportSchema(report, origin);
    const auto repetitions = ReadRepetitions(report);
    CostedRun run;
    run.architecture = TextOr(report.at("tool"), "architecture", "");
    for (const Json& json : report.at("cells")) {
      const auto found = repetitions.find(json.at("id").get<std::string>());
      if (found != repetitions.end() && IsCosted(json))
        run.cells.push_back(ReadCell(json, found->second));
    }
    run.recommended = Recommended(report, run.cells);
    return run;
  } catch (const Json::exception& error) {
    throw UsageError(fmt::format("{}: damaged: {}", origin, error.what()));
  }
}

double MemoryToAskFor(double worker_bytes) {
  constexpr double kMargin = 1.25;
  constexpr double kOverheadBytes = 256.0 * 1024 * 1024;
  return worker_bytes * kMargin + kOverheadBytes;
}

SizeDemand DemandOf(const CostedCell& cell, double bytes_per_unit) {
  return {cell.vcpus, MemoryToAskFor(cell.memory_bytes.value_or(0)) / bytes_per_unit};
}

}  // namespace coresweep
