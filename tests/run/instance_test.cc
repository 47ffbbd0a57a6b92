#include "harness/run/instance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <thread>

#include "harness/base/clock.h"
#include "harness/base/cpu_set.h"
#include "harness/base/error.h"

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// Items and answers of one byte; computes in the calling thread and `helpers` others, each of
/// which keeps the mask that it is given from one visit to the next.
class ThreadedWorkload final : public Workload {
 public:
  explicit ThreadedWorkload(int helpers) : masks_(static_cast<size_t>(helpers)) {}

  [[nodiscard]] WorkloadInfo Info() const override {
    WorkloadInfo info;
    info.item = info.answer = ItemLayout({{DType::kUInt8, {1}}});
    info.items = 3;
    return info;
  }
  void MakeItem(int64_t index, std::span<std::byte> item) const override {
    item[0] = static_cast<std::byte>(index);
  }
  void Run(int64_t /*count*/, std::span<std::byte> items, std::span<std::byte> answers) override {
    std::memcpy(answers.data(), items.data(), answers.size());
  }
  void OnEachThread(const std::function<void(int)>& visit) override {
    visit(0);
    for (size_t i = 0; i < masks_.size(); ++i) {
      std::thread([&, i] {
        if (!masks_[i].Empty()) (void)SetAffinity(masks_[i]);
        visit(static_cast<int>(i) + 1);
        masks_[i] = GetAffinity();
      }).join();
    }
  }

 private:
  std::vector<CpuSet> masks_;
};

WorkloadRuntime RuntimeWith(int helpers) {
  return {[](const WorkloadSpec&) {},
          [helpers](const WorkloadSpec&, const WorkloadContext&) {
            return std::make_unique<ThreadedWorkload>(helpers);
          }};
}

/// Runs each test in a thread of its own, whose mask and memory policy go with it.
void InThread(const std::function<void()>& body) {
  std::thread(body).join();
}

std::string Allowed() {
  return GetAffinity().ToList();
}

/// A process of two instances, so that an instance speaks of its own threads alone.
WorkerSetup SetupOf(const InstancePlace& place, int threads) {
  WorkerSetup setup;
  setup.places = {place, {Allowed(), {}, {}}};
  setup.threads = threads;
  setup.index = 4;
  return setup;
}

TEST(Instance, BindsEachComputingThreadAndReadsItBack) {
  const std::vector<int> cpus = GetAffinity().ToVector();
  const std::string first = std::to_string(cpus.front());
  const std::string last = std::to_string(cpus.back());
  InThread([&] {
    Instance instance(SetupOf({Allowed(), {first, last}, {}}, 2), 0, RuntimeWith(1), {});
    instance.WarmUp(2);
    instance.ReadBack();
    EXPECT_THAT(instance.measurement().threads_requested_cpus, ElementsAre(first, last));
    EXPECT_THAT(instance.measurement().after_warmup.thread_cpus, ElementsAre(first, last));
    EXPECT_EQ(instance.measurement().index, 4);
  });
}

TEST(Instance, LeavesThreadsFreeWhereTheirNumberIsAnother) {
  const std::string first = std::to_string(GetAffinity().ToVector().front());
  InThread([&] {
    Instance instance(SetupOf({Allowed(), {first, first}, {}}, 2), 0, RuntimeWith(0), {});
    instance.WarmUp(1);
    instance.ReadBack();
    EXPECT_THAT(instance.measurement().threads_requested_cpus, IsEmpty());
    EXPECT_THAT(instance.measurement().after_warmup.thread_cpus, ElementsAre(Allowed()));
  });
}

TEST(Instance, BindsItselfToItsPlaceBeforeTheModelIsMade) {
  const std::string last = std::to_string(GetAffinity().ToVector().back());
  std::string seen;
  WorkloadRuntime runtime = RuntimeWith(0);
  runtime.make = [&seen](const WorkloadSpec&, const WorkloadContext&) {
    seen = GetAffinity().ToList();
    return std::make_unique<ThreadedWorkload>(0);
  };
  InThread([&] { const Instance instance(SetupOf({last, {}, {}}, 1), 0, runtime, {}); });
  EXPECT_EQ(seen, last);
}

TEST(Instance, SaysWhichCpusWereRefused) {
  InThread([] {
    try {
      const Instance instance(SetupOf({"900000", {}, {}}, 1), 0, RuntimeWith(0), {});
      ADD_FAILURE() << "no machine has that CPU";
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("cannot bind to CPUs 900000"));
    }
  });
}

TEST(Instance, TellsWhatBecameOfItsMemoryBinding) {
  InThread([] {
    const InstancePlace bound{Allowed(), {}, {0}};
    Instance instance(SetupOf(bound, 1), 0, RuntimeWith(0), {});
    const WorkerMeasurement& measurement = instance.measurement();
    if (measurement.memory_requested == "bind:0") {
      EXPECT_EQ(measurement.after_binding.memory_policy, "bind:0");
    } else {
      EXPECT_THAT(measurement.memory_requested, HasSubstr("first touch: set_mempolicy: E"));
    }
  });
  InThread([] {
    Instance instance(SetupOf({Allowed(), {}, {}}, 1), 0, RuntimeWith(0), {});
    EXPECT_EQ(instance.measurement().memory_requested, "");
  });
}

TEST(Instance, CountsBetweenTheFirstTicksAfterTheEdges) {
  InThread([] {
    Instance instance(SetupOf({Allowed(), {}, {}}, 1), 0, RuntimeWith(0), {});
    instance.WarmUp(1);
    EXPECT_FALSE(instance.Tick(INT64_MAX - 1));  // there is no window yet
    instance.OpenWindow({1000, 2000});
    EXPECT_FALSE(instance.Tick(999));
    EXPECT_TRUE(instance.Tick(1000));
    EXPECT_FALSE(instance.Tick(1999));
    EXPECT_TRUE(instance.Tick(2500));
    EXPECT_FALSE(instance.Tick(3000));
    EXPECT_GT(instance.measurement().use.interval_ns, 0);
    const int64_t interval_ns = instance.measurement().use.interval_ns;
    instance.CloseWindow();
    EXPECT_EQ(instance.measurement().use.interval_ns, interval_ns);
    EXPECT_THAT(instance.measurement().at_end.thread_cpus, SizeIs(1));
    EXPECT_FALSE(instance.system_use());  // it was given no sources
  });
}

TEST(Instance, ClosesAWindowThatNoTickClosed) {
  InThread([] {
    WorkerSetup setup = SetupOf({Allowed(), {}, {}}, 1);
    setup.system_sources = FindSystemSources("", GetAffinity());
    Instance instance(setup, 0, RuntimeWith(0), {});
    instance.WarmUp(1);
    instance.OpenWindow({1000, 2000});
    EXPECT_TRUE(instance.Tick(1500));
    instance.CloseWindow();
    EXPECT_GT(instance.measurement().use.interval_ns, 0);
    ASSERT_TRUE(instance.system_use());
    EXPECT_GT(instance.system_use()->interval_ns, 0);
  });
}

TEST(Instance, CountsNothingWhenNoChunkCameAfterTheWindowBegan) {
  InThread([] {
    Instance instance(SetupOf({Allowed(), {}, {}}, 1), 0, RuntimeWith(0), {});
    instance.WarmUp(1);
    instance.OpenWindow({1000, 2000});
    instance.CloseWindow();
    EXPECT_EQ(instance.measurement().use.interval_ns, 0);
  });
}

}  // namespace
}  // namespace coresweep
