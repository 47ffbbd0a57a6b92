#include "harness/ipc/start_gate.h"

#include <algorithm>

#include "harness/base/error.h"
#include "harness/ipc/futex.h"

namespace coresweep {
namespace {

constexpr int64_t kLongestSleepNs = 100 * kNsPerMs;

}  // namespace

StartGate StartGate::Create() {
  return StartGate(SharedRegion::Create("coresweep.gate", sizeof(Shared)));
}

StartGate StartGate::Attach(UniqueFd fd) {
  return StartGate(
      SharedRegion::Attach(std::move(fd), sizeof(Shared), SharedRegion::Access::kReadWrite));
}

void StartGate::Open(const Schedule& schedule) {
  shared()->schedule = schedule;
  shared()->open.store(1, std::memory_order_release);  // pairs with Await
  FutexWakeAll(&shared()->open);
}

Schedule StartGate::Await(Deadline deadline) {
  while (shared()->open.load(std::memory_order_acquire) == 0) {  // pairs with Open
    const int64_t left_ns = deadline.at_ns() - NowNs();
    if (left_ns <= 0) throw Error("the start gate did not open in time");
    FutexWait(&shared()->open, 0, std::min(left_ns, kLongestSleepNs));
  }
  const Schedule schedule = shared()->schedule;
  SleepUntil(schedule.gate_ns);
  return schedule;
}

bool StartGate::FirstToStrike() {
  return shared()->struck.exchange(1, std::memory_order_relaxed) == 0;
}

}  // namespace coresweep
