#include "harness/run/driver.h"

#include <algorithm>
#include <cstring>

#include "harness/base/clock.h"
#include "harness/core/framing.h"

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
  merger_.EndWindowAt(EndNs());
  (void)merger_.Complete(sample, sample.computed_ns);
  if (work_items_ > 0) TellWork(sample.computed_ns);
  merger_.MergeReady(NowNs(), [](uint64_t) {});
  room_.notify_all();
}

/// Not for each of the shortest chunks: the processes would wait for each other's cache line.
void SharedSequence::TellWork(int64_t now_ns) {
  if (now_ns - told_ns_ < kEndLeadNs) return;
  told_ns_ = now_ns;
  const auto done = static_cast<int64_t>(merger_.items_in_window());
  if (gate_.AddWork(done - told_items_) >= work_items_) gate_.EndWindowAt(NowNs() + kEndLeadNs);
  told_items_ = done;
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
      scratch_(work.index.LargestRun(chunks_, 1)),
      answers_(MostPackedBytes(instance.info().answer, chunks_.chunk())) {}

void Driver::RunToTheEndOfTheWindow() {
  while (NowNs() < work_.sequence->EndNs()) {
    const auto local = work_.sequence->Claim();
    if (!local) return;
    RunChunk(*local);
  }
}

void Driver::RunChunk(uint64_t local) {
  const uint64_t global = work_.sequence->Global(local);
  const ItemRange range = chunks_.Range(global);
  const auto items = ItemsOf(range);
  const auto space =
      std::span(answers_).first(MostPackedBytes(instance_.info().answer, range.count));
  MaybeEnd(fault_, global);
  ChunkSample sample;
  sample.worker = instance_.measurement().index;
  sample.items = static_cast<int32_t>(range.count);
  instance_.Tick(NowNs());
  sample.started_ns = sample.issued_ns = NowNs();
  const auto answers = space.first(instance_.Run(range, items, space));
  sample.computed_ns = NowNs();
  if (fault_ && fault_->kind == FaultKind::kWrong && fault_->at == global)
    SpoilAnswers(answers, instance_.info().answer);
  checker_.Check(range, answers, std::nullopt);
  Count(sample);
  work_.sequence->Complete(local, sample);
  instance_.Tick(sample.computed_ns);
}

std::span<std::byte> Driver::ItemsOf(ItemRange range) {
  const auto items = work_.index.Chunk(std::span(items_), range);
  if (!scribbles_ || items.empty()) return items;
  std::memcpy(scratch_.data(), items.data(), items.size());
  return std::span(scratch_).first(items.size());
}

void Driver::Count(const ChunkSample& sample) {
  WorkerMeasurement& measurement = instance_.measurement();
  measurement.chunks += 1;
  measurement.items += sample.items;
  const Window window{work_.window.begin_ns, work_.sequence->EndNs()};
  measurement.items_in_window +=
      sample.items * FractionInWindow(window, sample.started_ns, sample.computed_ns);
}

}  // namespace coresweep
