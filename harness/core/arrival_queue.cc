#include "harness/core/arrival_queue.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "harness/core/statistics.h"

namespace coresweep {
namespace {

constexpr size_t kLatenessKept = 4096;  // enough for a p99

}  // namespace

ArrivalQueue::ArrivalQueue(const ArrivalSpec& spec, int64_t origin_ns, Window window)
    : rate_per_s_(spec.rate_per_s),
      window_(window),
      arrived_(spec, origin_ns),
      front_(spec, origin_ns),
      late_(kLatenessKept),
      held_up_until_ns_(std::numeric_limits<int64_t>::min()) {}

void ArrivalQueue::Advance(int64_t now_ns) noexcept {
  for (; arrived_.due_ns() <= now_ns && arrived_.due_ns() < window_.end_ns; arrived_.Next()) {
    if (InWindow(arrived_.due_ns())) ++due_;
  }
  // Between two looks requests only come, so the queue was never longer than it is now. After the
  // end of the window nothing comes and it only gets shorter.
  if (now_ns >= window_.begin_ns) most_ = std::max(most_, depth());
}

std::optional<int64_t> ArrivalQueue::NextDueNs() const {
  if (arrived_.due_ns() >= window_.end_ns) return std::nullopt;
  return arrived_.due_ns();
}

int64_t ArrivalQueue::WaitInWindow(int64_t due_ns, int64_t until_ns) const {
  const int64_t wait_ns = std::min(until_ns, window_.end_ns) - std::max(due_ns, window_.begin_ns);
  return std::max<int64_t>(0, wait_ns);
}

void ArrivalQueue::Issue(int64_t issued_ns) noexcept {
  const int64_t due_ns = front_.due_ns();
  waited_ns_ += WaitInWindow(due_ns, issued_ns);
  if (refused_) held_up_until_ns_ = issued_ns;
  refused_ = false;
  if (InWindow(due_ns) && due_ns > held_up_until_ns_) {
    ChunkSample late;
    late.due_ns = due_ns;
    late.issued_ns = issued_ns;
    late_.Add(late);
  }
  front_.Next();
}

void ArrivalQueue::Computed(int64_t computed_ns) noexcept {
  if (InWindow(computed_ns)) ++computed_;
}

OpenLoadUse ArrivalQueue::Use() const {
  OpenLoadUse use;
  use.rate_asked_per_s = rate_per_s_;
  use.due = due_;
  use.computed = computed_;
  int64_t waited_ns = waited_ns_;
  for (ArrivalSchedule left = front_; left.index() < arrived_.index(); left.Next()) {
    waited_ns += WaitInWindow(left.due_ns(), window_.end_ns);
    if (InWindow(left.due_ns())) ++use.left;
  }
  use.queue_mean = static_cast<double>(waited_ns) / static_cast<double>(window_.LengthNs());
  use.queue_most = most_;
  std::vector<double> late_us;
  for (const ChunkSample& late : late_.samples())
    late_us.push_back(static_cast<double>(late.issued_ns - late.due_ns) / 1e3);
  std::sort(late_us.begin(), late_us.end());
  use.unhindered = static_cast<int64_t>(late_.added());
  use.issue_late_p50_us = Percentile(late_us, 0.5);
  use.issue_late_p99_us = Percentile(late_us, 0.99);
  return use;
}

}  // namespace coresweep
