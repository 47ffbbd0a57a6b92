// What the picture of a machine shows for each PU.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/core/placement.h"
#include "harness/core/topology.h"

namespace coresweep {

/// One PU in the picture.
struct PictureMark {
  enum class Use { kForbidden, kFree, kTaken };
  std::string text;  ///< "17", "w3", "w0+", "D", "-", "·"
  Use use = Use::kTaken;
  int worker = -1;  ///< the first one on it
  bool dispatcher = false;
};

/// Marks of all PUs of a machine.
class PictureMarks {
 public:
  /// As `DrawMachine`; `placement` may be null.
  PictureMarks(const Topology& whole, const CpuSet& allowed, const Placement* placement);

  [[nodiscard]] const PictureMark& Of(int cpu) const { return marks_.at(cpu); }
  /// Whether allowed PUs without a worker show their OS index.
  [[nodiscard]] bool ShowsNumbers() const { return numbered_; }
  /// Columns of the widest mark.
  [[nodiscard]] size_t Width() const { return width_; }
  /// Said in place of marks: who may use all allowed CPUs, who sits on CPUs that are not there.
  [[nodiscard]] const std::vector<std::string>& Sentences() const { return sentences_; }
  /// What the marks in use mean, "w0 worker 0".
  [[nodiscard]] std::vector<std::string> Legend() const;

 private:
  void MarkOsIndexes(const CpuSet& allowed);
  void MarkPlacement(const CpuSet& allowed, const Placement& placement, bool shared);

  std::map<int, PictureMark> marks_;
  size_t width_ = 1;
  bool numbered_ = true;  ///< free PUs show their OS index
  std::vector<std::string> sentences_;
};

}  // namespace coresweep
