// Faults that tests plant in a worker, to prove that each count and each outcome can be non-zero.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "harness/core/tensor_spec.h"
#include "harness/ipc/channel.h"

namespace coresweep {

enum class FaultKind {
  kDrop,    ///< the answer to chunk n is not sent
  kRepeat,  ///< it is sent twice
  kSwap,    ///< the answers to chunk n and to the worker's next one change places
  kFlip,    ///< one bit of its first item's answer is flipped after the worker computed its digest
  kWrong,   ///< the same before: the computation itself is wrong
  kCut,     ///< its last byte is not sent
  kDelay,   ///< it is sent late
  kCrash,   ///< SIGSEGV instead of the answer
  kKill,    ///< SIGKILL instead of the answer
  kHang,    ///< no answer, the process sleeps
  kExit,    ///< exit code 7 instead of the answer
  kStartCrash,  ///< worker n dies (SIGSEGV) before it is ready
  kStartHang,   ///< worker n never becomes ready
};

/// "drop:17", "delay:17:250": kind, chunk number (for start_…: worker number), milliseconds.
struct Fault {
  FaultKind kind = FaultKind::kDrop;
  uint64_t at = 0;
  int delay_ms = 0;
};

/// nullopt for ""; throws `UsageError` listing the kinds when malformed.
std::optional<Fault> ParseFault(std::string_view text);

/// Whether `fault` is of a kind that ends or stops the process and due at chunk `sequence`.
[[nodiscard]] bool EndsAt(const std::optional<Fault>& fault, uint64_t sequence);

/// Executes kCrash, kKill, kHang, kExit when `fault` is of such a kind and due at chunk `sequence`.
void MaybeEnd(const std::optional<Fault>& fault, uint64_t sequence);

/// Executes kStartCrash and kStartHang when due in worker `index`.
void MaybeEndAtStart(const std::optional<Fault>& fault, int index);

/// kWrong: changes every byte of the answers of `layout` packed in `answers`, as a broken
/// computation would; their sizes stay.
void SpoilAnswers(std::span<std::byte> answers, const ItemLayout& layout);

/// kFlip: flips a bit of the first byte of the first answer that has one.
void FlipBit(std::span<std::byte> answers, const ItemLayout& layout);

/// A worker's end that misbehaves as `fault` says and else hands everything through. `layout` is
/// that of an answer.
std::unique_ptr<WorkerChannel> MakeFaultyChannel(std::unique_ptr<WorkerChannel> inner,
                                                 const Fault& fault, ItemLayout layout);

}  // namespace coresweep
