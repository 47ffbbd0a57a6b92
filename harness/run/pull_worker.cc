#include "harness/run/pull_worker.h"

#include <fmt/format.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/core/answer_checker.h"
#include "harness/core/chunk_sequence.h"
#include "harness/core/framing.h"
#include "harness/core/item_index.h"
#include "harness/core/measurement_json.h"
#include "harness/core/system_use_json.h"
#include "harness/ipc/pull_board.h"
#include "harness/ipc/start_gate.h"
#include "harness/run/fault.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;

constexpr uint64_t kNoBound = std::numeric_limits<uint64_t>::max() >> 16U;

/// The board, the items and the instance of one worker.
class Puller {
 public:
  Puller(const WorkerSetup& setup, Instance& instance, StartGate& gate)
      : setup_(setup),
        instance_(instance),
        gate_(gate),
        fault_(ParseFault(setup.fault)),
        chunks_(instance.info().items, setup.chunks.at(0)),
        board_(PullBoard::Attach(UniqueFd(kFirstTransportFd), setup.board)),
        wake_(kFirstTransportFd + 1),
        items_(SharedRegion::Attach(UniqueFd(kItemsFd),
                                    LeastPackedBytes(instance.info().item, instance.info().items),
                                    SharedRegion::Access::kReadOnly)),
        offsets_(FrameOffsets(instance.info().item, items_.bytes(), instance.info().items)),
        index_(instance.info().item, offsets_) {
    CheckFault();
  }

  void RunToTheEndOfTheWindow(Window window) {
    while (true) {
      // Memory that others write to may end the window earlier, never later.
      const bool open = NowNs() < std::min(window.end_ns, gate_.EndNs());
      const uint64_t bound = open ? kNoBound : board_.owed();
      if (const auto chunk = board_.TryClaim(Index(), bound)) {
        RunChunk(*chunk);
      } else if (open) {
        board_.AwaitRoom(setup_.shape.spin_ns);
      } else {
        return;
      }
    }
  }

 private:
  [[nodiscard]] uint32_t Index() const { return static_cast<uint32_t>(setup_.index); }

  /// Nothing travels here, so nothing can be dropped, repeated or swapped on its way.
  void CheckFault() const {
    if (!fault_) return;
    switch (fault_->kind) {
      case FaultKind::kDrop:
      case FaultKind::kRepeat:
      case FaultKind::kSwap:
        throw Error(fmt::format(
            "--fault {}: answers do not travel with dispatch pull; use another dispatch or fault",
            setup_.fault));
      default:
        return;
    }
  }

  /// What a fault makes of a computed answer.
  void Spoil(uint64_t chunk, std::span<std::byte> answers, FaultKind kind) const {
    if (!fault_ || fault_->at != chunk || fault_->kind != kind || answers.empty()) return;
    const ItemLayout& layout = instance_.info().answer;
    if (kind == FaultKind::kWrong) SpoilAnswers(answers, layout);
    if (kind == FaultKind::kFlip) FlipBit(answers, layout);
    if (kind == FaultKind::kDelay)
      std::this_thread::sleep_for(std::chrono::milliseconds(fault_->delay_ms));
  }

  /// In place, or as a copy of this worker's own: that is transport `shm`, or a model that writes.
  std::span<std::byte> ItemsOf(ItemRange range) {
    const auto lent = index_.Chunk(items_.bytes(), range);
    if (setup_.transport == "shm_loan" && !setup_.scribbles) return lent;
    scratch_.assign(lent.begin(), lent.end());
    return scratch_;
  }

  void RunChunk(uint64_t chunk) {
    const ItemRange range = chunks_.Range(chunk);
    const ItemLayout& layout = instance_.info().answer;
    ChunkHeader header;
    header.generation = setup_.shape.generation;
    header.sequence = chunk;
    header.items = static_cast<uint32_t>(range.count);
    header.issued_ns = NowNs();
    const auto items = ItemsOf(range);
    header.started_ns = NowNs();
    if (instance_.Tick(header.started_ns)) header.started_ns = NowNs();
    if (EndsAt(fault_, chunk) && gate_.FirstToStrike()) MaybeEnd(fault_, chunk);
    const auto space = board_.AnswerSpace(chunk).first(MostPackedBytes(layout, range.count));
    const auto answers = space.first(instance_.Run(range, items, space));
    header.computed_ns = NowNs();
    header.payload_bytes = answers.size();
    Spoil(chunk, answers, FaultKind::kWrong);
    header.digest = DigestOfChunk(answers, layout);
    Spoil(chunk, answers, FaultKind::kFlip);
    Spoil(chunk, answers, FaultKind::kDelay);
    if (fault_ && fault_->kind == FaultKind::kCut && fault_->at == chunk && !answers.empty())
      --header.payload_bytes;
    if (!board_.Publish(Index(), header)) {
      throw Error(
          fmt::format("its claim of chunk {} has gone: another worker wrote to the board", chunk));
    }
    if (board_.MustWake(chunk)) eventfd_write(wake_.get(), 1);
    instance_.Tick(header.computed_ns);
    instance_.measurement().chunks += 1;
    instance_.measurement().items += range.count;
  }

  const WorkerSetup& setup_;
  Instance& instance_;
  StartGate& gate_;
  std::optional<Fault> fault_;
  ChunkSequence chunks_;
  PullBoard board_;
  UniqueFd wake_;
  SharedRegion items_;
  std::vector<size_t> offsets_;
  ItemIndex index_;
  std::vector<std::byte> scratch_;
};

}  // namespace

void ServeBoard(const WorkerSetup& setup, const WorkloadRuntime& runtime, const ProcessStart& start,
                const ControlEnd& control) {
  StartGate gate = StartGate::Attach(UniqueFd(kGateFd));
  Instance instance(setup, 0, runtime, start);
  Puller puller(setup, instance, gate);
  instance.WarmUp(setup.chunks.at(0));
  instance.ReadBack();
  control.Send(Json{{"kind", "ready"}}.dump());
  const Window window = gate.Await(Deadline::After(SecondsToNs(setup.startup_timeout_s))).window;
  instance.OpenWindow(window, &gate);
  puller.RunToTheEndOfTheWindow(window);
  instance.CloseWindow();
  Json report{{"kind", "done"}, {"workers", Json::array({ToJson(instance.measurement())})}};
  if (instance.system_use()) report["system"] = ToJson(*instance.system_use());
  control.Send(report.dump());
}

}  // namespace coresweep
