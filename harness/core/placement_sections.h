// Explicit CPUs of the policies `list:` and `mask:`: their notation, and dealing them out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/placement_cores.h"

namespace coresweep {

/// Groups of CPUs by OS index, or of PUs by position in the topology.
using Sections = std::vector<std::vector<int>>;

/// "3,0-1|8": sections divided by '|', the order kept. Throws `UsageError` when malformed or when a
/// CPU is given twice.
Sections ParseListSections(std::string_view text);
/// "0x3,c": masks in hexadecimal divided by ',' or '|'; CPUs ascending. Throws as above.
Sections ParseMaskSections(std::string_view text);

std::string FormatListSections(const Sections& sections);  ///< "3,0-1|8"
std::string FormatMaskSections(const Sections& sections);  ///< "0x3,0xc"

/// Worker i belongs to section i modulo their number, or while that has no free PU to the next one
/// that has; each thread gets the section's next PU. When all are taken it starts again. `sections`
/// and the result are positions in the topology.
Seating DealSections(const std::vector<std::vector<size_t>>& sections, size_t workers,
                     size_t threads);

/// The same sections, first PUs of cores before second ones: for sets that have no order.
std::vector<std::vector<size_t>> CoresFirst(const CoreMap& map,
                                            std::vector<std::vector<size_t>> sections);

}  // namespace coresweep
