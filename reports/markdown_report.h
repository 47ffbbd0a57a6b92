// A report for a pull request.
#pragma once

#include <string>

#include "reports/stored_page.h"

namespace coresweep {

/// GitHub-flavoured Markdown: the answer in words, what failed, then the cells by throughput (the
/// first 30; the rest is counted) and what was skipped (the first 10). Every text of the report is
/// escaped: it can neither format nor link, mention anybody or run anything.
std::string RenderMarkdown(const StoredPage& page);

}  // namespace coresweep
