#include "harness/run/worker_setup.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/support/example_sweep.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

/// Over the wire, as a child sees it.
Json Travel(const Json& json) {
  return Json::parse(json.dump());
}

WorkloadInfo FullInfo() {
  WorkloadInfo info;
  info.item = ItemLayout({{DType::kInt64, {3, 4}}, {DType::kFloat32, {}}});
  info.answer = ItemLayout({{DType::kBFloat16, {7}}}, Sizing::kVariable);
  info.items = 77;
  info.tolerance = {1e-6, 0.1};
  info.digest = "0123456789abcdef";
  info.facts = {{"parameters", "12"}, {"kind", "\"quoted\" ü"}};
  return info;
}

WorkerSetup FullSetup() {
  WorkerSetup setup;
  setup.role = WorkerRole::kDrive;
  setup.parent_pid = 4711;
  setup.spawned_ns = 123'456'789'012'345;
  setup.startup_timeout_s = 0.1;
  setup.workload = {"torchscript", "m.pt", "i.pt", {{DType::kInt32, {5}}, {DType::kBool, {}}},
                    {{"a", "b"}},  33,     64,     18446744073709551615U};
  setup.index = 3;
  setup.stride = 4;
  setup.threads = 5;
  setup.places = {{"0-3,8", {"0", "1-3,8"}, {0, 73}}, {"9", {}, {}}};
  setup.system_sources = SystemSources{"a", "b", "c", "d", "e", CpuSet{0, 9}};
  setup.chunks = {8, 1};
  setup.transport = "unix";
  setup.shape = {1ULL << 40, 12, 6, 7, 50'000};
  setup.reference = {64, 1ULL << 33};
  setup.info = FullInfo();
  setup.scribbles = true;
  setup.fault = "delay:1:2";
  setup.memory_limit_bytes = 1ULL << 50;
  return setup;
}

void ExpectEqual(const WorkloadInfo& a, const WorkloadInfo& b) {
  EXPECT_EQ(a.item.tensors, b.item.tensors);
  EXPECT_EQ(a.item.offsets, b.item.offsets);
  EXPECT_EQ(a.item.bytes, b.item.bytes);
  EXPECT_EQ(a.item.sizing, b.item.sizing);
  EXPECT_EQ(a.answer.sizing, b.answer.sizing);
  EXPECT_EQ(a.answer.tensors, b.answer.tensors);
  EXPECT_EQ(a.items, b.items);
  EXPECT_EQ(a.tolerance.absolute, b.tolerance.absolute);
  EXPECT_EQ(a.tolerance.relative, b.tolerance.relative);
  EXPECT_EQ(a.digest, b.digest);
  EXPECT_EQ(a.facts, b.facts);
}

TEST(WorkerSetup, ArrivesAsItWasSent) {
  const WorkerSetup sent = FullSetup();
  const WorkerSetup got = WorkerSetupFromJson(Travel(ToJson(sent)));
  EXPECT_EQ(got.role, sent.role);
  EXPECT_EQ(got.parent_pid, sent.parent_pid);
  EXPECT_EQ(got.spawned_ns, sent.spawned_ns);
  EXPECT_EQ(got.startup_timeout_s, sent.startup_timeout_s);
  EXPECT_EQ(got.workload.name, sent.workload.name);
  EXPECT_EQ(got.workload.model, sent.workload.model);
  EXPECT_EQ(got.workload.inputs, sent.workload.inputs);
  EXPECT_EQ(got.workload.input_specs, sent.workload.input_specs);
  EXPECT_EQ(got.workload.options, sent.workload.options);
  EXPECT_EQ(got.workload.items, sent.workload.items);
  EXPECT_EQ(got.workload.least_items, sent.workload.least_items);
  EXPECT_EQ(got.workload.seed, sent.workload.seed);
  EXPECT_EQ(got.index, sent.index);
  EXPECT_EQ(got.stride, sent.stride);
  EXPECT_EQ(got.threads, sent.threads);
  EXPECT_EQ(got.places, sent.places);
  ASSERT_TRUE(got.system_sources);
  EXPECT_EQ(got.system_sources->cpu_stat_path, "a");
  EXPECT_EQ(got.system_sources->cpu_pressure_path, "b");
  EXPECT_EQ(got.system_sources->memory_pressure_path, "c");
  EXPECT_EQ(got.system_sources->io_pressure_path, "d");
  EXPECT_EQ(got.system_sources->proc_stat_path, "e");
  EXPECT_EQ(got.system_sources->cpus, (CpuSet{0, 9}));
  EXPECT_EQ(got.chunks, sent.chunks);
  EXPECT_EQ(got.transport, sent.transport);
  EXPECT_EQ(got.shape.request_bytes, sent.shape.request_bytes);
  EXPECT_EQ(got.shape.answer_bytes, sent.shape.answer_bytes);
  EXPECT_EQ(got.shape.credit, sent.shape.credit);
  EXPECT_EQ(got.shape.generation, sent.shape.generation);
  EXPECT_EQ(got.shape.spin_ns, sent.shape.spin_ns);
  EXPECT_EQ(got.reference.digests_offset, sent.reference.digests_offset);
  EXPECT_EQ(got.reference.answers_offset, sent.reference.answers_offset);
  ExpectEqual(got.info, sent.info);
  EXPECT_EQ(got.scribbles, sent.scribbles);
  EXPECT_EQ(got.fault, sent.fault);
  EXPECT_EQ(got.memory_limit_bytes, sent.memory_limit_bytes);
}

TEST(WorkerSetup, ArrivesWithItsDefaultsToo) {
  const WorkerSetup got = WorkerSetupFromJson(Travel(ToJson(WorkerSetup{})));
  EXPECT_EQ(got.role, WorkerRole::kServe);
  EXPECT_EQ(got.workload.items, std::nullopt);
  EXPECT_TRUE(got.places.empty());
  EXPECT_FALSE(got.system_sources);
}

TEST(WorkerSetup, MissingKeysAreErrors) {
  Json json = ToJson(FullSetup());
  json.erase("threads");
  EXPECT_THROW((void)WorkerSetupFromJson(json), Json::exception);
}

TEST(WorkloadInfoJson, IsReadBackEqual) {
  ExpectEqual(WorkloadInfoFromJson(Travel(ToJson(FullInfo()))), FullInfo());
}

}  // namespace
}  // namespace coresweep
