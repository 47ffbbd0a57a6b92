#include "harness/run/reference_maker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "harness/base/clock.h"
#include "harness/base/digest.h"
#include "harness/base/error.h"
#include "harness/base/shared_region.h"
#include "harness/core/chunk_runner.h"
#include "harness/core/chunk_sequence.h"
#include "harness/core/framing.h"
#include "harness/core/item_index.h"
#include "harness/core/measurement_json.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

/// The profiling executor of TorchScript may answer its first two runs by other kernels.
constexpr int kSettlingRuns = 2;

/// Tells the parent how far the work is, at most every half second.
class Progress {
 public:
  Progress(const ControlEnd& control, int64_t total) : control_(control), total_(total) {}
  void Add(int64_t items) {
    done_ += items;
    if (NowNs() < next_ns_) return;
    next_ns_ = NowNs() + kNsPerS / 2;
    control_.Send(Json{{"kind", "progress"}, {"done", done_}, {"total", total_}}.dump());
  }

 private:
  const ControlEnd& control_;
  int64_t total_;
  int64_t done_ = 0;
  int64_t next_ns_ = 0;
};

class ReferenceMaker {
 public:
  ReferenceMaker(const WorkerSetup& setup, Instance& instance, const ControlEnd& control)
      : setup_(setup),
        instance_(instance),
        info_(instance.info()),
        count_(static_cast<size_t>(info_.items)),
        control_(control),
        progress_(control, info_.items * static_cast<int64_t>(setup.chunks.size())) {}

  void Make() {
    const size_t item_bytes = AllItemBytes();
    CheckMemory(item_bytes);
    MakeItems(item_bytes);
    const size_t digests = setup_.chunks.size() * count_ * sizeof(uint64_t);
    const size_t answers = MostPackedBytes(info_.answer, info_.items);
    reference_ =
        SharedRegion::Create("coresweep.reference", std::max<size_t>(1, digests + answers));
    answers_ = reference_.bytes().subspan(digests, answers);
    Json chunks = Json::array();
    for (size_t i = 0; i < setup_.chunks.size(); ++i)
      chunks.push_back(MakeChunkSize(i));
    instance_.ReadBack();
    control_.Send(Json{{"kind", "reference"},
                       {"info", ToJson(info_)},
                       {"chunks", chunks},
                       {"answers_offset", digests},
                       {"scribbles", scribbles_},
                       {"distinct_items", distinct_items_},
                       {"distinct_answers", CountDistinctAnswers()},
                       {"runtime", ToJson(instance_.measurement().runtime)}}
                      .dump(),
                  {items_.fd(), reference_.fd()});
  }

 private:
  /// Memory that all items take.
  [[nodiscard]] size_t AllItemBytes() const {
    if (!info_.item.Varies()) return count_ * info_.item.bytes;
    size_t bytes = 0;
    for (int64_t i = 0; i < info_.items; ++i)
      bytes += PackedBytes(instance_.workload(), info_, i);
    return bytes;
  }

  void CheckMemory(size_t item_bytes) const {
    const size_t bytes = item_bytes + MostPackedBytes(info_.answer, info_.items);
    if (setup_.memory_limit_bytes == 0 || bytes <= setup_.memory_limit_bytes / 2) return;
    throw UsageError(fmt::format(
        "{} items of {}{} bytes and answers of {}{} bytes do not fit into half of the {} MiB of "
        "memory; "
        "use fewer (--items)",
        info_.items, info_.item.Varies() ? "up to " : "", info_.item.bytes,
        info_.answer.Varies() ? "up to " : "", info_.answer.bytes,
        setup_.memory_limit_bytes >> 20));
  }

  void MakeItems(size_t all_bytes) {
    items_ = SharedRegion::Create("coresweep.items", std::max<size_t>(1, all_bytes));
    std::set<uint64_t> distinct;
    auto left = items_.bytes();
    for (int64_t i = 0; i < info_.items; ++i) {
      distinct.insert(Digest(PackItem(instance_.workload(), info_, i, left)));
      left = left.subspan(PackedBytes(instance_.workload(), info_, i));
    }
    distinct_items_ = static_cast<int64_t>(distinct.size());
    item_offsets_ = FrameOffsets(info_.item, items_.bytes(), info_.items);
  }

  std::span<uint64_t> Digests(size_t chunk_index) const {
    auto* digests = reinterpret_cast<uint64_t*>(reference_.data());
    return {digests + chunk_index * count_, count_};
  }

  /// Serial answers at chunk size number `index`; what the model refuses is told, not thrown, for
  /// other sizes may work.
  Json MakeChunkSize(size_t index) {
    const int64_t chunk = setup_.chunks[index];
    Json json{{"chunk", chunk}, {"digests_offset", index * count_ * sizeof(uint64_t)}};
    if (chunk > info_.items) {
      json["error"] = fmt::format("a chunk of {} is more than the {} items", chunk, info_.items);
      return json;
    }
    try {
      ComputeAll(index, ChunkSequence(info_.items, chunk), json);
    } catch (const Error& error) {
      json["error"] = error.what();
    }
    return json;
  }

