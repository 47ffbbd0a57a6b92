#include "harness/run/driver.h"

#include <algorithm>
#include <cstring>

#include "harness/base/clock.h"

namespace coresweep {

std::optional<uint64_t> SharedSequence::Claim() {
  std::unique_lock lock(mutex_);
  const uint64_t local = next_++;
  room_.wait(lock, [&] { return aborted_ || merger_.MayIssue(local); });
  if (aborted_) return std::nullopt;
  return local;
}

void SharedSequence::Complete(uint64_t local, ChunkSample sample) {
  const std::lock_guard lock(mutex_);
  sample.sequence = local;
  (void)merger_.Complete(sample, sample.computed_ns);
  merger_.MergeReady(NowNs(), [](uint64_t) {});
  room_.notify_all();
}

void SharedSequence::Abort() {
  const std::lock_guard lock(mutex_);
  aborted_ = true;
  room_.notify_all();
}

Driver::Driver(Instance& instance, const WorkerSetup& setup, const Work& work)
    : instance_(instance),
      work_(work),
      scribbles_(setup.scribbles),
      chunks_(instance.info().items, std::min(setup.chunks.at(0), instance.info().items)),
      fault_(ParseFault(setup.fault)),
      checker_(work.reference),
      items_(work.items.begin(), work.items.end()),
      scratch_(static_cast<size_t>(chunks_.chunk()) * instance.info().item.bytes),
      answers_(static_cast<size_t>(chunks_.chunk()) * instance.info().answer.bytes) {}

void Driver::RunToTheEndOfTheWindow() {
  while (NowNs() < work_.window.end_ns) {
    const auto local = work_.sequence->Claim();
    if (!local) return;
    RunChunk(*local);
  }
}

void Driver::RunChunk(uint64_t local) {
  const uint64_t global = work_.sequence->Global(local);
  const ItemRange range = chunks_.Range(global);
  const auto items = ItemsOf(range);
  const auto answers =
      std::span(answers_).first(static_cast<size_t>(range.count) * instance_.info().answer.bytes);
  MaybeEnd(fault_, global);
  ChunkSample sample;
  sample.worker = instance_.measurement().index;
  sample.items = static_cast<int32_t>(range.count);
  instance_.Tick(NowNs());
  sample.started_ns = sample.issued_ns = NowNs();
  instance_.workload().Run(range.count, items, answers);
  sample.computed_ns = NowNs();
  if (fault_ && fault_->kind == FaultKind::kWrong && fault_->at == global) SpoilAnswer(answers);
  checker_.Check(range, answers, std::nullopt);
  Count(sample);
  work_.sequence->Complete(local, sample);
  instance_.Tick(sample.computed_ns);
}

std::span<std::byte> Driver::ItemsOf(ItemRange range) {
  const size_t bytes = instance_.info().item.bytes;
  const auto items = std::span(items_).subspan(static_cast<size_t>(range.first) * bytes,
                                               static_cast<size_t>(range.count) * bytes);
  if (!scribbles_ || items.empty()) return items;
  std::memcpy(scratch_.data(), items.data(), items.size());
  return std::span(scratch_).first(items.size());
}

void Driver::Count(const ChunkSample& sample) {
  WorkerMeasurement& measurement = instance_.measurement();
  measurement.chunks += 1;
  measurement.items += sample.items;
  measurement.items_in_window +=
      sample.items * FractionInWindow(work_.window, sample.started_ns, sample.computed_ns);
}

}  // namespace coresweep
