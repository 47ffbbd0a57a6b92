#include "bench/price_books.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "bench/report_file.h"
#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "reports/file_kinds.h"
#include "reports/shipped_prices.h"

namespace coresweep {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostBookBytes = size_t{1} << 20;

NamedBook Parse(std::string_view text, const std::string& name, const std::string& origin) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) throw UsageError(name + ": not JSON, or cut off");
  RequireValid(*FindFileKind("coresweep.prices"), json, name);
  return {ParsePriceBook(json, name), origin};
}

NamedBook ReadBook(const fs::path& path) {
  try {
    return Parse(ReadFile(path, kMostBookBytes), path.string(), path.string());
  } catch (const UsageError&) {
    throw;
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
}

/// Of an installed program; it does not exist in a build folder.
fs::path InstalledFolder() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path()
               : (program.parent_path() / CORESWEEP_PRICES_FROM_PROGRAM).lexically_normal();
}

std::set<std::string> Names() {
  std::set<std::string> names;
  for (const ShippedPriceBook& book : ShippedPriceBooks())
    names.emplace(book.name);
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(InstalledFolder(), error))
    if (entry.path().extension() == ".json") names.insert(entry.path().stem().string());
  return names;
}

}  // namespace

NamedBook FindPriceBook(const std::string& wanted) {
  if (wanted.find('/') != std::string::npos || wanted.ends_with(".json")) return ReadBook(wanted);
  const fs::path installed = InstalledFolder() / (wanted + ".json");
  std::error_code error;
  if (fs::exists(installed, error)) return ReadBook(installed);
  for (const ShippedPriceBook& book : ShippedPriceBooks())
    if (book.name == wanted) return Parse(book.text, wanted, "built in");
  throw UsageError(fmt::format(
      "--price-book {}: no price book of this name; there are {}; or give a file ending in .json",
      wanted, fmt::join(Names(), ", ")));
}

std::vector<NamedBook> AllPriceBooks() {
  std::vector<NamedBook> books;
  for (const std::string& name : Names())
    books.push_back(FindPriceBook(name));
  return books;
}

std::array<CLI::Option*, 2> DeclareContainerLife(CLI::App& command, LifeOptions& life) {
  CLI::Option* const run =
      command
          .add_option("--run-s", life.run_s,
                      "how long a container lives, its start-up in it (default 3600)")
          ->type_name("SECONDS")
          ->check(CLI::Range(1e-3, 1e9));
  CLI::Option* const pull =
      command
          .add_option(
              "--pull-s", life.pull_s,
              "how long its image is pulled before, for services that bill that (default 30; "
              "no report has it)")
          ->type_name("SECONDS")
          ->check(CLI::Range(0.0, 1e6));
  return {run, pull};
}

}  // namespace coresweep
