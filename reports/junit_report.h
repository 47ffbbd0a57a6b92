// A report as test results, for CI systems that show those.
#pragma once

#include <string>

#include "reports/stored_page.h"

namespace coresweep {

/// JUnit XML: one test case a cell, its time that of its trials. It fails when answers were wrong
/// or out of order or a trial failed; cells that were skipped or not reached are skipped, with the
/// reason. That a cell is slow, throttled or unstable fails nothing: it is told in <system-out>.
std::string RenderJunit(const StoredPage& page);

}  // namespace coresweep
