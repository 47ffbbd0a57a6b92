#include "harness/run/held_chunks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace coresweep {

std::optional<HeldChunk> HeldChunks::Take(uint64_t sequence) {
  const auto found = std::find_if(held_.begin(), held_.end(),
                                  [&](const HeldChunk& held) { return held.sequence == sequence; });
  if (found == held_.end()) return std::nullopt;
  const HeldChunk taken = *found;
  for (auto it = held_.begin(); it != found; ++it)
    ++it->overtaken;
  held_.erase(found);
  return taken;
}

std::vector<uint64_t> HeldChunks::TakeOvertaken(int credit) {
  std::vector<uint64_t> lost;
  for (; !held_.empty() && held_.front().overtaken >= credit; held_.pop_front())
    lost.push_back(held_.front().sequence);
  return lost;
}

std::vector<uint64_t> HeldChunks::TakeAll() {
  std::vector<uint64_t> all;
  all.reserve(held_.size());
  for (const HeldChunk& held : held_)
    all.push_back(held.sequence);
  held_.clear();
  return all;
}

std::string HeldChunks::Describe() const {
  std::vector<uint64_t> all;
  all.reserve(held_.size());
  for (const HeldChunk& held : held_)
    all.push_back(held.sequence);
  return DescribeHeld(all);
}

std::string DescribeHeld(const std::vector<uint64_t>& chunks) {
  if (chunks.empty()) return "while it held no chunk";
  return fmt::format("while it held {} {}", chunks.size() == 1 ? "chunk" : "chunks",
                     fmt::join(chunks, ", "));
}

}  // namespace coresweep
