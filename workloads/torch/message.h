// One line out of libtorch's many.
#pragma once

#include <string>
#include <string_view>

namespace coresweep {

/// The line of an exception's text that says what is wrong: without C++ frames, the interpreter's
/// traceback and the names of exception classes.
std::string MeaningfulLine(std::string_view what);

}  // namespace coresweep
