// Where answers end up: checked against the reference, merged in the order asked for, counted.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "harness/core/answer_checker.h"
#include "harness/core/chunk_sequence.h"
#include "harness/core/delivery.h"
#include "harness/core/merger.h"
#include "harness/ipc/channel.h"
#include "harness/ipc/start_gate.h"

namespace coresweep {

/// What the answers of one trial are to be. Views outlive the book.
struct AnswerTask {
  ChunkSequence chunks;
  Reference reference;
  Window window;
  Order order = Order::kInput;
  size_t capacity = 1;  ///< most chunks between issue and merge
  /// When given: the answers of the first pass. Those of chunk k begin where k of the largest
  /// chunks would end, so where sizes are fixed they are packed.
  std::vector<std::byte>* outputs = nullptr;
  std::vector<std::byte> room;  ///< from `MergeRoom`; empty: made when needed
  int64_t work_items = 0;       ///< as in `Schedule`
  StartGate* gate = nullptr;    ///< told of the end of the window, where work is fixed

  /// `opened` outlives the book.
  void SetSchedule(const Schedule& schedule, StartGate& opened) {
    window = schedule.window;
    work_items = schedule.work_items;
    gate = &opened;
  }
};

/// Most chunks between issue and merge: enough that one slow chunk does not stop the others at once
/// and that `span` chunks fit, within a bound of memory.
size_t MergeCapacity(size_t in_flight, size_t span, size_t chunk_answer_bytes);

/// Memory in which so many answers wait for their turn. Hundreds of megabytes where answers are
/// large, and zeroing those takes longer than a warm-up.
std::vector<std::byte> MergeRoom(size_t capacity, size_t chunk_answer_bytes);

/// The `outputs` of an answer book as packed answers to all items. Where sizes vary, an answer that
/// never came has no bytes.
std::vector<std::byte> PackOutputs(const ItemLayout& layout, const ChunkSequence& chunks,
                                   std::vector<std::byte> outputs);

/// Used by one thread.
class AnswerBook {
 public:
  explicit AnswerBook(AnswerTask task);

  [[nodiscard]] const ChunkSequence& chunks() const { return task_.chunks; }
  [[nodiscard]] const Merger& merger() const { return merger_; }
  /// As far as it is known: under fixed work its end comes nearer when the work is done.
  [[nodiscard]] const Window& window() const { return task_.window; }
  [[nodiscard]] const ItemLayout& answer_layout() const { return *task_.reference.layout; }

  /// Takes the answer to chunk `sample.sequence`, with the digest that its worker computed. It is
  /// checked, and merged when its turn has come. `keeper`, where given, holds the payload until it
  /// is merged; else it is copied if it has to wait. False: it came before, and was not counted.
  [[nodiscard]] bool Take(const ChunkSample& sample, const Incoming& answer, AnswerKeeper* keeper);
  /// Chunk `sequence` will never be answered: its items are missing.
  void GiveUp(uint64_t sequence);
  /// Chunk `sequence` was never asked for; later ones need not wait for it.
  void Skip(uint64_t sequence) { merger_.GiveUp(sequence, 0); }
  /// Merges what the last `GiveUp` or `Skip` held up.
  void MergeReady();

  [[nodiscard]] int64_t check_ns() const { return check_ns_; }
  /// Answers that `Take`d keepers hold now.
  [[nodiscard]] size_t kept() const { return kept_; }
  /// Whether an answer that `keeper` (not nullptr) holds still waits for its turn.
  [[nodiscard]] bool Keeps(const AnswerKeeper* keeper) const;
  /// Writes what was counted so far.
  void AddTo(TrialMeasurement& measurement) const;

 private:
  /// An answer that waits for its turn.
  struct Waiting {
    std::span<const std::byte> bytes;
    AnswerKeeper* keeper = nullptr;
    uint32_t slot = 0;
  };

  void EndWindowWhenWorkIsDone();
  void Wait(uint64_t sequence, const Incoming& answer, AnswerKeeper* keeper);
  void Deliver(uint64_t sequence, std::span<const std::byte> answers);

  AnswerTask task_;
  Merger merger_;
  AnswerChecker checker_;
  std::vector<Waiting> waiting_;
  size_t slot_bytes_;
  size_t kept_ = 0;
  int64_t check_ns_ = 0;
};

}  // namespace coresweep
