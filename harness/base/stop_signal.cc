#include "harness/base/stop_signal.h"

#include <sys/signalfd.h>

#include <csignal>

#include "harness/base/error.h"

namespace coresweep {
namespace {

sigset_t StopSet() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP})
    sigaddset(&set, signal_number);
  return set;
}

}  // namespace

StopSignal::StopSignal() {
  const sigset_t set = StopSet();
  if (pthread_sigmask(SIG_BLOCK, &set, nullptr) != 0) throw Error("pthread_sigmask failed");
  fd_.Reset(Check(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd"));
  signal(SIGPIPE, SIG_IGN);
}

StopSignal::~StopSignal() {
  // A second Ctrl-C that is still pending would end us when unblocked.
  signalfd_siginfo info{};
  while (read(fd_.get(), &info, sizeof info) == sizeof info) {
  }
  const sigset_t set = StopSet();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

int StopSignal::Poll() {
  signalfd_siginfo info{};
  while (received_ == 0 && read(fd_.get(), &info, sizeof info) == sizeof info) {
    received_ = static_cast<int>(info.ssi_signo);
  }
  return received_;
}

void RestoreDefaultSignals() {
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
}

}  // namespace coresweep
