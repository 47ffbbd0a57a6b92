#include "reports/picture_marks.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/text.h"

namespace coresweep {
namespace {

/// All workers on all allowed CPUs: numbers of workers would say nothing.
bool AllShareAll(const CpuSet& usable, const Placement& placement) {
  return placement.workers.size() > 1 &&
         std::all_of(placement.workers.begin(), placement.workers.end(),
                     [&](const WorkerPlace& worker) { return worker.cpus == usable; });
}

CpuSet Missing(const CpuSet& cpus, const std::map<int, PictureMark>& marks) {
  CpuSet missing;
  for (const int cpu : cpus.ToVector()) {
    if (!marks.contains(cpu)) missing.Add(cpu);
  }
  return missing;
}

bool AnyEndsIn(const std::map<int, PictureMark>& marks, char last) {
  return std::any_of(marks.begin(), marks.end(), [last](const auto& entry) {
    return entry.second.use == PictureMark::Use::kTaken &&
           entry.second.text.find(last) != std::string::npos;
  });
}

}  // namespace

PictureMarks::PictureMarks(const Topology& whole, const CpuSet& allowed,
                           const Placement* placement) {
  for (const Pu& pu : whole.pus)
    marks_[pu.os_index] = {};
  const CpuSet usable = whole.Cpus().Intersect(allowed);
  const bool shared = placement != nullptr && AllShareAll(usable, *placement);
  numbered_ = placement == nullptr || shared;
  MarkOsIndexes(allowed);
  if (shared) {
    sentences_.push_back(fmt::format("each of the {} workers may use all {} allowed CPUs",
                                     placement->workers.size(), usable.Count()));
  }
  if (placement != nullptr) MarkPlacement(allowed, *placement, shared);
  for (const auto& [cpu, mark] : marks_)
    width_ = std::max(width_, DisplayWidth(mark.text));
}

void PictureMarks::MarkOsIndexes(const CpuSet& allowed) {
  for (auto& [cpu, mark] : marks_) {
    if (!allowed.Contains(cpu)) {
      mark = {"·", PictureMark::Use::kForbidden};
    } else {
      mark = {numbered_ ? fmt::format("{}", cpu) : "-", PictureMark::Use::kFree};
    }
  }
}

void PictureMarks::MarkPlacement(const CpuSet& allowed, const Placement& placement, bool shared) {
  std::map<int, int> workers_on;
  for (size_t index = 0; index < placement.workers.size() && !shared; ++index) {
    const CpuSet& cpus = placement.workers[index].cpus;
    if (const CpuSet missing = Missing(cpus, marks_); !missing.Empty()) {
      sentences_.push_back(
          fmt::format("worker {} is on CPUs {}, which are not online", index, missing.ToList()));
    }
    for (const int cpu : cpus.ToVector()) {
      if (!marks_.contains(cpu) || ++workers_on[cpu] > 1) continue;
      marks_[cpu] = {fmt::format("w{}", index), PictureMark::Use::kTaken, static_cast<int>(index)};
    }
  }
  for (auto& [cpu, mark] : marks_) {
    if (workers_on[cpu] > 1) mark.text += '+';
    if (placement.dispatcher.Contains(cpu)) {
      mark.text = workers_on[cpu] > 0 ? mark.text + "D" : "D";
      mark.dispatcher = true;
      mark.use = PictureMark::Use::kTaken;
    }
    if (mark.use == PictureMark::Use::kTaken && !allowed.Contains(cpu)) mark.text += '!';
  }
}

std::vector<std::string> PictureMarks::Legend() const {
  const auto any = [&](const auto& test) {
    return std::any_of(marks_.begin(), marks_.end(),
                       [&](const auto& entry) { return test(entry.second); });
  };
  const auto is = [](PictureMark::Use use) {
    return [use](const PictureMark& mark) { return mark.use == use; };
  };
  std::vector<std::string> legend;
  if (any([](const PictureMark& mark) { return mark.worker >= 0; }))
    legend.emplace_back("w0 worker 0");
  if (AnyEndsIn(marks_, '+')) legend.emplace_back("+ further workers too");
  if (AnyEndsIn(marks_, 'D')) legend.emplace_back("D dispatcher");
  if (AnyEndsIn(marks_, '!')) legend.emplace_back("! forbidden: will be refused");
  if (any(is(PictureMark::Use::kFree))) legend.emplace_back(numbered_ ? "0 CPU 0" : "- free");
  if (any(is(PictureMark::Use::kForbidden))) legend.emplace_back("· forbidden");
  return legend;
}

}  // namespace coresweep
