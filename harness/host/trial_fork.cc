#include "harness/host/trial_fork.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <exception>

#include "harness/base/error.h"

namespace coresweep {
namespace {

[[noreturn]] void RunChild(const std::function<void()>& work, int cpu_limit_s) {
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nowhere >= 0) {
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
  }
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  const auto seconds = static_cast<rlim_t>(cpu_limit_s);
  const rlimit cpu{seconds, seconds};
  setrlimit(RLIMIT_CPU, &cpu);
  try {
    work();
  } catch (const std::exception&) {
    // The caller meets it again, in its own process.
  }
  _exit(0);
}

}  // namespace

bool SurvivesInChild(const std::function<void()>& work, int cpu_limit_s) {
  const pid_t child = Check(fork(), "fork");
  if (child == 0) RunChild(work, cpu_limit_s);
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) ThrowErrno("waitpid");
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace coresweep
