#include "harness/run/fault.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include "harness/base/error.h"
#include "harness/core/framing.h"

namespace coresweep {
namespace {

constexpr std::array<std::pair<std::string_view, FaultKind>, 13> kKinds{{
    {"drop", FaultKind::kDrop},
    {"repeat", FaultKind::kRepeat},
    {"swap", FaultKind::kSwap},
    {"flip", FaultKind::kFlip},
    {"wrong", FaultKind::kWrong},
    {"cut", FaultKind::kCut},
    {"delay", FaultKind::kDelay},
    {"crash", FaultKind::kCrash},
    {"kill", FaultKind::kKill},
    {"hang", FaultKind::kHang},
    {"exit", FaultKind::kExit},
    {"start_crash", FaultKind::kStartCrash},
    {"start_hang", FaultKind::kStartHang},
}};

[[noreturn]] void FailParse(std::string_view text) {
  std::string kinds;
  for (const auto& [name, kind] : kKinds)
    kinds += fmt::format("{}{}", kinds.empty() ? "" : ", ", name);
  throw UsageError(fmt::format("--fault {}: expected KIND:CHUNK[:MILLISECONDS] with KIND one of {}",
                               text, kinds));
}

template <typename T>
bool ParseNumber(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

[[noreturn]] void SleepForEver() {
  while (true)
    std::this_thread::sleep_for(std::chrono::hours(1));
}

/// The bytes of the answers packed in `answers`; those of fixed size all together.
std::vector<std::span<std::byte>> AnswersIn(std::span<std::byte> answers,
                                            const ItemLayout& layout) {
  if (!layout.Varies()) return {answers};
  std::vector<std::span<std::byte>> found;
  FrameWalker walker(answers);
  while (const auto answer = walker.Next())
    found.push_back(*answer);
  return found;
}

/// One answer kept back.
struct Kept {
  ChunkHeader header;
  std::vector<std::byte> payload;
};

class FaultyChannel final : public WorkerChannel {
 public:
  FaultyChannel(std::unique_ptr<WorkerChannel> inner, const Fault& fault, ItemLayout layout)
      : inner_(std::move(inner)), fault_(fault), layout_(std::move(layout)) {}

  std::optional<Incoming> Receive() override { return inner_->Receive(); }

  bool PayloadIsReadOnly() const override { return inner_->PayloadIsReadOnly(); }

  std::span<std::byte> AnswerSpace(size_t bytes) override {
    buffer_.resize(bytes);
    return buffer_;
  }

  void Send(const ChunkHeader& header) override {
    buffer_.resize(header.payload_bytes);
    if (kept_) return SendSwapped(header);
    if (header.sequence != fault_.at) return Forward(header, buffer_);
    switch (fault_.kind) {
      case FaultKind::kDrop:
        return;
      case FaultKind::kRepeat:
        Forward(header, buffer_);
        return Forward(header, buffer_);
      case FaultKind::kSwap:
        kept_ = Kept{header, buffer_};
        return;
      case FaultKind::kFlip:
        FlipBit(buffer_, layout_);
        return Forward(header, buffer_);
      case FaultKind::kCut:
        return ForwardCut(header);
      case FaultKind::kDelay:
        std::this_thread::sleep_for(std::chrono::milliseconds(fault_.delay_ms));
        return Forward(header, buffer_);
      default:
        return Forward(header, buffer_);
    }
  }

 private:
  void Forward(const ChunkHeader& header, const std::vector<std::byte>& payload) {
    const auto space = inner_->AnswerSpace(payload.size());
    if (!payload.empty()) std::memcpy(space.data(), payload.data(), payload.size());
    inner_->Send(header);
  }

  void ForwardCut(ChunkHeader header) {
    if (!buffer_.empty()) buffer_.pop_back();
    header.payload_bytes = buffer_.size();
    Forward(header, buffer_);
  }

  /// The kept number goes out with the new payload, the new number with the kept payload. Chunks of
  /// unequal numbers of items cannot change places.
  void SendSwapped(const ChunkHeader& header) {
    Kept kept = *std::exchange(kept_, std::nullopt);
    if (kept.header.items == header.items) {
      std::swap(kept.payload, buffer_);
      ChunkHeader second = header;
      std::swap(kept.header.digest, second.digest);
      std::swap(kept.header.payload_bytes, second.payload_bytes);
      Forward(kept.header, kept.payload);
      return Forward(second, buffer_);
    }
    Forward(kept.header, kept.payload);
    Forward(header, buffer_);
  }

  std::unique_ptr<WorkerChannel> inner_;
  Fault fault_;
  ItemLayout layout_;
  std::vector<std::byte> buffer_;
  std::optional<Kept> kept_;
};

}  // namespace

std::optional<Fault> ParseFault(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const size_t first = text.find(':');
  if (first == std::string_view::npos) FailParse(text);
  const size_t second = text.find(':', first + 1);
  Fault fault;
  bool known = false;
  for (const auto& [name, kind] : kKinds) {
    if (name == text.substr(0, first)) fault.kind = kind, known = true;
  }
  const bool has_delay = second != std::string_view::npos;
  const auto number = text.substr(first + 1, has_delay ? second - first - 1 : text.npos);
  if (!known || !ParseNumber(number, fault.at)) FailParse(text);
  if (has_delay && (!ParseNumber(text.substr(second + 1), fault.delay_ms) || fault.delay_ms < 0)) {
    FailParse(text);
  }
  if (has_delay != (fault.kind == FaultKind::kDelay)) FailParse(text);
  return fault;
}

bool EndsAt(const std::optional<Fault>& fault, uint64_t sequence) {
  if (!fault || fault->at != sequence) return false;
  return fault->kind == FaultKind::kCrash || fault->kind == FaultKind::kKill ||
         fault->kind == FaultKind::kHang || fault->kind == FaultKind::kExit;
}

void MaybeEnd(const std::optional<Fault>& fault, uint64_t sequence) {
  if (!fault || fault->at != sequence) return;
  switch (fault->kind) {
    case FaultKind::kCrash:
      std::signal(SIGSEGV, SIG_DFL);  // also under a sanitizer that handles it
      std::raise(SIGSEGV);
      return;
    case FaultKind::kKill:
      std::raise(SIGKILL);
      return;
    case FaultKind::kHang:
      SleepForEver();
    case FaultKind::kExit:
      _exit(7);
    default:
      return;
  }
}

void MaybeEndAtStart(const std::optional<Fault>& fault, int index) {
  if (!fault || fault->at != static_cast<uint64_t>(index)) return;
  if (fault->kind == FaultKind::kStartHang) SleepForEver();
  if (fault->kind == FaultKind::kStartCrash) {
    std::signal(SIGSEGV, SIG_DFL);
    std::raise(SIGSEGV);
  }
}

void SpoilAnswers(std::span<std::byte> answers, const ItemLayout& layout) {
  for (const auto& answer : AnswersIn(answers, layout)) {
    for (std::byte& byte : answer)
      byte ^= std::byte{0x3f};
  }
}

void FlipBit(std::span<std::byte> answers, const ItemLayout& layout) {
  for (const auto& answer : AnswersIn(answers, layout)) {
    if (answer.empty()) continue;
    answer[0] ^= std::byte{1};
    return;
  }
}

std::unique_ptr<WorkerChannel> MakeFaultyChannel(std::unique_ptr<WorkerChannel> inner,
                                                 const Fault& fault, ItemLayout layout) {
  return std::make_unique<FaultyChannel>(std::move(inner), fault, std::move(layout));
}

}  // namespace coresweep
