// `coresweep cost`: what the choice of a sweep would cost in containers of a service.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/commands.h"
#include "bench/exit_codes.h"
#include "bench/out_of_memory.h"
#include "bench/price_books.h"
#include "bench/report_file.h"
#include "bench/terminal.h"
#include "harness/base/error.h"
#include "reports/cost_json.h"
#include "reports/cost_report.h"
#include "reports/json_values.h"

namespace coresweep {
namespace {

constexpr size_t kSizesOfOneBook = 3;

struct CostOptions {
  std::string report;
  std::vector<std::string> price_books;
  std::optional<std::string> size;
  std::optional<std::string> cell;
  std::optional<double> memory_mib;
  LifeOptions life;
  bool list = false;
  bool json = false;
};

int List(bool json) {
  const std::vector<NamedBook> books = AllPriceBooks();
  if (json) {
    fmt::print("{}", DumpIndented(ToJson(books)));
  } else {
    fmt::print("{}", RenderBooks(books, TerminalWidth(1)));
  }
  return kExitOk;
}

std::vector<PriceBook> ReadBooks(const std::vector<std::string>& names) {
  std::vector<PriceBook> books;
  if (names.empty()) {
    for (NamedBook& named : AllPriceBooks())
      books.push_back(std::move(named.book));
  }
  for (const std::string& wanted : names)
    books.push_back(FindPriceBook(wanted).book);
  return books;
}

size_t ChooseCell(const CostedRun& run, const CostOptions& options) {
  if (!options.cell) {
    if (run.recommended) return *run.recommended;
    throw UsageError(fmt::format(
        "{}: it recommends no cell; name one that has a throughput with --cell", options.report));
  }
  for (size_t i = 0; i < run.cells.size(); ++i)
    if (run.cells[i].id == *options.cell) return i;
  throw UsageError(fmt::format(
      "--cell {}: {} has no cell of this id with a throughput under closed load (and no "
      "independent one can be run as a service)",
      *options.cell, options.report));
}

CostReport MakeReport(const CostOptions& options) {
  CostReport report;
  report.file = options.report;
  report.run = ReadCostedRun(ReadSweepReport(options.report), options.report);
  report.books = ReadBooks(options.price_books);
  report.question.cell = ChooseCell(report.run, options);
  report.question.pull_s = options.life.pull_s;
  report.question.run_s = options.life.run_s;
  report.question.size = options.size;
  if (options.memory_mib) report.question.memory_bytes = *options.memory_mib * 1024 * 1024;
  report.question.sizes_a_book = report.books.size() == 1 ? kSizesOfOneBook : 1;
  report.answer = AnswerCost(report.run, report.books, report.question);
  return report;
}

int Run(const CostOptions& options) {
  EndWhenOutOfMemory();
  if (options.list) return List(options.json);
  if (options.report.empty())
    throw UsageError("cost: give a report of `coresweep run`, or --list (see --help)");
  const CostReport report = MakeReport(options);
  if (options.json) {
    fmt::print("{}", DumpIndented(ToJson(report)));
  } else {
    fmt::print("{}", RenderCost(report, TerminalWidth(1)));
  }
  return kExitOk;
}

void DeclareOptions(CLI::App& command, CostOptions& options) {
  command.add_option("report", options.report, "report of `coresweep run`")
      ->option_text("REPORT.json");
  command
      .add_option("--price-book", options.price_books,
                  "price book: a name of --list, or a file ending in .json; may be repeated "
                  "(default: all of --list)")
      ->type_name("NAME|FILE")
      ->delimiter(',')
      ->allow_extra_args(false);
  command
      .add_option("--size", options.size,
                  "this size instead of the smallest that hold the cell: vCPUs x memory in the "
                  "book's unit, as 4x16, or the name of a fixed size")
      ->type_name("SIZE");
  command.add_option("--cell", options.cell, "id of a cell (default: the one recommended)")
      ->type_name("ID");
  command
      .add_option("--memory-mib", options.memory_mib,
                  "memory of the cell's workers instead of what the report says")
      ->type_name("MIB")
      ->check(CLI::Range(1.0, 1e9));
  DeclareContainerLife(command, options.life);
  command.add_flag("--list", options.list, "list the price books with their day and source");
  command.add_flag("--json", options.json, "print JSON");
}

}  // namespace

void DeclareCost(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "cost", "Estimate what the choice of a sweep would cost in containers of a service");
  const auto options = std::make_shared<CostOptions>();
  DeclareOptions(*command, *options);
  command->footer(
      "Steady: price of the size / throughput. As billed: what one container's life is billed, "
      "rounded as the service does, / what it infers after its start-up. The range is that of the "
      "throughput. Free grants, discounts, storage and traffic are not in it.\n\n"
      "A name is looked for in share/coresweep/prices of the installation, then among the books "
      "built in.\n\n"
      "Examples:\n"
      "  coresweep cost report.json\n"
      "  coresweep cost report.json --price-book aci-standard-eastus --run-s 300\n"
      "  coresweep cost report.json --price-book fargate-x86-us-east-1 --size 4x8 --json");
  command->callback(
      [options, &action] { action = [options](const ProgramContext&) { return Run(*options); }; });
}

}  // namespace coresweep
