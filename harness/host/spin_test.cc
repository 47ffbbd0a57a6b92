#include "harness/host/spin_test.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <system_error>
#include <thread>
#include <vector>

#include "harness/base/clock.h"

namespace coresweep {
namespace {

constexpr int kMostThreads = 1024;
constexpr int64_t kUsualPeriodUs = 100'000;
constexpr int64_t kLeastPeriods = 3;
constexpr int64_t kPauseNs = kNsPerMs;  // far more than a turn of the loop takes

/// When the measured part begins and how long it is; one period is left out before it.
struct Schedule {
  int64_t period_ns = 0;
  int64_t length_ns = 0;
};

Schedule MakeSchedule(double seconds, int64_t cpu_period_us) {
  Schedule schedule;
  schedule.period_ns = (cpu_period_us > 0 ? cpu_period_us : kUsualPeriodUs) * kNsPerUs;
  const double asked_periods = seconds * 1e9 / static_cast<double>(schedule.period_ns);
  // A little less, so that 0.3 s of 0.1 s are 3 and not 4.
  const auto periods = static_cast<int64_t>(std::ceil(asked_periods - 1e-6));
  schedule.length_ns = std::max(kLeastPeriods, periods) * schedule.period_ns;
  return schedule;
}

/// Written by one thread, read after it was joined.
struct Spinner {
  bool bound = false;
  int64_t got_ns = 0;
};

/// What the threads wait for, so that none spins while others are still being made.
class Start {
 public:
  /// Blocks until `Give`; returns when the unmeasured period begins.
  int64_t Wait() const {
    start_ns_.wait(0);
    return start_ns_.load();
  }
  void Give(int64_t start_ns) {
    start_ns_.store(start_ns);
    start_ns_.notify_all();
  }

 private:
  std::atomic<int64_t> start_ns_ = 0;
};

void Spin(int cpu, const Schedule& schedule, const Start& start, Spinner& spinner) {
  spinner.bound = SetAffinity(CpuSet{cpu}) == 0;
  const int64_t begin_ns = start.Wait() + schedule.period_ns;
  if (!spinner.bound) return;
  SpinShare share(begin_ns, begin_ns + schedule.length_ns);
  while (true) {
    const int64_t cpu_ns = ThreadCpuNs();
    if (!share.Turn(cpu_ns, NowNs())) break;
  }
  spinner.got_ns = share.got_ns();
}

/// As many threads as can be had, one for each spinner.
std::vector<std::thread> StartThreads(const std::vector<int>& cpus, const Schedule& schedule,
                                      const Start& start, std::vector<Spinner>& spinners) {
  std::vector<std::thread> threads;
  threads.reserve(spinners.size());
  try {
    for (size_t i = 0; i < spinners.size(); ++i) {
      threads.emplace_back(Spin, cpus[i], std::cref(schedule), std::cref(start),
                           std::ref(spinners[i]));
    }
  } catch (const std::system_error&) {
    // Enough of them, says the kernel or the container: go on with those.
  }
  return threads;
}

}  // namespace

bool SpinShare::Turn(int64_t cpu_ns, int64_t now_ns) noexcept {
  const int64_t pause_ns = last_now_ns_ == 0 ? 0 : now_ns - last_now_ns_;
  if (begun_) {
    const int64_t ran_ns = cpu_ns - last_cpu_ns_;
    // A pause between the two clocks shows in the one a turn later than in the other.
    const int64_t stood_ns = std::max(pause_ns, last_pause_ns_);
    got_ns_ += ran_ns < kPauseNs ? ran_ns : ran_ns - std::min(ran_ns, stood_ns);
  }
  begun_ |= now_ns >= begin_ns_;
  last_cpu_ns_ = cpu_ns;
  last_now_ns_ = now_ns;
  last_pause_ns_ = pause_ns;
  return now_ns < end_ns_;
}

std::optional<MeasuredCpus> MeasureCpus(const CpuSet& allowed, double seconds,
                                        int64_t cpu_period_us) {
  if (!(seconds > 0) || allowed.Empty()) return std::nullopt;
  const Schedule schedule = MakeSchedule(seconds, cpu_period_us);
  const std::vector<int> cpus = allowed.ToVector();
  std::vector<Spinner> spinners(std::min<size_t>(cpus.size(), kMostThreads));
  Start start;
  std::vector<std::thread> threads = StartThreads(cpus, schedule, start, spinners);
  start.Give(NowNs());
  for (std::thread& thread : threads)
    thread.join();

  int64_t got_ns = 0;
  MeasuredCpus measured;
  for (const Spinner& spinner : spinners) {
    got_ns += spinner.got_ns;
    measured.threads += spinner.bound ? 1 : 0;
  }
  if (measured.threads == 0) return std::nullopt;
  measured.seconds = static_cast<double>(schedule.length_ns) / 1e9;
  measured.cpus = NsToSeconds(got_ns) / measured.seconds;
  return measured;
}

void MeasureUsableCpus(HostFacts& facts, double seconds) {
  constexpr int kAttempts = 3;
  facts.measured.reset();
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto measured = MeasureCpus(facts.allowed, seconds, facts.cpu_period_us);
    if (!measured) return;
    if (!facts.measured || measured->cpus > facts.measured->cpus) facts.measured = measured;
    if (!facts.MeasuredBinds()) return;
  }
}

}  // namespace coresweep
