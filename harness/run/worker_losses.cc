#include "harness/run/worker_losses.h"

#include <fmt/format.h>

#include <utility>

#include "harness/base/clock.h"

namespace coresweep {

std::optional<std::string> WorkerLosses::Note(Death death) {
  int& failed_starts = failed_starts_[death.worker];
  failed_starts = death.was_ready ? 0 : failed_starts + 1;
  if (failed_starts >= kMostAlike) return "before it was ready, as others in its place";
  if (!death.chunks.empty() && ++deaths_over_[death.chunks.front()] >= kMostAlike)
    return fmt::format("over chunk {}, as others before", death.chunks.front());
  replacements_.push_back(
      {static_cast<int>(death.worker), 0, NowNs(), std::move(death.how), std::move(death.chunks)});
  return std::nullopt;
}

}  // namespace coresweep
