#include "workloads/sum_squares_workload.h"

#include <cstring>

#include "workloads/item_maker.h"

namespace coresweep {
namespace {

constexpr int64_t kDefaultItems = 1024;

// Each value is the xorshift of the one before (Marsaglia 2003; never 0 from a start that is not),
// so the compiler finds no closed form and no two iterations overlap.
uint64_t SumOfSquares(uint64_t value, int64_t cost) {
  uint64_t sum = 0;
  for (int64_t i = 0; i < cost; ++i) {
    value ^= value << 13;
    value ^= value >> 7;
    value ^= value << 17;
    const uint64_t low = value & 0xffffffff;
    sum += low * low;
  }
  return sum;
}

class SumSquaresWorkload final : public Workload {
 public:
  explicit SumSquaresWorkload(const WorkloadSpec& spec)
      : cost_(WholeOption(kSumSquaresOptions, spec.options, "cost")),
        items_(ItemCount(spec, kDefaultItems)),
        seed_(spec.seed),
        digest_(OptionsDigest("sum_squares", kSumSquaresOptions, spec.options)) {}

  [[nodiscard]] WorkloadInfo Info() const override {
    WorkloadInfo info;
    info.item = ItemLayout({{DType::kInt64, {}}});
    info.answer = ItemLayout({{DType::kInt64, {}}});
    info.items = items_;
    info.digest = digest_;
    info.facts = {{"iterations_per_item", std::to_string(cost_)}};
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
      const uint64_t sum = SumOfSquares(start, cost_);
      std::memcpy(answers.data() + i * sizeof sum, &sum, sizeof sum);
    }
  }

 private:
  int64_t cost_;
  int64_t items_;
  uint64_t seed_;
  std::string digest_;
};

}  // namespace

std::unique_ptr<Workload> MakeSumSquaresWorkload(const WorkloadSpec& spec,
                                                 const WorkloadContext& /*context*/) {
  return std::make_unique<SumSquaresWorkload>(spec);
}

}  // namespace coresweep
