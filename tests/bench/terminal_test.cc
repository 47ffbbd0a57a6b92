#include "bench/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "harness/base/unique_fd.h"

namespace coresweep {
namespace {

/// Both ends of a terminal of `columns`; the caller skips where there is none to be had.
UniqueFd OpenTerminal(int columns) {
  UniqueFd terminal(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal) return terminal;
  winsize size{};
  size.ws_col = static_cast<unsigned short>(columns);
  size.ws_row = 24;
  if (ioctl(terminal.get(), TIOCSWINSZ, &size) != 0) terminal.Reset();
  return terminal;
}

TEST(Terminal, AFileIsNone) {
  const UniqueFd file(open("/dev/null", O_RDWR | O_CLOEXEC));
  EXPECT_FALSE(IsTerminal(file.get()));
  EXPECT_FALSE(IsTerminal(-1));
  EXPECT_EQ(TerminalWidth(file.get()), 100);
  EXPECT_EQ(TerminalWidth(-1), 100);
}

TEST(Terminal, HasItsWidthButNotLessThanCanBeUsed) {
  for (const auto& [columns, width] : {std::pair{132, 132}, {40, 40}, {7, 40}, {0, 100}}) {
    const UniqueFd terminal = OpenTerminal(columns);
    if (!terminal) GTEST_SKIP() << "no pseudo-terminal here";
    EXPECT_TRUE(IsTerminal(terminal.get()));
    EXPECT_EQ(TerminalWidth(terminal.get()), width) << columns;
  }
}

TEST(FormatDuration, IsMinutesAndSecondsOrWithHours) {
  EXPECT_EQ(FormatDuration(0), "0:00");
  EXPECT_EQ(FormatDuration(-5), "0:00");
  EXPECT_EQ(FormatDuration(9.4), "0:09");
  EXPECT_EQ(FormatDuration(9.6), "0:10");
  EXPECT_EQ(FormatDuration(65), "1:05");
  EXPECT_EQ(FormatDuration(3599), "59:59");
  EXPECT_EQ(FormatDuration(3599.6), "1:00:00");
  EXPECT_EQ(FormatDuration(7384), "2:03:04");
}

}  // namespace
}  // namespace coresweep
