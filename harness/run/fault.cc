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

namespace coresweep {
namespace {

constexpr std::array<std::pair<std::string_view, FaultKind>, 12> kKinds{{
    {"drop", FaultKind::kDrop},
    {"repeat", FaultKind::kRepeat},
    {"swap", FaultKind::kSwap},
    {"flip", FaultKind::kFlip},
    {"wrong", FaultKind::kWrong},
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

/// One answer kept back.
struct Kept {
  ChunkHeader header;
  std::vector<std::byte> payload;
};

class FaultyChannel final : public WorkerChannel {
 public:
  FaultyChannel(std::unique_ptr<WorkerChannel> inner, const Fault& fault)
      : inner_(std::move(inner)), fault_(fault) {}

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
        if (!buffer_.empty()) buffer_[0] ^= std::byte{1};
        return Forward(header, buffer_);
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

  /// The kept number goes out with the new payload, the new number with the kept payload. Chunks of
  /// unequal size cannot change places.
  void SendSwapped(const ChunkHeader& header) {
    Kept kept = *std::exchange(kept_, std::nullopt);
    if (kept.payload.size() == buffer_.size()) {
      std::swap(kept.payload, buffer_);
      ChunkHeader second = header;
      std::swap(kept.header.digest, second.digest);
      Forward(kept.header, kept.payload);
      return Forward(second, buffer_);
    }
    Forward(kept.header, kept.payload);
    Forward(header, buffer_);
  }

  std::unique_ptr<WorkerChannel> inner_;
  Fault fault_;
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

void SpoilAnswer(std::span<std::byte> answers) {
  for (std::byte& byte : answers)
    byte ^= std::byte{0x3f};
}

std::unique_ptr<WorkerChannel> MakeFaultyChannel(std::unique_ptr<WorkerChannel> inner,
                                                 const Fault& fault) {
  return std::make_unique<FaultyChannel>(std::move(inner), fault);
}

}  // namespace coresweep
