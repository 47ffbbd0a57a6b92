#include "harness/run/instance.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "harness/base/clock.h"
#include "harness/base/cpu_set.h"
#include "harness/base/error.h"
#include "harness/host/thread_readback.h"

namespace coresweep {
namespace {

struct Use {
  int64_t cpu_ns = 0;
  int64_t voluntary_switches = 0;
  int64_t involuntary_switches = 0;
  int64_t max_rss_bytes = 0;
};

Use ReadUse(bool of_process) {
  rusage usage{};
  getrusage(of_process ? RUSAGE_SELF : RUSAGE_THREAD, &usage);
  // ru_maxrss is in KiB and of the whole process either way.
  return {of_process ? ProcessCpuNs() : ThreadCpuNs(), usage.ru_nvcsw, usage.ru_nivcsw,
          usage.ru_maxrss * 1024};
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
                   const StartupTimes& startup)
    : spawned_ns_(setup.spawned_ns) {
  const std::string& cpus = setup.cpus.at(static_cast<size_t>(position));
  BindThread(cpus);
  const int64_t begin_ns = NowNs();
  const ItemLayout* known = setup.info.items > 0 ? &setup.info.answer : nullptr;
  workload_ = runtime.make(setup.workload, {setup.threads, known});
  info_ = workload_->Info();
  measurement_.index = setup.index + position;
  measurement_.pid = getpid();
  measurement_.cpus_requested = cpus;
  measurement_.threads_requested = setup.threads;
  measurement_.startup = startup;
  measurement_.startup.model_ns = NowNs() - begin_ns;
}

void Instance::WarmUp(int64_t chunk) {
  WarmUpShape(std::min(chunk, info_.items));
  const int64_t tail = info_.items % chunk;
  if (tail != 0 && chunk < info_.items) WarmUpShape(tail);
  measurement_.startup.ready_ns = NowNs() - spawned_ns_;
}

void Instance::WarmUpShape(int64_t count) {
  const size_t bytes = static_cast<size_t>(count) * info_.item.bytes;
  std::vector<std::byte> made(bytes);
  for (int64_t i = 0; i < count; ++i) {
    workload_->MakeItem(
        i, std::span(made).subspan(static_cast<size_t>(i) * info_.item.bytes, info_.item.bytes));
  }
  std::vector<std::byte> items(bytes);
  std::vector<std::byte> answers(static_cast<size_t>(count) * info_.answer.bytes);
  for (int run = 0; run < workload_->WarmRuns(); ++run) {
    items = made;  // the model may have scribbled on it
    const int64_t run_ns = NowNs();
    workload_->Run(count, items, answers);
    if (measurement_.startup.first_inference_ns == 0) {
      measurement_.startup.first_inference_ns = std::max<int64_t>(1, NowNs() - run_ns);
    }
  }
}

void Instance::ReadBack(bool alone_in_process) {
  measurement_.cpus_after_warmup =
      (alone_in_process ? AffinityOfAllThreads() : GetAffinity()).ToList();
  measurement_.runtime = workload_->Runtime();
}

void Instance::BeginUse(bool alone_in_process) {
  const Use use = ReadUse(alone_in_process);
  measurement_.cpu_ns = -use.cpu_ns;
  measurement_.voluntary_switches = -use.voluntary_switches;
  measurement_.involuntary_switches = -use.involuntary_switches;
}

void Instance::EndUse(bool alone_in_process) {
  const Use use = ReadUse(alone_in_process);
  measurement_.cpu_ns += use.cpu_ns;
  measurement_.voluntary_switches += use.voluntary_switches;
  measurement_.involuntary_switches += use.involuntary_switches;
  measurement_.max_rss_bytes = use.max_rss_bytes;
  measurement_.cpus_effective =
      (alone_in_process ? AffinityOfAllThreads() : GetAffinity()).ToList();
  measurement_.os_threads = CountThreads();
}

}  // namespace coresweep
