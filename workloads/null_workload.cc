#include "workloads/null_workload.h"

#include <algorithm>
#include <cstring>

#include "workloads/item_maker.h"

namespace coresweep {
namespace {

constexpr int64_t kDefaultItems = 4096;

class NullWorkload final : public Workload {
 public:
  explicit NullWorkload(const WorkloadSpec& spec)
      : item_bytes_(WholeOption(kNullOptions, spec.options, "item_bytes")),
        answer_bytes_(WholeOption(kNullOptions, spec.options, "answer_bytes")),
        items_(ItemCount(spec, kDefaultItems)),
        seed_(spec.seed),
        digest_(OptionsDigest("null", kNullOptions, spec.options)) {}

  [[nodiscard]] WorkloadInfo Info() const override {
    WorkloadInfo info;
    info.item = ItemLayout({{DType::kUInt8, {item_bytes_}}});
    info.answer = ItemLayout({{DType::kUInt8, {answer_bytes_}}});
    info.items = items_;
    info.digest = digest_;
    return info;
  }

  void MakeItem(int64_t index, std::span<std::byte> item) const override {
    FillItem(ItemLayout({{DType::kUInt8, {item_bytes_}}}), {0, 256}, seed_, index, item);
    std::memcpy(item.data(), &index, sizeof index);
  }

  void Run(int64_t count, std::span<std::byte> items, std::span<std::byte> answers) override {
    const auto item_size = static_cast<size_t>(item_bytes_);
    const auto answer_size = static_cast<size_t>(answer_bytes_);
    const size_t copied = std::min(item_size, answer_size);
    for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
      std::byte* answer = answers.data() + i * answer_size;
      std::memcpy(answer, items.data() + i * item_size, copied);
      std::memset(answer + copied, 0, answer_size - copied);
    }
  }

 private:
  int64_t item_bytes_;
  int64_t answer_bytes_;
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
