#include "harness/run/instance.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <map>
#include <mutex>
#include <span>

#include "harness/base/clock.h"
#include "harness/base/cpu_set.h"
#include "harness/base/error.h"
#include "harness/core/framing.h"
#include "harness/host/memory_binding.h"
#include "harness/host/pss.h"
#include "harness/host/thread_readback.h"

namespace coresweep {
namespace {

int64_t MaxRssBytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss * 1024;  // it is in KiB
}

/// Every CPU that some thread of these groups may run on, in list format.
std::string UnionOf(const std::vector<MaskGroup>& masks) {
  CpuSet all;
  for (const MaskGroup& group : masks)
    all = all.Union(CpuSet::Parse(group.cpus).value_or(CpuSet()));
  return all.ToList();
}

}  // namespace

void BindThread(const std::string& cpus) {
  const auto set = CpuSet::Parse(cpus);
  const int error = set ? SetAffinity(*set) : EINVAL;
  if (error == 0) return;
  throw Error(fmt::format("cannot bind to CPUs {}: {}; allowed are {}", cpus, DescribeErrno(error),
                          GetAffinity().ToList()));
}

Instance::Instance(const WorkerSetup& setup, int position, const WorkloadRuntime& runtime,
                   const ProcessStart& start)
    : alone_in_process_(setup.places.size() == 1),
      thread_cpus_(setup.places.at(static_cast<size_t>(position)).threads),
      spawned_ns_(setup.spawned_ns),
      // After the binding of the process and before this instance has threads of its own.
      meter_(alone_in_process_) {
  const InstancePlace& place = setup.places.at(static_cast<size_t>(position));
  BindThread(place.cpus);
  measurement_.memory_requested = BindMemory(place.numa_nodes);
  measurement_.after_binding.masks = start.masks;
  measurement_.after_binding.memory_policy = ReadMemoryPolicy();
  if (position == 0 && setup.system_sources) system_meter_.emplace(*setup.system_sources);
  const int64_t begin_ns = NowNs();
  const ItemLayout* known = setup.info.items > 0 ? &setup.info.answer : nullptr;
  workload_ = runtime.make(setup.workload, {setup.threads, known});
  info_ = workload_->Info();
  runner_.emplace(*workload_, info_, setup.workload.name);
  measurement_.index = setup.index + position;
  measurement_.pid = getpid();
  measurement_.cpus_requested = place.cpus;
  measurement_.threads_requested = setup.threads;
  measurement_.startup = start.times;
  measurement_.startup.model_ns = NowNs() - begin_ns;
}

void Instance::BindThreads() {
  std::atomic<size_t> threads = 0;
  workload_->OnEachThread([&threads](int) { ++threads; });
  // A workload that computes with another number of threads than it was granted uses all CPUs of
  // the instance as it likes.
  if (threads != thread_cpus_.size()) thread_cpus_.clear();
  measurement_.threads_requested_cpus = thread_cpus_;
  if (thread_cpus_.empty()) return;
  workload_->OnEachThread([this](int thread) {
    // A refusal shows when the threads are read back.
    (void)SetAffinity(CpuSet::Parse(thread_cpus_[static_cast<size_t>(thread)]).value());
  });
}

void Instance::WarmUp(int64_t chunk) {
  BindThreads();
  WarmUpShape(std::min(chunk, info_.items));
  const int64_t tail = info_.items % chunk;
  if (tail != 0 && chunk < info_.items) WarmUpShape(tail);
  measurement_.startup.ready_ns = NowNs() - spawned_ns_;
  // The first reading opens files and costs several times what the others do.
  meter_.Begin();
  if (system_meter_) system_meter_->Begin();
}

void Instance::WarmUpShape(int64_t count) {
  const std::vector<std::byte> made = PackItems(*workload_, info_, {0, count});
  std::vector<std::byte> items(made.size());
  std::vector<std::byte> answers(MostPackedBytes(info_.answer, count));
  for (int run = 0; run < workload_->WarmRuns(); ++run) {
    items = made;  // the model may have scribbled on it
    const int64_t run_ns = NowNs();
    Run({0, count}, items, answers);
    if (measurement_.startup.first_inference_ns == 0) {
      measurement_.startup.first_inference_ns = std::max<int64_t>(1, NowNs() - run_ns);
    }
  }
}

std::vector<MaskGroup> Instance::Masks() const {
  if (alone_in_process_) return ReadThreadMasks();
  return {{GetAffinity().ToList(), 1, {}}};  // the other threads are other instances'
}

Readback Instance::ReadThreads() {
  Readback readback;
  readback.masks = Masks();
  readback.memory_policy = ReadMemoryPolicy();
  std::mutex mutex;
  std::map<int, std::string> cpus;
  workload_->OnEachThread([&](int thread) {
    const std::string own = GetAffinity().ToList();
    const std::lock_guard lock(mutex);
    cpus[thread] = own;
  });
  for (const auto& [thread, list] : cpus)
    readback.thread_cpus.push_back(list);
  if (!alone_in_process_) {  // its computing threads are all that can be told from the others'
    readback.masks.clear();
    for (const std::string& list : readback.thread_cpus)
      readback.masks.push_back({list, 1, {}});
  }
  return readback;
}

void Instance::ReadBack() {
  measurement_.after_warmup = ReadThreads();
  measurement_.cpus_after_warmup = UnionOf(measurement_.after_warmup.masks);
  measurement_.runtime = workload_->Runtime();
}

void Instance::OpenWindow(Window window, const StartGate* gate) {
  window_ = window;
  gate_ = gate;
  next_edge_ = Edge::kBegin;
}

bool Instance::TakeReading() {
  if (next_edge_ == Edge::kBegin) {
    if (system_meter_) system_meter_->Begin();
    meter_.Begin();
    next_edge_ = Edge::kEnd;
  } else {
    EndReading();
  }
  return true;
}

void Instance::EndReading() {
  measurement_.use = meter_.End();
  if (system_meter_) system_use_ = system_meter_->End();
  next_edge_ = Edge::kNone;
}

void Instance::CloseWindow() {
  if (next_edge_ == Edge::kEnd) EndReading();
  measurement_.at_end = ReadThreads();
  measurement_.cpus_effective = UnionOf(measurement_.at_end.masks);
  measurement_.runtime_at_end = workload_->Runtime();
  measurement_.os_threads = CountThreads();
  measurement_.max_rss_bytes = MaxRssBytes();
  measurement_.pss_bytes = ReadPssBytes();
}

}  // namespace coresweep
