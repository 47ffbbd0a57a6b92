// Price books by name or file.
#pragma once

#include <string>
#include <vector>

#include "reports/cost_report.h"

namespace coresweep {

/// The book that `wanted` names. With a '/' or ending in ".json" it is a file; else a book of this
/// name, from the folder of the installed program (share/coresweep/prices, where
/// scripts/refresh_prices may have renewed it), or as it was built in. Throws `UsageError` when
/// there is none, naming those there are, or when it is not right.
NamedBook FindPriceBook(const std::string& wanted);

/// All that have a name, by it.
std::vector<NamedBook> AllPriceBooks();

}  // namespace coresweep
