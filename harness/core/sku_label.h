// Labels of container sizes ("SKUs") and of container starts.
#pragma once

#include <string_view>

namespace coresweep {

/// What `IsSkuLabel` takes, to follow "expected ".
constexpr const char* kSkuLabelWords =
    "1 to 64 letters, digits and ._+:@/-, a letter or digit first, as 4x16 or Standard_D4s_v5";

/// Whether `text` may be a label: no blanks, no control characters, nothing that a shell or a table
/// would take for something else.
bool IsSkuLabel(std::string_view text);

}  // namespace coresweep
