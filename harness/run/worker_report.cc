#include "harness/run/worker_report.h"

#include <nlohmann/json.hpp>

#include "harness/core/measurement_json.h"
#include "harness/core/system_use_json.h"

namespace coresweep {

void AddReport(const nlohmann::json& report, std::optional<double> items_in_window,
               TrialMeasurement& measurement) {
  if (report.contains("system")) measurement.system = SystemUseFromJson(report.at("system"));
  for (const nlohmann::json& worker : report.at("workers")) {
    measurement.workers.push_back(WorkerMeasurementFromJson(worker));
    if (items_in_window) measurement.workers.back().items_in_window = *items_in_window;
  }
}

}  // namespace coresweep
