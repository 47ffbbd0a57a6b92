// The cells of a report as a table for spreadsheets and data frames.
#pragma once

#include <string>

#include "reports/stored_page.h"

namespace coresweep {

/// CSV after RFC 4180 (fields quoted where needed, lines end in CR LF), a heading, then one row a
/// cell in the order of the report. Numbers are as in the report, units in the headings, "" is not
/// measured. A text that a spreadsheet would take for a formula (it begins with = + - @, a tab or a
/// carriage return) has an apostrophe before it.
std::string RenderCsv(const StoredPage& page);

}  // namespace coresweep
