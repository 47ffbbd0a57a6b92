#include "harness/run/reference.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/base/clock.h"
#include "harness/core/framing.h"
#include "harness/core/measurement_json.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

WorkerSetup SetupOf(const SweepConfig& config, const HostFacts& facts) {
  WorkerSetup setup;
  setup.role = WorkerRole::kReference;
  setup.workload = config.workload;
  setup.threads = 1;
  setup.places = {{facts.allowed.ToList(), {}, {}}};
  setup.chunks = config.chunks;
  setup.memory_limit_bytes = facts.UsableMemoryBytes();
  return setup;
}

/// The next message of the only child; errors of the workload become errors of the user's input.
Json AwaitMessage(WorkerPool& pool, const ProcessContext& context, Deadline deadline,
                  std::vector<UniqueFd>& fds) {
  while (true) {
    pollfd watched[3] = {{pool.control_fd(0), POLLIN, 0},
                         {pool.pidfd(0), POLLIN, 0},
                         {context.stop ? context.stop->fd() : -1, POLLIN, 0}};
    if (::poll(watched, 3, deadline.RemainingMs()) < 0 && errno != EINTR) ThrowErrno("poll");
    pool.CheckStop();
    if (watched[0].revents != 0) {
      if (auto message = pool.Read(0, deadline)) {
        fds = std::move(message->fds);
        return Json::parse(message->text);
      }
    } else if (watched[1].revents != 0) {
      pool.FailDead(0, "while it made the serial reference");
    }
    if (deadline.Passed()) {
      throw TrialFailure(
          Outcome::kTimedOut,
          "the serial reference made no progress in time; raise --startup-timeout-s");
    }
  }
}

ChunkReference ChunkFromJson(const Json& json) {
  ChunkReference chunk;
  chunk.chunk = json.at("chunk");
  chunk.digests_offset = json.at("digests_offset");
  chunk.error = json.value("error", "");
  if (!chunk.error.empty()) return chunk;
  chunk.chunk_ns = json.at("chunk_ns");
  chunk.differs = json.at("differs");
  chunk.max_abs_diff =
      json.at("max_abs_diff").is_null() ? HUGE_VAL : json.at("max_abs_diff").get<double>();
  return chunk;
}

ReferenceData FromJson(const Json& json, std::vector<UniqueFd> fds) {
  ReferenceData data;
  data.info = WorkloadInfoFromJson(json.at("info"));
  data.runtime = RuntimeFactsFromJson(json.at("runtime"));
  for (const Json& chunk : json.at("chunks"))
    data.chunks.push_back(ChunkFromJson(chunk));
  data.answers_offset = json.at("answers_offset");
  data.scribbles = json.at("scribbles");
  data.distinct_items = json.at("distinct_items");
  data.distinct_answers = json.at("distinct_answers");
  const int64_t count = data.info.items;
  data.items = SharedRegion::Attach(std::move(fds.at(0)), LeastPackedBytes(data.info.item, count),
                                    SharedRegion::Access::kReadOnly);
  data.region = SharedRegion::Attach(
      std::move(fds.at(1)), data.answers_offset + LeastPackedBytes(data.info.answer, count),
      SharedRegion::Access::kReadOnly);
  data.item_offsets = FrameOffsets(data.info.item, data.items.bytes(), count);
  data.answer_offsets = FrameOffsets(data.info.answer, data.Answers(), count);
  return data;
}

void RefuseWhenNothingWorks(const ReferenceData& data) {
  if (std::any_of(data.chunks.begin(), data.chunks.end(),
                  [](const ChunkReference& chunk) { return chunk.error.empty(); })) {
    return;
  }
  throw UsageError(fmt::format("the workload can run no chunk size of this sweep: {}",
                               data.chunks.front().error));
}

}  // namespace

const ChunkReference* ReferenceData::Find(int64_t chunk) const {
  for (const ChunkReference& known : chunks) {
    if (known.chunk == chunk) return &known;
  }
  return nullptr;
}

std::span<const std::byte> ReferenceData::Answers() const {
  const auto answers = region.bytes().subspan(answers_offset);
  return info.answer.Varies() ? answers : answers.first(MostPackedBytes(info.answer, info.items));
}

Reference ReferenceData::For(int64_t chunk) const {
  const auto count = static_cast<size_t>(info.items);
  const auto* digests =
      reinterpret_cast<const uint64_t*>(region.data() + Find(chunk)->digests_offset);
  return {&info.answer, info.tolerance, {digests, count}, Answers(), answer_offsets};
}

std::vector<std::string> ReferenceData::Warnings() const {
  std::vector<std::string> warnings;
  const auto indistinct = [&](const char* what, int64_t distinct) {
    if (distinct == info.items) return;
    warnings.push_back(fmt::format(
        "only {} of {} {} are different: an exchange between equal ones cannot be seen; give "
        "different inputs",
        distinct, info.items, what));
  };
  indistinct("items", distinct_items);
  indistinct("answers", distinct_answers);
  for (const ChunkReference& chunk : chunks) {
    if (!chunk.differs) continue;
    warnings.push_back(fmt::format(
        "answers in chunks of {} differ from those in chunks of {} by up to {:.3g}, more than the "
        "tolerance: the model's answer to an item depends on the items beside it",
        chunk.chunk, chunks.front().chunk, chunk.max_abs_diff));
  }
  return warnings;
}

ReferenceData RunReference(const ProcessContext& context, const SweepConfig& config,
                           const HostFacts& facts, const ReferenceProgress& progress) {
  WorkerPool pool(context);
  pool.Spawn(SetupOf(config, facts), {});
  const double patience_s = std::max(config.startup_timeout_s, config.chunk_timeout_s.value_or(0));
  while (true) {
    std::vector<UniqueFd> fds;
    const Json json = AwaitMessage(pool, context, Deadline::After(SecondsToNs(patience_s)), fds);
    if (json.at("kind") == "progress") {
      progress(json.at("done"), json.at("total"));
    } else {
      ReferenceData data = FromJson(json, std::move(fds));
      pool.Finish();
      RefuseWhenNothingWorks(data);
      return data;
    }
  }
}

}  // namespace coresweep
