#include "harness/base/stop_signal.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <csignal>

namespace coresweep {
namespace {

bool Readable(int fd) {
  pollfd watch{fd, POLLIN, 0};
  return ::poll(&watch, 1, 0) == 1;
}

bool Blocked(int signal_number) {
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  return sigismember(&mask, signal_number) == 1;
}

/// Takes a pending signal away, which would end the test once it is unblocked.
void Discard(int signal_number) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal_number);
  const timespec at_once{};
  EXPECT_EQ(sigtimedwait(&set, nullptr, &at_once), signal_number);
}

TEST(StopSignal, IsSilentUntilASignalComes) {
  StopSignal stop;
  EXPECT_EQ(stop.Poll(), 0);
  EXPECT_FALSE(Readable(stop.fd()));
}

TEST(StopSignal, TellsWhichSignalCame) {
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP}) {
    StopSignal stop;
    raise(signal_number);
    EXPECT_TRUE(Readable(stop.fd()));
    EXPECT_EQ(stop.Poll(), signal_number);
  }
}

TEST(StopSignal, KeepsItsFirstAnswer) {
  StopSignal stop;
  raise(SIGTERM);
  EXPECT_EQ(stop.Poll(), SIGTERM);
  raise(SIGINT);
  EXPECT_EQ(stop.Poll(), SIGTERM);
  Discard(SIGINT);
}

TEST(StopSignal, UnblocksWhenItGoes) {
  {
    const StopSignal stop;
    EXPECT_TRUE(Blocked(SIGINT) && Blocked(SIGTERM) && Blocked(SIGHUP));
  }
  EXPECT_FALSE(Blocked(SIGINT) || Blocked(SIGTERM) || Blocked(SIGHUP));
}

TEST(StopSignal, LetsWritesToClosedPipesFailInsteadOfKilling) {
  const StopSignal stop;
  EXPECT_EQ(std::signal(SIGPIPE, SIG_IGN), SIG_IGN);
}

TEST(RestoreDefaultSignals, UndoesWhatAChildInherits) {
  const StopSignal stop;
  RestoreDefaultSignals();
  EXPECT_FALSE(Blocked(SIGINT) || Blocked(SIGTERM) || Blocked(SIGHUP));
  EXPECT_EQ(std::signal(SIGPIPE, SIG_DFL), SIG_DFL);
}

}  // namespace
}  // namespace coresweep
