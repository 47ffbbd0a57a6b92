// What the program knows of the terminal it talks to.
#pragma once

#include <cstddef>
#include <string>

namespace coresweep {

/// Is descriptor `fd` a terminal?
bool IsTerminal(int fd);

/// Columns of the terminal on descriptor `fd`; 100 where it is none or does not say.
size_t TerminalWidth(int fd);

/// "1:05" or "2:03:04".
std::string FormatDuration(double seconds);

}  // namespace coresweep
