#include "bench/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

namespace coresweep {

bool IsTerminal(int fd) {
  return isatty(fd) == 1;
}

size_t TerminalWidth(int fd) {
  winsize size{};
  if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 100;
  return std::max<size_t>(40, size.ws_col);
}

size_t TextWidth(const std::string& output) {
  constexpr size_t kColumnsOfFile = 100;
  return output.empty() ? TerminalWidth(1) : kColumnsOfFile;
}

std::string FormatDuration(double seconds) {
  const auto whole = static_cast<int64_t>(std::max(0.0, seconds + 0.5));
  if (whole >= 3600) {
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  }
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace coresweep
