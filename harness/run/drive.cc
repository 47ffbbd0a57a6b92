#include "harness/run/drive.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/shared_region.h"
#include "harness/core/framing.h"
#include "harness/core/measurement_json.h"
#include "harness/core/system_use_json.h"
#include "harness/run/driver.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

struct SamplesHead {
  uint64_t kept = 0;
  uint64_t total = 0;
  uint64_t stride = 1;
};

/// What one instance leaves behind.
struct InstanceResult {
  WorkerMeasurement measurement;
  OrderingCounts ordering;
  OutputCheck output;
  std::optional<SystemUse> system_use;
};

/// Called by an instance that is ready; returns its work, or nullptr when there is none because
/// another instance failed.
using AwaitWork = std::function<const Work*()>;

/// What all instances of a process are made from.
struct Making {
  const WorkerSetup& setup;
  const WorkloadRuntime& runtime;
  const ProcessStart& start;
};

void RunInstance(const Making& making, int position, const AwaitWork& await_work,
                 InstanceResult& result) {
  Instance instance(making.setup, position, making.runtime, making.start);
  instance.WarmUp(making.setup.chunks.at(0));
  instance.ReadBack();
  const Work* work = await_work();
  if (work == nullptr) return;
  Driver driver(instance, making.setup, *work);
  instance.OpenWindow(work->window, work->gate);
  driver.RunToTheEndOfTheWindow();
  instance.CloseWindow();
  result.measurement = instance.measurement();
  result.system_use = instance.system_use();
  result.output = driver.checker().output();
  driver.checker().AddTo(result.ordering);
}

/// Instances in threads of their own. They meet here: the process is ready when all of them are,
/// and all get the same work; they are released and joined whatever happens.
class InstanceThreads {
 public:
  explicit InstanceThreads(size_t count) : missing_(count) {}
  InstanceThreads(const InstanceThreads&) = delete;
  InstanceThreads& operator=(const InstanceThreads&) = delete;
  ~InstanceThreads() {
    Release(nullptr);
    Join();
  }

  /// `body` is given its `AwaitWork`.
  void Start(const std::function<void(const AwaitWork&)>& body) {
    threads_.emplace_back([this, body] {
      try {
        body([this] { return ReadyAndWait(); });
      } catch (...) {
        Fail(std::current_exception());
      }
    });
  }
  /// Returns when all are ready; throws what one of them threw.
  void AwaitReady() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return missing_ == 0 || error_; });
    if (error_) std::rethrow_exception(error_);
  }
  /// Lets all begin with `work`; only the first call counts.
  void Release(const Work* work) {
    const std::lock_guard lock(mutex_);
    if (released_) return;
    work_ = work;
    released_ = true;
    changed_.notify_all();
  }
  /// Waits for all to end; throws what one of them threw.
  void Finish() {
    Join();
    if (error_) std::rethrow_exception(error_);
  }

 private:
  const Work* ReadyAndWait() {
    std::unique_lock lock(mutex_);
    --missing_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return released_; });
    return work_;
  }
  void Fail(std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
    if (work_ != nullptr) work_->sequence->Abort();
    changed_.notify_all();
  }
  void Join() {
    for (std::thread& thread : threads_)
      thread.join();
    threads_.clear();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  size_t missing_;
  bool released_ = false;
  const Work* work_ = nullptr;
  std::exception_ptr error_;
  std::vector<std::thread> threads_;
};

/// Memory that the parent handed over, and the work made from it once the window is known.
class WorkPlace {
 public:
  explicit WorkPlace(const WorkerSetup& setup)
      : setup_(setup),
        gate_(StartGate::Attach(UniqueFd(kGateFd))),
        items_(SharedRegion::Attach(UniqueFd(kItemsFd), ItemsBytes(),
                                    SharedRegion::Access::kReadOnly)),
        reference_(SharedRegion::Attach(UniqueFd(kReferenceFd), ReferenceBytes(),
                                        SharedRegion::Access::kReadOnly)),
        samples_(SharedRegion::Attach(UniqueFd(kSamplesFd), SamplesRegionBytes(),
                                      SharedRegion::Access::kReadWrite)) {}

  /// Waits for the gate.
  const Work* AwaitGate() {
    const auto timeout_ns = SecondsToNs(setup_.startup_timeout_s);
    const Schedule schedule = gate_.Await(Deadline::After(timeout_ns));
    const size_t instances = setup_.places.size();
    sequence_ = std::make_unique<SharedSequence>(static_cast<uint64_t>(setup_.index),
                                                 static_cast<uint64_t>(setup_.stride), schedule,
                                                 gate_, std::max<size_t>(64, 8 * instances));
    const WorkloadInfo& info = setup_.info;
    const auto count = static_cast<size_t>(info.items);
    const auto* digests =
        reinterpret_cast<const uint64_t*>(reference_.data() + setup_.reference.digests_offset);
    const auto items = Items();
    const auto answers = reference_.bytes().subspan(setup_.reference.answers_offset);
    item_offsets_ = FrameOffsets(info.item, items, info.items);
    answer_offsets_ = FrameOffsets(info.answer, answers, info.items);
    work_ = {schedule.window,
             &gate_,
             {&info.answer, info.tolerance, {digests, count}, answers, answer_offsets_},
             items,
             {info.item, item_offsets_},
             sequence_.get()};
    return &work_;
  }

