#include "workloads/sum_squares_workload.h"

#include <cstring>

#include "workloads/item_maker.h"
#include "workloads/varied_size.h"

namespace coresweep {
namespace {

constexpr int64_t kSumDefaultItems = 1024;

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

int64_t CheckSum(std::span<const std::byte> item, int64_t cost) {
  uint64_t sum = 0;
  for (size_t at = 0; at < item.size(); at += sizeof sum) {
    uint64_t start = 0;
    std::memcpy(&start, item.data() + at, sizeof start);
    sum += SumOfSquares(start, cost);
  }
  return static_cast<int64_t>(sum);
}

/// Of items of one value the digest is that of the cost alone: equal workloads, equal digests.
std::string SumDigestOf(const WorkloadSpec& spec, bool one_value) {
  const auto rules = std::span<const OptionRule>(kSumSquaresOptions);
  return OptionsDigest("sum_squares", one_value ? rules.first(1) : rules, spec.options);
}

class SumSquaresWorkload final : public Workload {
 public:
  explicit SumSquaresWorkload(const WorkloadSpec& spec)
      : cost_(WholeOption(kSumSquaresOptions, spec.options, "cost")),
        values_(WholeOption(kSumSquaresOptions, spec.options, "values")),
        vary_(NumberOption(kSumSquaresOptions, spec.options, "vary")),
        items_(ItemCount(spec, kSumDefaultItems)),
        seed_(spec.seed),
        digest_(SumDigestOf(spec, values_ == 1 && vary_ == 0)) {}

  [[nodiscard]] WorkloadInfo Info() const override {
    WorkloadInfo info;
    if (values_ > 1 || vary_ > 0) {
      info.item =
          ItemLayout({{DType::kInt64, {values_}}}, vary_ > 0 ? Sizing::kVariable : Sizing::kFixed);
    } else {
      info.item = ItemLayout({{DType::kInt64, {}}});
    }
    info.answer = ItemLayout({{DType::kInt64, {}}});
    info.items = items_;
    info.digest = digest_;
    if (vary_ > 0) {
      info.facts = {{"iterations_per_value", std::to_string(cost_)}};
    } else {
      info.facts = {{"iterations_per_item", std::to_string(cost_ * values_)}};
    }
    return info;
  }

  [[nodiscard]] size_t ItemBytes(int64_t index) const override {
    const uint64_t random = RandomBits(seed_, static_cast<uint64_t>(index), kItemSizeElement);
    return static_cast<size_t>(VariedSize(values_, vary_, 1, random)) * sizeof(int64_t);
  }

  void MakeItem(int64_t index, std::span<std::byte> item) const override {
    for (size_t i = 0; i < item.size() / sizeof(uint64_t); ++i) {
      const uint64_t start = RandomBits(seed_, static_cast<uint64_t>(index), i);
      std::memcpy(item.data() + i * sizeof start, &start, sizeof start);
    }
  }

  void Run(int64_t count, std::span<std::byte> items, std::span<std::byte> answers) override {
    const size_t bytes = static_cast<size_t>(values_) * sizeof(int64_t);
    for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
      const int64_t sum = CheckSum(items.subspan(i * bytes, bytes), cost_);
      std::memcpy(answers.data() + i * sizeof sum, &sum, sizeof sum);
    }
  }

  void RunEach(std::span<const std::span<std::byte>> items, AnswerWriter& answers) override {
    for (const auto& item : items) {
      const int64_t sum = CheckSum(item, cost_);
      std::memcpy(answers.Next(sizeof sum).data(), &sum, sizeof sum);
    }
  }

 private:
  int64_t cost_;
  int64_t values_;
  double vary_;
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
