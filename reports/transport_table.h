// The figures of `coresweep transports` for people.
#pragma once

#include <string>

#include "harness/core/transport_figures.h"

namespace coresweep {

/// "0 B", "64 B", "4 KiB", "1.5 MiB".
std::string ByteCount(size_t bytes);

/// A table for each place and size, its rows by median round trip, at most `width` columns wide;
/// what was skipped or failed with its reason, alike reasons together; what the columns mean.
std::string RenderTransports(const TransportSurvey& survey, size_t width);

}  // namespace coresweep
