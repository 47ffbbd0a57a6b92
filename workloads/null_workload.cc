#include "workloads/null_workload.h"

#include <algorithm>
#include <cstring>

#include "workloads/item_maker.h"
#include "workloads/varied_size.h"

namespace coresweep {
namespace {

constexpr int64_t kDefaultItems = 4096;

constexpr int64_t kNumberBytes = sizeof(int64_t);

/// Of what does not vary the digest is that of the sizes alone: equal workloads, equal digests.
std::string DigestOf(const WorkloadSpec& spec, bool varies) {
  const auto rules = std::span<const OptionRule>(kNullOptions);
  return OptionsDigest("null", varies ? rules : rules.first(2), spec.options);
}

/// Items or answers.
struct Sizes {
  int64_t most;
  double vary;

  [[nodiscard]] bool Varies() const { return vary > 0; }
  [[nodiscard]] ItemLayout Layout() const {
    return ItemLayout({{DType::kUInt8, {most}}}, Varies() ? Sizing::kVariable : Sizing::kFixed);
  }
  [[nodiscard]] size_t Of(uint64_t random) const {
    return static_cast<size_t>(VariedSize(most, vary, kNumberBytes, random));
  }
};

void Answer(std::span<const std::byte> item, std::span<std::byte> answer) {
  const size_t copied = std::min(item.size(), answer.size());
  std::memcpy(answer.data(), item.data(), copied);
  std::memset(answer.data() + copied, 0, answer.size() - copied);
}

class NullWorkload final : public Workload {
 public:
  explicit NullWorkload(const WorkloadSpec& spec)
      : item_{WholeOption(kNullOptions, spec.options, "item_bytes"),
              NumberOption(kNullOptions, spec.options, "vary")},
        answer_{WholeOption(kNullOptions, spec.options, "answer_bytes"),
                NumberOption(kNullOptions, spec.options, "vary_answers")},
        items_(ItemCount(spec, kDefaultItems)),
        seed_(spec.seed),
        digest_(DigestOf(spec, item_.Varies() || answer_.Varies())) {}

  [[nodiscard]] WorkloadInfo Info() const override {
    WorkloadInfo info;
    info.item = item_.Layout();
    info.answer = answer_.Layout();
    info.items = items_;
    info.digest = digest_;
    return info;
  }

  [[nodiscard]] size_t ItemBytes(int64_t index) const override {
    return item_.Of(RandomBits(seed_, static_cast<uint64_t>(index), kItemSizeElement));
  }

  void MakeItem(int64_t index, std::span<std::byte> item) const override {
    const auto bytes = static_cast<int64_t>(item.size());
    FillItem(ItemLayout({{DType::kUInt8, {bytes}}}), {0, 256}, seed_, index, item);
    std::memcpy(item.data(), &index, sizeof index);
  }

  void Run(int64_t count, std::span<std::byte> items, std::span<std::byte> answers) override {
    const auto item_size = static_cast<size_t>(item_.most);
    const auto answer_size = static_cast<size_t>(answer_.most);
    for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
      Answer({items.data() + i * item_size, item_size},
             {answers.data() + i * answer_size, answer_size});
    }
  }

  void RunEach(std::span<const std::span<std::byte>> items, AnswerWriter& answers) override {
    for (const auto& item : items) {
      uint64_t number = 0;
      std::memcpy(&number, item.data(), sizeof number);
      Answer(item, answers.Next(answer_.Of(RandomBits(seed_, number, kAnswerSizeElement))));
    }
  }

 private:
  Sizes item_;
  Sizes answer_;
  int64_t items_;
  uint64_t seed_;
  std::string digest_;
};

}  // namespace

std::unique_ptr<Workload> MakeNullWorkload(const WorkloadSpec& spec,
                                           const WorkloadContext& /*context*/) {
  return std::make_unique<NullWorkload>(spec);
}

}  // namespace coresweep
