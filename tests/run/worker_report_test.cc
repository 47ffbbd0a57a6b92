#include "harness/run/worker_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/core/system_use_json.h"
#include "tests/support/example_sweep.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

/// Over the wire, as the parent sees it.
Json Travel(const Json& json) {
  return Json::parse(json.dump());
}

TEST(WorkerMeasurementJson, IsReadBackEqual) {
  WorkerMeasurement sent = example::FullWorker(3);
  sent.cpus_requested = "1";
  sent.cpus_effective = "2";
  sent.cpus_after_warmup = "3";
  sent.threads_requested = 9;
  sent.runtime_at_end.intra_op_threads = 6;
  sent.at_end.masks = {{"0-1", 2, {"a", "b"}}, {"7", 1, {}}};
  sent.after_binding.memory_policy = "unknown: get_mempolicy: EPERM";
  sent.startup = {1, 2, 3, 4, 5};
  const WorkerMeasurement got = WorkerMeasurementFromJson(Travel(ToJson(sent)));
  EXPECT_EQ(got.index, sent.index);
  EXPECT_EQ(got.pid, sent.pid);
  EXPECT_EQ(got.cpus_requested, "1");
  EXPECT_EQ(got.cpus_effective, "2");
  EXPECT_EQ(got.cpus_after_warmup, "3");
  EXPECT_EQ(got.threads_requested, 9);
  EXPECT_EQ(got.runtime.library, sent.runtime.library);
  EXPECT_EQ(got.os_threads, sent.os_threads);
  EXPECT_EQ(got.startup.main_ns, 1);
  EXPECT_EQ(got.startup.library_ns, 2);
  EXPECT_EQ(got.startup.model_ns, 3);
  EXPECT_EQ(got.startup.first_inference_ns, 4);
  EXPECT_EQ(got.startup.ready_ns, 5);
  EXPECT_EQ(got.chunks, sent.chunks);
  EXPECT_EQ(got.items, sent.items);
  EXPECT_EQ(got.items_in_window, sent.items_in_window);
  EXPECT_EQ(got.runtime_at_end.intra_op_threads, 6);
  EXPECT_EQ(got.threads_requested_cpus, sent.threads_requested_cpus);
  EXPECT_EQ(got.memory_requested, sent.memory_requested);
  EXPECT_EQ(got.after_binding, sent.after_binding);
  EXPECT_EQ(got.after_warmup, sent.after_warmup);
  EXPECT_EQ(got.at_end, sent.at_end);
  EXPECT_EQ(got.use, sent.use);
  EXPECT_EQ(got.pss_bytes, sent.pss_bytes);
  EXPECT_EQ(got.max_rss_bytes, sent.max_rss_bytes);
}

TEST(WorkerMeasurementJson, KeepsWhatWasNotCountedUncounted) {
  const WorkerMeasurement got = WorkerMeasurementFromJson(Travel(ToJson(WorkerMeasurement{})));
  EXPECT_EQ(got.use, WorkerUse{});
  EXPECT_EQ(got.use.migrations, std::nullopt);
  EXPECT_EQ(got.pss_bytes, std::nullopt);
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
