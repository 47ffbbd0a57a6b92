#include "workloads/spin_workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "workloads/item_maker.h"

namespace coresweep {
namespace {

constexpr int64_t kSpinDefaultItems = 1024;
constexpr int kCalibrationRuns = 10;
/// Six operations, one after the other, take about 1 ns on the fastest CPUs, and never a tenth of
/// it.
constexpr double kLeastNsPerIteration = 0.1;

// A chain of dependent operations: one iteration after the other, whatever the compiler does.
[[nodiscard]] uint64_t Spin(int64_t iterations, uint64_t value) {
  for (int64_t i = 0; i < iterations; ++i) {
    value ^= value << 13;
    value ^= value >> 7;
    value ^= value << 17;
  }
  return value;
}

double CalibrateSpin() {
  std::array<int64_t, kCalibrationRuns> took_ns{};
  for (int64_t& took : took_ns) {
    const int64_t begin_ns = ThreadCpuNs();
    [[maybe_unused]] volatile uint64_t sink = Spin(kCalibrationIterations, 1);
    took = ThreadCpuNs() - begin_ns;
  }
  return IterationsPerUs(took_ns);
}

/// Of `busy_us` of CPU time, calibrated once per process.
double IterationsIn(double busy_us) {
  static const double iterations_per_us = CalibrateSpin();
  return busy_us * iterations_per_us;
}

int64_t IterationsOf(const WorkloadSpec& spec) {
  const int64_t given = WholeOption(kSpinOptions, spec.options, "iterations");
  const double work = given > 0 ? static_cast<double>(given)
                                : IterationsIn(NumberOption(kSpinOptions, spec.options, "busy_us"));
  const double slowdown = NumberOption(kSpinOptions, spec.options, "slowdown");
  return std::max<int64_t>(1, std::llround(work * (1 + slowdown)));
}

class SpinWorkload final : public Workload {
 public:
  explicit SpinWorkload(const WorkloadSpec& spec)
      : busy_us_(NumberOption(kSpinOptions, spec.options, "busy_us")),
        iterations_(IterationsOf(spec)),
        items_(ItemCount(spec, kSpinDefaultItems)),
        seed_(spec.seed),
        digest_(OptionsDigest("spin", kSpinOptions, spec.options)) {}

  [[nodiscard]] WorkloadInfo Info() const override {
    WorkloadInfo info;
    info.item = ItemLayout({{DType::kInt64, {}}});
    info.answer = ItemLayout({{DType::kInt64, {}}});
    info.items = items_;
    info.digest = digest_;
    info.facts = {{"busy_us", fmt::format("{}", busy_us_)},
                  {"iterations_per_item", std::to_string(iterations_)}};
    return info;
  }

  void MakeItem(int64_t index, std::span<std::byte> item) const override {
    const uint64_t start = RandomBits(seed_, static_cast<uint64_t>(index), 0);
    std::memcpy(item.data(), &start, sizeof start);
  }

  void Run(int64_t count, std::span<std::byte> items, std::span<std::byte> answers) override {
    for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
      uint64_t start = 0;
      std::memcpy(&start, items.data() + i * sizeof start, sizeof start);
      // The iterations differ between processes and must not show in the answer; the volatile
      // store keeps them from being optimised away.
      sink_ = Spin(iterations_, start);
      const uint64_t answer = Scramble(start);
      std::memcpy(answers.data() + i * sizeof answer, &answer, sizeof answer);
    }
  }

 private:
  double busy_us_;
  int64_t iterations_;
  int64_t items_;
  uint64_t seed_;
  std::string digest_;
  volatile uint64_t sink_ = 0;
};

}  // namespace

double IterationsPerUs(std::span<const int64_t> took_ns) {
  constexpr auto kIterations = static_cast<double>(kCalibrationIterations);
  std::optional<double> shortest_ns;
  for (const int64_t took : took_ns) {
    const auto ns = static_cast<double>(took);
    if (ns < kIterations * kLeastNsPerIteration) continue;
    shortest_ns = std::min(ns, shortest_ns.value_or(ns));
  }
  if (!shortest_ns) {
    throw Error(
        "workload spin: the CPU clock of a thread does not go on here, so it cannot be calibrated: "
        "give --option iterations=N instead of busy_us");
  }
  return kIterations * static_cast<double>(kNsPerUs) / *shortest_ns;
}

std::unique_ptr<Workload> MakeSpinWorkload(const WorkloadSpec& spec,
                                           const WorkloadContext& /*context*/) {
  return std::make_unique<SpinWorkload>(spec);
}

}  // namespace coresweep
