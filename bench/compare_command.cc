// `coresweep compare`: container sizes beside each other.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bench/commands.h"
#include "bench/exit_codes.h"
#include "bench/out_of_memory.h"
#include "bench/price_books.h"
#include "bench/report_file.h"
#include "bench/terminal.h"
#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "harness/core/duration.h"
#include "harness/core/sku_compare.h"
#include "reports/compare_html.h"
#include "reports/compare_json.h"
#include "reports/compare_report.h"
#include "reports/json_values.h"

namespace coresweep {
namespace {

struct CompareOptions {
  std::vector<std::string> reports;
  std::string max_p99;
  std::string rank = "throughput";
  std::vector<std::string> prices;
  std::vector<std::string> sizes;
  std::vector<std::string> allow_different;
  LifeOptions life;
  std::string format;  ///< "": console, or with --json: json
  bool json = false;
  std::string output;
};

SkuRank RankNamed(const std::string& name) {
  if (name == "latency") return SkuRank::kLatency;
  return name == "cost" ? SkuRank::kCost : SkuRank::kThroughput;
}

/// Microseconds of "50ms", "800us" or, as elsewhere, "0.5s".
double MicrosecondsOf(const std::string& text) {
  double factor = 0;
  std::string number = text;
  for (const auto& [unit, us] : {std::pair("us", 1.0), std::pair("ms", 1e3)}) {
    if (!text.ends_with(unit)) continue;
    factor = us;
    number = text.substr(0, text.size() - 2);
  }
  const auto value = SecondsOf(number);
  const bool plain = number.find_first_not_of("0123456789.") == std::string::npos;
  if (!value || (factor != 0) != plain)
    throw UsageError(
        fmt::format("--max-p99 {}: expected a time with its unit, as 50ms, 800us or "
                    "0.5s",
                    text));
  return factor != 0 ? *value * factor : *value * 1e6;
}

/// "SKU=VALUE" parted; nullopt without '='.
std::optional<std::pair<std::string, std::string>> Parted(const std::string& word) {
  const size_t equals = word.find('=');
  if (equals == std::string::npos) return std::nullopt;
  return std::pair(word.substr(0, equals), word.substr(equals + 1));
}

void AddPrices(const CompareOptions& options, SkuQuestion& question) {
  for (const std::string& word : options.prices) {
    if (const auto own = Parted(word)) {
      question.own_prices[own->first] = FindPriceBook(own->second).book;
      continue;
    }
    if (question.prices) {
      throw UsageError(
          fmt::format("--price-book {}: {} is already that of all SKUs; give others as SKU={}",
                      word, question.prices->name, word));
    }
    question.prices = FindPriceBook(word).book;
  }
  for (const std::string& word : options.sizes) {
    const auto size = Parted(word);
    if (!size) throw UsageError(fmt::format("--size {}: expected SKU=SIZE, as small=2x4", word));
    question.sizes[size->first] = size->second;
  }
}

SkuQuestion QuestionOf(const CompareOptions& options) {
  SkuQuestion question;
  if (!options.max_p99.empty()) question.max_p99_us = MicrosecondsOf(options.max_p99);
  question.rank = RankNamed(options.rank);
  question.pull_s = options.life.pull_s;
  question.run_s = options.life.run_s;
  question.allow_different.insert(options.allow_different.begin(), options.allow_different.end());
  AddPrices(options, question);
  if (question.rank == SkuRank::kCost && !question.HasPrices())
    throw UsageError("--rank cost: give prices with --price-book (coresweep cost --list)");
  if (!question.sizes.empty() && !question.HasPrices())
    throw UsageError("--size: is for costs; give prices with --price-book");
  return question;
}

/// Large reports take a second each, so that several are read at a time; few enough for memory.
std::vector<SkuReport> ReadReports(const std::vector<std::string>& paths) {
  constexpr size_t kMostAtATime = 4;
  std::vector<SkuReport> reports(paths.size());
  std::vector<std::exception_ptr> errors(paths.size());
  std::atomic<size_t> next{0};
  const auto read = [&] {
    for (size_t i = next++; i < paths.size(); i = next++) {
      try {
        reports[i] = ReadSkuReport(ReadSkuParts(paths[i]), paths[i]);
      } catch (...) {
        errors[i] = std::current_exception();
      }
    }
  };
  {
    const size_t cpus = std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::jthread> helpers;
    while (helpers.size() + 1 < std::min({cpus, paths.size(), kMostAtATime}))
      helpers.emplace_back(read);
    read();
  }
  for (const std::exception_ptr& error : errors)
    if (error) std::rethrow_exception(error);
  return reports;
}

std::string FormatOf(const CompareOptions& options) {
  if (!options.json) return options.format.empty() ? "console" : options.format;
  if (!options.format.empty() && options.format != "json")
    throw UsageError(
        fmt::format("--json: is --format json, but --format {} is given", options.format));
  return "json";
}

std::string Render(const SkuComparison& comparison, const std::string& format,
                   const CompareOptions& options) {
  if (format == "json") return DumpIndented(ToJson(comparison));
  if (format == "html") return RenderComparisonHtml(comparison);
  return RenderComparison(comparison, TextWidth(options.output));
}

int Run(const CompareOptions& options) {
  EndWhenOutOfMemory();
  const std::string format = FormatOf(options);
  const SkuQuestion question = QuestionOf(options);
  const SkuComparison comparison = CompareSkus(ReadReports(options.reports), question);
  const std::string text = Render(comparison, format, options);
  if (options.output.empty()) {
    fmt::print("{}", text);
  } else {
    WriteFileAtomically(options.output, text);
  }
  return kExitOk;
}

void DeclarePrices(CLI::App& command, CompareOptions& options) {
  command
      .add_option("--price-book", options.prices,
                  "prices, for costs: a name of `coresweep cost --list` or a file ending in .json, "
                  "for all SKUs; or SKU=NAME|FILE for one of them; may be repeated")
      ->type_name("[SKU=]NAME|FILE")
      ->allow_extra_args(false);
  command
      .add_option(
          "--size", options.sizes,
          "size that a SKU is in its price book, as small=2x4 (vCPUs x memory in the book's "
          "unit) or small=D4; default: the label, where it is such a size, else the "
          "smallest that has the CPUs and memory that its reports were limited to")
      ->type_name("SKU=SIZE")
      ->allow_extra_args(false);
  DeclareContainerLife(command, options.life);
}

void DeclareOptions(CLI::App& command, CompareOptions& options) {
  command.add_option("reports", options.reports, "reports of `coresweep run`, of any SKUs")
      ->option_text("REPORT.json...")
      ->required();
  command
      .add_option("--max-p99", options.max_p99,
                  "only configurations whose p99 of a chunk is within this in every instance, as "
                  "50ms")
      ->type_name("TIME");
  command
      .add_option("--rank", options.rank,
                  "order of the table: throughput (default), latency (p99) or cost (as billed)")
      ->type_name("BY")
      ->check(CLI::IsMember({"throughput", "latency", "cost"}));
  command
      .add_option("--allow-different", options.allow_different,
                  "what reports may differ in, which is then said instead of refused: model, "
                  "workload, items, build, measuring")
      ->type_name("WHAT")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember(SkuIdentityNames()));
  DeclarePrices(command, options);
  command
      .add_option(
          "--format", options.format,
          "console (default), html (a page with charts that needs no network), json (schema "
          "coresweep.comparison)")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"console", "html", "json"}));
  command.add_flag("--json", options.json, "the same as --format json");
  command.add_option("-o,--output", options.output, "file (default: standard output)")
      ->type_name("FILE");
}

}  // namespace

