// What the program knows of the terminal it talks to.
#pragma once

#include <cstddef>
#include <string>

namespace coresweep {

/// Is descriptor `fd` a terminal?
bool IsTerminal(int fd);

/// Columns of the terminal on descriptor `fd`; 100 where it is none or does not say.
size_t TerminalWidth(int fd);

/// The same of standard output; 100, which reads well, for a text that goes into the file `output`.
size_t TextWidth(const std::string& output);

/// "1:05" or "2:03:04".
std::string FormatDuration(double seconds);

}  // namespace coresweep
