// The page of `coresweep cost`.
#pragma once

#include <string>
#include <vector>

#include "harness/core/cost_answer.h"

namespace coresweep {

/// A price book and where it was found: a file, or "built in".
struct NamedBook {
  PriceBook book;
  std::string origin;
};

struct CostReport {
  std::string file;  ///< of the report
  CostedRun run;
  CostQuestion question;
  std::vector<PriceBook> books;
  CostAnswer answer;
};

/// "coresweep cost" in lines of at most `width` columns.
std::string RenderCost(const CostReport& report, size_t width);

/// A paragraph a book: name, price of a vCPU and of memory an hour, as_of, source, origin.
std::string RenderBooks(const std::vector<NamedBook>& books, size_t width);

/// "2 vCPU / 4 GB", with the name of a fixed size before it.
std::string SizeText(const PriceBook& book, const ContainerSize& size);

}  // namespace coresweep
