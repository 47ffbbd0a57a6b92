#include "harness/core/measurement_json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/core/system_use_json.h"
#include "tests/support/full_trial.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

/// Over the wire, as the parent sees it.
Json Travel(const Json& json) {
  return Json::parse(json.dump());
}

TEST(WorkerMeasurementJson, IsReadBackEqual) {
  const WorkerMeasurement sent = example::WorkerWithEveryField(3);
  EXPECT_EQ(WorkerMeasurementFromJson(Travel(ToJson(sent))), sent);
}

TEST(WorkerMeasurementJson, KeepsWhatWasNotCountedUncounted) {
  const WorkerMeasurement got = WorkerMeasurementFromJson(Travel(ToJson(WorkerMeasurement{})));
  EXPECT_EQ(got, WorkerMeasurement{});
  EXPECT_EQ(got.use.migrations, std::nullopt);
  EXPECT_EQ(got.pss_bytes, std::nullopt);
}

TEST(WorkerMeasurementJson, RefusesWhatNoWorkerSends) {
  EXPECT_THROW(WorkerMeasurementFromJson(Json::object()), Error);
  EXPECT_THROW(WorkerMeasurementFromJson(Json(7)), Error);
}

TEST(RuntimeFactsJson, IsReadBackEqual) {
  const RuntimeFacts sent = example::FullRuntime(2);
  EXPECT_EQ(RuntimeFactsFromJson(Travel(ToJson(sent))), sent);
  EXPECT_EQ(RuntimeFactsFromJson(Travel(ToJson(RuntimeFacts{}))), RuntimeFacts{});
}

TEST(OrderingCountsJson, IsReadBackEqual) {
  const OrderingCounts sent{1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(OrderingCountsFromJson(Travel(ToJson(sent))), sent);
}

TEST(OutputCheckJson, IsReadBackEqualAlsoWhenInfinite) {
  for (const double diff : {0.25, 0.0, HUGE_VAL}) {
    const OutputCheck sent{1, 2, 3, diff};
    EXPECT_EQ(OutputCheckFromJson(Travel(ToJson(sent))), sent);
  }
}

TEST(SystemUseJson, IsReadBackEqual) {
  SystemUse sent;
  sent.interval_ns = 1;
  sent.throttle = ThrottleDelta{2, 3, 4};
  sent.pressure = PressureDelta{"/proc/pressure/cpu", 5, 6, std::nullopt};
  sent.steal_ns = 7;
  sent.busy_ns = 8;
  sent.cpus = 9;
  EXPECT_EQ(SystemUseFromJson(Travel(ToJson(sent))), sent);
  EXPECT_EQ(SystemUseFromJson(Travel(ToJson(SystemUse{}))), SystemUse{});
}

}  // namespace
}  // namespace coresweep
