// What the dispatcher does under open load: requests when they are due.
#include "harness/base/clock.h"
#include "harness/run/dispatcher.h"

namespace coresweep {
namespace {

constexpr int64_t kWakeEarlyNs = 50 * kNsPerUs;  // about the wake-up of an idle virtual CPU

}  // namespace

void Dispatcher::IssueDue() {
  while (!resend_.empty() || queue_->Waiting()) {
    if (!IssueToLeastBusy()) {
      queue_->Refuse();
      return;
    }
    idle_since_ns_ = 0;
  }
}

bool Dispatcher::IssueToLeastBusy() {
  // To whoever holds least, or one request would wait behind another beside an idle worker.
  std::optional<size_t> least;
  for (size_t turn = 0; turn < peers_.size(); ++turn) {
    const size_t i = (next_peer_ + turn) % peers_.size();
    if (!peers_[i].ready || peers_[i].done || peers_[i].parting) continue;
    if (!least || peers_[i].held.size() < peers_[*least].held.size()) least = i;
  }
  next_peer_ = (next_peer_ + 1) % peers_.size();  // equals take turns
  if (!least) return false;
  if (IssueTo(*least)) return true;
  for (size_t i = 0; i < peers_.size(); ++i) {
    if (i != *least && IssueTo(i)) return true;
  }
  return false;
}

bool Dispatcher::IsDueSoon(int64_t now_ns) const {
  if (!queue_ || queue_->Waiting()) return false;
  const auto next_ns = queue_->NextDueNs();
  return next_ns && *next_ns - now_ns <= kWakeEarlyNs;
}

void Dispatcher::WakeForNextRequest() {
  std::optional<int64_t> wake_ns;
  if (!queue_->Waiting()) wake_ns = queue_->NextDueNs();
  if (wake_ns && task_.shape.spin_ns > 0) *wake_ns -= kWakeEarlyNs;  // the rest it spins
  watch_.WakeAt(wake_ns);
}

}  // namespace coresweep
