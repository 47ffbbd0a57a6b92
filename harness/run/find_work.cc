#include "harness/run/find_work.h"

#include <fmt/format.h>

#include <utility>

#include "harness/base/child_process.h"

namespace coresweep {
namespace {

std::vector<CalibrationLaunch> RunCalibration(const GateTask& task, const WorkSearch& search) {
  std::vector<CalibrationLaunch> launches;
  for (int i = 0; i < 2 * kCalibrationRounds; ++i) {
    if (task.stop != nullptr && task.stop->Poll() != 0) break;
    if (task.deadline.Passed()) break;
    search.starts(i);
    const GateArm arm = i % 2 == 0 ? GateArm::kBase : GateArm::kCandidate;
    launches.push_back({arm, (arm == GateArm::kBase ? task.base : task.candidate).Run()});
    ReapStrays();
    if (!launches.back().launch.EndedWell()) break;
  }
  return launches;
}

/// Why not, or "".
std::string RefusalOf(const GateTask& task) {
  for (Arm* arm : {&task.base, &task.candidate}) {
    const Launch launch = arm->Run();
    ReapStrays();
    if (launch.EndedWell()) continue;
    return fmt::format("a program was asked for fixed work and ended {}: {}",
                       ToString(launch.outcome), launch.message);
  }
  return "";
}

}  // namespace

GateCalibration FindWork(const GateTask& task, const WorkSearch& search) {
  search.apply(CalibratingSettings(search.asked));
  GateCalibration calibration =
      Calibrate(search.asked, RunCalibration(task, search), search.bounds);
  search.apply(calibration.settings);
  if (!search.arms_may_refuse || !calibration.why_not.empty()) return calibration;
  calibration.why_not = RefusalOf(task);
  if (calibration.why_not.empty()) return calibration;
  calibration.settings.work_items = 0;
  search.apply(calibration.settings);
  return calibration;
}

}  // namespace coresweep
