// Workers that died in a trial and were replaced.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/measurement.h"

namespace coresweep {

/// Not thread-safe.
class WorkerLosses {
 public:
  /// So many deaths over one chunk, or in one place before anything was computed there, end it.
  static constexpr int kMostAlike = 3;

  /// A worker that ended.
  struct Death {
    size_t worker = 0;
    std::string how;
    bool was_ready = true;         ///< false: a new one, still on its way
    std::vector<uint64_t> chunks;  ///< that it held and that will be sent again, oldest first
  };

  /// Notes a death that is to be made good. It was over the first of the chunks: others waited
  /// behind it. Returns why it is not to be made good, as "… ended {reason}", when it is the
  /// `kMostAlike`th of its kind; it is then not noted as replaced.
  [[nodiscard]] std::optional<std::string> Note(Death death);
  /// The process that took the place of the one noted last.
  void SetSuccessor(int pid) { replacements_.back().pid = pid; }

  /// In the order of the deaths.
  [[nodiscard]] const std::vector<Replacement>& replacements() const { return replacements_; }

 private:
  std::map<uint64_t, int> deaths_over_;  ///< by chunk
  std::map<size_t, int> failed_starts_;  ///< by worker, one after the other
  std::vector<Replacement> replacements_;
};

}  // namespace coresweep
