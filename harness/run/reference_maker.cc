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
#include "harness/core/chunk_sequence.h"

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
    CheckMemory();
    MakeItems();
    const size_t digests = setup_.chunks.size() * count_ * sizeof(uint64_t);
    reference_ = SharedRegion::Create("coresweep.reference",
                                      std::max<size_t>(1, digests + count_ * info_.answer.bytes));
    answers_ = reference_.bytes().subspan(digests, count_ * info_.answer.bytes);
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
  void CheckMemory() const {
    const size_t bytes = count_ * (info_.item.bytes + info_.answer.bytes);
    if (setup_.memory_limit_bytes == 0 || bytes <= setup_.memory_limit_bytes / 2) return;
    throw UsageError(fmt::format(
        "{} items of {} bytes and answers of {} bytes do not fit into half of the {} MiB of "
        "memory; "
        "use fewer (--items)",
        info_.items, info_.item.bytes, info_.answer.bytes, setup_.memory_limit_bytes >> 20));
  }

  void MakeItems() {
    const size_t bytes = info_.item.bytes;
    items_ = SharedRegion::Create("coresweep.items", std::max<size_t>(1, count_ * bytes));
    std::set<uint64_t> distinct;
    for (int64_t i = 0; i < info_.items; ++i) {
      const auto item = items_.bytes().subspan(static_cast<size_t>(i) * bytes, bytes);
      instance_.workload().MakeItem(i, item);
      distinct.insert(Digest(item));
    }
    distinct_items_ = static_cast<int64_t>(distinct.size());
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
    for (int64_t k = 0; k < chunks.chunks_per_pass(); ++k) {
      const ItemRange range = chunks.Range(static_cast<uint64_t>(k));
      const int64_t begin_ns = NowNs();
      const auto answers = Compute(range);
      times_ns.push_back(NowNs() - begin_ns);
      for (int64_t i = 0; i < range.count; ++i) {
        const auto answer = AnswerAt(answers, i);
        const int64_t item = range.first + i;
        Digests(index)[static_cast<size_t>(item)] = Digest(answer);
        const auto kept = AnswerAt(answers_, item);
        if (first) {
          std::copy(answer.begin(), answer.end(), kept.begin());
        } else {
          max_abs_diff = std::max(max_abs_diff, MaxAbsDiff(info_.answer, answer, kept));
          close = close && AllClose(info_.answer, answer, kept, info_.tolerance);
        }
      }
      progress_.Add(range.count);
    }
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
    const auto second = Compute(range);
    for (int64_t i = 0; i < range.count; ++i) {
      if (AllClose(info_.answer, AnswerAt(second, i), AnswerAt(before, i), info_.tolerance))
        continue;
      throw UsageError(
          "the model gives different answers to the same input, so no answer can be checked: make "
          "it deterministic (model.eval() before saving, no dropout or random numbers)");
    }
  }

  std::span<std::byte> Compute(ItemRange range) {
    const auto source = items_.bytes().subspan(static_cast<size_t>(range.first) * info_.item.bytes,
                                               static_cast<size_t>(range.count) * info_.item.bytes);
    scratch_items_.assign(source.begin(), source.end());
    scratch_answers_.resize(static_cast<size_t>(range.count) * info_.answer.bytes);
    instance_.workload().Run(range.count, scratch_items_, scratch_answers_);
    progress_.Add(0);  // a sign of life also while nothing is finished
    scribbles_ = scribbles_ || !std::equal(source.begin(), source.end(), scratch_items_.begin());
    return scratch_answers_;
  }

  [[nodiscard]] std::span<std::byte> AnswerAt(std::span<std::byte> answers, int64_t i) const {
    return answers.subspan(static_cast<size_t>(i) * info_.answer.bytes, info_.answer.bytes);
  }
  [[nodiscard]] std::span<const std::byte> AnswerAt(const std::vector<std::byte>& answers,
                                                    int64_t i) const {
    return std::span(answers).subspan(static_cast<size_t>(i) * info_.answer.bytes,
                                      info_.answer.bytes);
  }

  [[nodiscard]] int64_t CountDistinctAnswers() const {
    std::set<uint64_t> distinct;
    for (int64_t i = 0; i < info_.items; ++i)
      distinct.insert(Digest(AnswerAt(answers_, i)));
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