  [[nodiscard]] const SharedSequence& sequence() const { return *sequence_; }

  void WriteSamples() {
    const SampleLog& log = sequence_->merger().log();
    const SamplesHead head{log.samples().size(), log.added(), log.stride()};
    std::memcpy(samples_.data(), &head, sizeof head);
    std::byte* out = samples_.data() + sizeof head;
    for (ChunkSample sample : log.samples()) {
      sample.sequence = sequence_->Global(sample.sequence);
      std::memcpy(out, &sample, sizeof sample);
      out += sizeof sample;
    }
  }

 private:
  [[nodiscard]] size_t ItemsBytes() const {
    return LeastPackedBytes(setup_.info.item, setup_.info.items);
  }
  [[nodiscard]] size_t ReferenceBytes() const {
    return setup_.reference.answers_offset +
           LeastPackedBytes(setup_.info.answer, setup_.info.items);
  }
  /// All of them, which may be less than the region where items have no bytes.
  [[nodiscard]] std::span<const std::byte> Items() const {
    return setup_.info.item.Varies() ? items_.bytes() : items_.bytes().first(ItemsBytes());
  }

  const WorkerSetup& setup_;
  StartGate gate_;
  SharedRegion items_;
  SharedRegion reference_;
  SharedRegion samples_;
  std::unique_ptr<SharedSequence> sequence_;
  std::vector<size_t> item_offsets_;
  std::vector<size_t> answer_offsets_;
  Work work_;
};

void Add(const InstanceResult& part, OrderingCounts& ordering, OutputCheck& output) {
  ordering.answers += part.ordering.answers;
  ordering.misplaced += part.ordering.misplaced;
  ordering.corrupted += part.ordering.corrupted;
  output.compared += part.output.compared;
  output.bitwise_equal += part.output.bitwise_equal;
  output.outside_tolerance += part.output.outside_tolerance;
  output.max_abs_diff = std::max(output.max_abs_diff, part.output.max_abs_diff);
}

Json Report(const std::vector<InstanceResult>& results, const Merger& merger) {
  Json workers = Json::array();
  OrderingCounts ordering;
  OutputCheck output;
  for (const InstanceResult& result : results) {
    workers.push_back(ToJson(result.measurement));
    Add(result, ordering, output);
  }
  merger.AddTo(ordering);
  Json report{{"kind", "done"},
              {"workers", workers},
              {"chunks", merger.chunks()},
              {"items_in_window", merger.items_in_window()},
              {"drained_ns", merger.last_ns()},
              {"ordering", ToJson(ordering)},
              {"output", ToJson(output)}};
  if (results[0].system_use) report["system"] = ToJson(*results[0].system_use);
  return report;
}

const std::string kReady = Json{{"kind", "ready"}}.dump();

}  // namespace

void Drive(const WorkerSetup& setup, const WorkloadRuntime& runtime, const ProcessStart& start,
           const ControlEnd& control) {
  const Making making{setup, runtime, start};
  WorkPlace place(setup);
  std::vector<InstanceResult> results(setup.places.size());
  if (results.size() == 1) {
    // In the main thread, as in role serve: what the two measure must differ by IPC alone.
    const auto await_work = [&] {
      control.Send(kReady);
      return place.AwaitGate();
    };
    RunInstance(making, 0, await_work, results[0]);
  } else {
    InstanceThreads threads(results.size());
    for (size_t i = 0; i < results.size(); ++i) {
      threads.Start([&, i](const AwaitWork& await_work) {
        RunInstance(making, static_cast<int>(i), await_work, results[i]);
      });
    }
    threads.AwaitReady();
    control.Send(kReady);
    threads.Release(place.AwaitGate());
    threads.Finish();
  }
  place.WriteSamples();
  control.Send(Report(results, place.sequence().merger()).dump());
}

size_t SamplesRegionBytes() {
  return sizeof(SamplesHead) + kSamplesKept * sizeof(ChunkSample);
}

DrivenSamples ReadSamples(std::span<const std::byte> region) {
  SamplesHead head;
  std::memcpy(&head, region.data(), sizeof head);
  DrivenSamples result{{}, head.total, head.stride};
  result.samples.resize(std::min<size_t>(head.kept, kSamplesKept));
  if (!result.samples.empty()) {
    std::memcpy(result.samples.data(), region.data() + sizeof head,
                result.samples.size() * sizeof(ChunkSample));
  }
  return result;
}

}  // namespace coresweep
