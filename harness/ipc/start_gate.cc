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
  shared()->end_ns.store(schedule.window.end_ns, std::memory_order_relaxed);  // published by `open`
  shared()->open.store(1, std::memory_order_release);                         // pairs with Await
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

void StartGate::EndWindowAt(int64_t end_ns) {
  int64_t known_ns = shared()->end_ns.load(std::memory_order_relaxed);
  while (end_ns < known_ns) {
    if (shared()->end_ns.compare_exchange_weak(known_ns, end_ns, std::memory_order_release,
                                               std::memory_order_relaxed))  // pairs with EndNs
      return;
  }
}

int64_t StartGate::AddWork(int64_t items) {
  // Only the sum matters; the end that follows from it has an order of its own.
  return shared()->work.fetch_add(items, std::memory_order_relaxed) + items;
}

bool StartGate::FirstToStrike() {
  return shared()->struck.exchange(1, std::memory_order_relaxed) == 0;
}

}  // namespace coresweep
