// What a search found, in sentences.
#pragma once

#include <string>
#include <vector>

#include "harness/core/sweep_search.h"

namespace coresweep {

/// How it ended: "Search quick: … is faster than each of …, in 412 launches."
std::string SearchSentence(const SweepSearch& search);

/// What the choice gains over the default and the runner-up, or why that is not known, and the
/// guarantee; each with its interval and method. Empty without a choice.
std::vector<std::string> SearchEvidence(const SweepSearch& search);

}  // namespace coresweep