  void ComputeAll(size_t index, const ChunkSequence& chunks, Json& json) {
    Settle(chunks);
    std::vector<int64_t> times_ns;
    double max_abs_diff = 0;
    bool close = true;
    const bool first = !have_answers_;
    auto left = answers_;  // of the first chunk size
    for (int64_t k = 0; k < chunks.chunks_per_pass(); ++k) {
      const ItemRange range = chunks.Range(static_cast<uint64_t>(k));
      const int64_t begin_ns = NowNs();
      const auto packed = Compute(range);
      times_ns.push_back(NowNs() - begin_ns);
      if (first) {
        std::copy(packed.begin(), packed.end(), left.begin());
        left = left.subspan(packed.size());
      }
      const auto answers = ViewsOf(packed, range.count);
      for (int64_t i = 0; i < range.count; ++i) {
        const auto answer = answers[static_cast<size_t>(i)];
        const int64_t item = range.first + i;
        Digests(index)[static_cast<size_t>(item)] = Digest(answer);
        if (first) continue;
        const auto kept = Kept(item);
        max_abs_diff = std::max(max_abs_diff, MaxAbsDiff(info_.answer, answer, kept));
        close = close && AllClose(info_.answer, answer, kept, info_.tolerance);
      }
      progress_.Add(range.count);
    }
    if (first) answer_offsets_ = FrameOffsets(info_.answer, answers_, info_.items);
    have_answers_ = true;
    std::nth_element(times_ns.begin(), times_ns.begin() + static_cast<long>(times_ns.size() / 2),
                     times_ns.end());
    json["chunk_ns"] = times_ns[times_ns.size() / 2];
    json["differs"] = !close;
    json["max_abs_diff"] = std::isfinite(max_abs_diff) ? Json(max_abs_diff) : Json(nullptr);
  }

  /// Warms the shape up, finds out whether the model writes on its input, and refuses a model that
  /// answers the same input differently.
  void Settle(const ChunkSequence& chunks) {
    const ItemRange range = chunks.Range(0);
    for (int run = 0; run < kSettlingRuns; ++run)
      (void)Compute(range);
    const auto first = Compute(range);
    const std::vector<std::byte> before(first.begin(), first.end());
    const auto wanted = ViewsOf(before, range.count);
    const auto second = ViewsOf(Compute(range), range.count);
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (AllClose(info_.answer, second[i], wanted[i], info_.tolerance)) continue;
      throw UsageError(
          "the model gives different answers to the same input, so no answer can be checked: make "
          "it deterministic (model.eval() before saving, no dropout or random numbers)");
    }
  }

  /// The answers to items `range`, packed.
  std::span<const std::byte> Compute(ItemRange range) {
    const auto source = ItemIndex(info_.item, item_offsets_).Chunk(items_.bytes(), range);
    scratch_items_.assign(source.begin(), source.end());
    scratch_answers_.resize(MostPackedBytes(info_.answer, range.count));
    const size_t bytes = instance_.Run(range, scratch_items_, scratch_answers_);
    progress_.Add(0);  // a sign of life also while nothing is finished
    scribbles_ = scribbles_ || !std::equal(source.begin(), source.end(), scratch_items_.begin());
    return std::span(scratch_answers_).first(bytes);
  }

  [[nodiscard]] std::vector<std::span<const std::byte>> ViewsOf(std::span<const std::byte> packed,
                                                                int64_t count) const {
    std::vector<std::span<const std::byte>> views;
    (void)Split(info_.answer, packed, count, views);  // packed here
    return views;
  }

  /// The answer to `item` at the first chunk size.
  [[nodiscard]] std::span<const std::byte> Kept(int64_t item) const {
    return ItemIndex(info_.answer, answer_offsets_).Item(answers_, item);
  }

  [[nodiscard]] int64_t CountDistinctAnswers() const {
    std::set<uint64_t> distinct;
    for (int64_t i = 0; i < info_.items; ++i)
      distinct.insert(Digest(Kept(i)));
    return static_cast<int64_t>(distinct.size());
  }

  const WorkerSetup& setup_;
  Instance& instance_;
  WorkloadInfo info_;
  size_t count_;
  const ControlEnd& control_;
  Progress progress_;
  SharedRegion items_;
  SharedRegion reference_;
  std::span<std::byte> answers_;
  std::vector<size_t> item_offsets_;
  std::vector<size_t> answer_offsets_;
  bool have_answers_ = false;
  bool scribbles_ = false;
  int64_t distinct_items_ = 0;
  std::vector<std::byte> scratch_items_;
  std::vector<std::byte> scratch_answers_;
};

}  // namespace

void MakeReference(const WorkerSetup& setup, const WorkloadRuntime& runtime,
                   const ControlEnd& control) {
  Instance instance(setup, 0, runtime, {});
  ReferenceMaker(setup, instance, control).Make();
}

}  // namespace coresweep
