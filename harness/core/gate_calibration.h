// What every launch of a gate does, found once before its blocks: the same work for both arms.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/core/gate_session.h"
#include "harness/core/launch.h"

namespace coresweep {

/// How long a launch warms up and what it measures.
struct LaunchSettings {
  double window_s = 0;     ///< of fixed work: a tenth of the longest window
  double warmup_s = 0;     ///< of work before the window
  int64_t work_items = 0;  ///< items of the window; 0: what `window_s` gives
  bool operator==(const LaunchSettings&) const = default;
};

/// A launch before the blocks.
struct CalibrationLaunch {
  GateArm arm = GateArm::kBase;
  Launch launch;
  bool operator==(const CalibrationLaunch&) const = default;
};

struct GateCalibration {
  LaunchSettings asked;
  std::vector<CalibrationLaunch> launches;  ///< with `CalibratingSettings(asked)`
  LaunchSettings settings;                  ///< of every launch of the blocks
  std::string why_not;                      ///< why the work is not fixed; "": it is
  bool operator==(const GateCalibration&) const = default;
};

/// Launches of each arm.
constexpr int kCalibrationRounds = 3;

/// Windows four times as long, ended by time: long enough to see a warm-up that outlasts `asked`.
LaunchSettings CalibratingSettings(const LaunchSettings& asked);

/// What the configuration says of the work.
struct CalibrationBounds {
  int64_t least_items = 1;    ///< such as four chunks of each worker
  int64_t pass_items = 0;     ///< all different items once; 0: not known
  bool fixed_warmup = false;  ///< the user gave the warm-up
};

/// Work: as many items as the faster arm (median of its launches) computes in `asked.window_s`, at
/// least `least_items`, and from one pass on whole passes, so that both arms compute the same items
/// wherever in the pass the window begins. Warm-up: what `asked` says, or the time until the slower
/// to warm up of the arms has a steady rate (MSER over the median of its curves, see
/// `WarmUpBins`), if the rate until then is off by more than 2 %, at most 30 % of a calibrating
/// launch. With a launch that failed, or without one of each arm: `asked`, and why.
GateCalibration Calibrate(const LaunchSettings& asked, std::vector<CalibrationLaunch> launches,
                          const CalibrationBounds& bounds);

/// "each launch: 24,576 items after 0.10 s of warm-up, the same for both arms; from 6 launches".
std::string DescribeCalibration(const GateCalibration& calibration);

nlohmann::ordered_json ToJson(const GateCalibration& calibration);
/// Throws `Error` naming the field that is missing or of another type.
GateCalibration GateCalibrationFromJson(const nlohmann::json& json);

}  // namespace coresweep
