#include "workloads/spin_workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "harness/base/clock.h"
#include "workloads/item_maker.h"

namespace coresweep {
namespace {

constexpr int64_t kSpinDefaultItems = 1024;
constexpr int kCalibrationRuns = 10;
constexpr int64_t kCalibrationIterations = 500'000;

// A chain of dependent operations: one iteration after the other, whatever the compiler does.
[[nodiscard]] uint64_t Spin(int64_t iterations, uint64_t value) {
  for (int64_t i = 0; i < iterations; ++i) {
    value ^= value << 13;
    value ^= value >> 7;
    value ^= value << 17;
  }
  return value;
}

int64_t IterationsOf(const WorkloadSpec& spec, double iterations_per_us) {
  const int64_t given = WholeOption(kSpinOptions, spec.options, "iterations");
  const double work = given > 0
                          ? static_cast<double>(given)
                          : NumberOption(kSpinOptions, spec.options, "busy_us") * iterations_per_us;
  const double slowdown = NumberOption(kSpinOptions, spec.options, "slowdown");
  return std::max<int64_t>(1, std::llround(work * (1 + slowdown)));
}

class SpinWorkload final : public Workload {
 public:
  SpinWorkload(const WorkloadSpec& spec, double iterations_per_us)
      : busy_us_(NumberOption(kSpinOptions, spec.options, "busy_us")),
        iterations_(IterationsOf(spec, iterations_per_us)),
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

double CalibrateSpin() {
  int64_t shortest_ns = INT64_MAX;
  for (int run = 0; run < kCalibrationRuns; ++run) {
    const int64_t begin_ns = ThreadCpuNs();
    [[maybe_unused]] volatile uint64_t sink = Spin(kCalibrationIterations, 1);
    shortest_ns = std::min(shortest_ns, std::max<int64_t>(1, ThreadCpuNs() - begin_ns));
  }
  return static_cast<double>(kCalibrationIterations * kNsPerUs) / static_cast<double>(shortest_ns);
}

std::unique_ptr<Workload> MakeSpinWorkload(const WorkloadSpec& spec,
                                           const WorkloadContext& /*context*/) {
  static const double iterations_per_us = CalibrateSpin();
  return std::make_unique<SpinWorkload>(spec, iterations_per_us);
}

}  // namespace coresweep
