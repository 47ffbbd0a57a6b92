// The texts of reports/schema, built in.
#pragma once

#include <string_view>

namespace coresweep {

/// The JSON Schema in reports/schema/`file`.json; empty for a name that is none.
std::string_view SchemaTextOf(std::string_view file);

}  // namespace coresweep
