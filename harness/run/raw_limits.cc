#include "harness/run/raw_limits.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "harness/base/error.h"
#include "harness/run/echo_process.h"
#include "harness/run/payload_touch.h"

namespace coresweep {
namespace {

constexpr int64_t kPatienceNs = 60 * kNsPerS;
constexpr size_t kLeastCopiedBytes = 4096;  // below, handing over costs more than copying

/// So many that sender and receiver do not wait in turn, and no slot of a line is written again
/// before it was read.
int64_t AcksOwed(const RawShape& shape) {
  const bool is_line = shape.kind == RawKind::kLineCopied || shape.kind == RawKind::kLineInPlace;
  return is_line ? int64_t{shape.slots} : 2;
}

struct LimitRow {
  std::string_view transport;
  RawKind kind;
  bool memcpy_one_way;
};

constexpr std::array<LimitRow, 8> kLimits{{{"pipe", RawKind::kPipe, false},
                                           {"unix", RawKind::kUnix, false},
                                           {"seqpacket", RawKind::kSeqpacket, false},
                                           {"tcp", RawKind::kTcp, false},
                                           {"mq", RawKind::kMq, false},
                                           {"shm", RawKind::kLineCopied, true},
                                           {"shm_loan", RawKind::kLineInPlace, true},
                                           {"zeromq", RawKind::kUnix, false}}};

/// A raw connection to an echo worker, guarded.
class RawSession {
 public:
  RawSession(const ProcessContext& context, const LimitCase& limit, EchoMode mode,
             uint32_t slots = kLineSlots)
      : shape_{limit.kind.round_trip, limit.bytes, limit.spinning, slots},
        touched_(limit.kind.touched && CarriesPayload(shape_)),
        connection_(OpenRaw(shape_, &gone_)),
        worker_(context, Setup(limit, mode), std::move(connection_.worker_fds)),
        guard_(worker_, gone_, kPatienceNs) {}

  void RoundTrip() {
    const auto payload = end().Space(shape_.bytes);
    if (touched_) WritePayload(payload, ++trips_);
    end().Send(shape_.bytes);
    const auto answer = end().Receive(shape_.bytes);
    if (touched_ && SumPayload(answer) != SumOfWritten(shape_.bytes, trips_)) {
      throw Error("a raw connection brought other bytes than were sent");
    }
  }

  /// Sends as many payloads as bring one acknowledgement.
  void SendBatch() {
    for (int64_t i = 0; i < RawAckEvery(shape_.kind); ++i) {
      const auto payload = end().Space(shape_.bytes);
      if (shape_.kind == RawKind::kLineInPlace && touched_) WritePayload(payload, ++trips_);
      end().Send(shape_.bytes);
    }
    if (++acks_owed_ >= AcksOwed(shape_)) AwaitAck();
  }
  void AwaitAcks() {
    while (acks_owed_ > 0)
      AwaitAck();
  }

  /// Runs `work`; what fails in it because the worker has ended is told as that.
  template <typename Work>
  auto Guarded(const Work& work) {
    try {
      return work();
    } catch (const Error&) {
      if (gone_.load(std::memory_order_relaxed) || worker_.AwaitEnd()) worker_.Fail();
      throw;
    }
  }

 private:
  [[nodiscard]] EchoSetup Setup(const LimitCase& limit, EchoMode mode) const {
    EchoSetup setup;
    setup.cpus = limit.worker_cpus.ToList();
    setup.mode = mode == EchoMode::kCopy && !limit.kind.touched ? EchoMode::kUntouched : mode;
    setup.raw = shape_;
    return setup;
  }
  RawEnd& end() { return *connection_.ours; }
  void AwaitAck() {
    (void)end().Receive(std::min(shape_.bytes, size_t{1}));
    --acks_owed_;
  }

  RawShape shape_;
  bool touched_;
  std::atomic<bool> gone_{false};
  RawConnection connection_;
  EchoProcess worker_;
  EchoGuard guard_;
  uint64_t trips_ = 0;
  int64_t acks_owed_ = 0;
};

std::string NameOf(RawKind kind, bool spinning) {
  if (kind == RawKind::kLineCopied || kind == RawKind::kLineInPlace) {
    return spinning ? "cache line, spinning" : "futex";
  }
  return fmt::format("raw {}, {}", ToString(kind), spinning ? "spinning" : "blocking");
}

}  // namespace

std::optional<LimitKind> LimitOf(const std::string& transport, bool touched) {
  for (const LimitRow& row : kLimits) {
    if (row.transport == transport) return LimitKind{row.kind, row.memcpy_one_way, touched};
  }
  return std::nullopt;
}

std::string LimitCase::RoundTripName() const {
  return NameOf(kind.round_trip, spinning);
}

std::string LimitCase::OneWayName() const {
  if (!kind.memcpy_one_way) return RoundTripName();
  return kind.touched && bytes >= kLeastCopiedBytes ? "memcpy" : "";
}

std::vector<double> MeasureRawRoundTrips(const ProcessContext& context, const LimitCase& limit,
                                         const MeterPlan& plan) {
  RawSession session(context, limit, EchoMode::kCopy);
  return session.Guarded([&] {
    return MeasureTrips(
        plan, [] {}, [&] { session.RoundTrip(); });
  });
}

double MeasureRawOneWay(const ProcessContext& context, const LimitCase& limit,
                        const MeterPlan& plan, uint32_t slots) {
  RawSession session(context, limit, EchoMode::kSum, slots);
  return session.Guarded([&] {
    int64_t begin_ns = 0;
    const auto samples = MeasureTrips(
        plan,
        [&] {
          session.AwaitAcks();
          begin_ns = NowNs();
        },
        [&] { session.SendBatch(); });
    session.AwaitAcks();
    const auto sent = static_cast<double>(samples.size()) *
                      static_cast<double>(RawAckEvery(limit.kind.round_trip)) *
                      plan.trips_per_sample;
    return sent / NsToSeconds(NowNs() - begin_ns);
  });
}

double MeasureMemcpy(size_t bytes, int slots, const MeterPlan& plan) {
  const std::vector<std::byte> from(bytes, std::byte{1});
  std::vector<std::byte> to(bytes * static_cast<size_t>(slots), std::byte{2});
  MeterPlan warm = plan;
  warm.warm_up_trips = int64_t{slots} + 1;
  size_t slot = 0;
  int64_t begin_ns = 0;
  const auto samples = MeasureTrips(
      warm, [&] { begin_ns = NowNs(); },
      [&] {
        std::memcpy(to.data() + slot * bytes, from.data(), bytes);
        asm volatile("" : : "r"(to.data()) : "memory");  // the copy is not dropped as unused
        slot = (slot + 1) % static_cast<size_t>(slots);
      });
  return static_cast<double>(samples.size()) * plan.trips_per_sample /
         NsToSeconds(NowNs() - begin_ns);
}

}  // namespace coresweep