void DeclareCompare(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "compare", "Container sizes (SKUs) beside each other, from reports of runs in them");
  const auto options = std::make_shared<CompareOptions>();
  DeclareOptions(*command, *options);
  command->footer(
      "Reports are grouped by SKU (`run --sku`, CORESWEEP_SKU) and container instance: one start "
      "of a container counts once, however many reports are of it. Each SKU is judged by the "
      "configuration that a run over all its instances would recommend. Intervals are over "
      "instances, from five on; with three or four there is only a range; below three a figure is "
      "descriptive only. Which differences are real: exact rank-sum test with Holm's "
      "correction.\n\n"
      "Only what is compared is read of a report and held against the schema; `coresweep validate` "
      "looks at all of it.\n\n"
      "Exit codes: 0 compared; 1 the output cannot be written; 2 a bad option, no such report, or "
      "reports that are not comparable.\n\n"
      "Examples:\n"
      "  coresweep compare small-*.json large-*.json\n"
      "  coresweep compare *.json --price-book aci-standard-eastus --format html -o skus.html\n"
      "  coresweep compare *.json --price-book aci-standard-eastus --rank cost --max-p99 50ms\n"
      "  coresweep compare a.json b.json --price-book a=my.json --price-book b=other.json --json");
  command->callback(
      [options, &action] { action = [options](const ProgramContext&) { return Run(*options); }; });
}

}  // namespace coresweep
