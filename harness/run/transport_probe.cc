#include "harness/run/transport_probe.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "harness/base/error.h"
#include "harness/ipc/await_answer.h"
#include "harness/run/echo_process.h"
#include "harness/run/payload_touch.h"

namespace coresweep {
namespace {

constexpr int kRoundTripCredit = 2;  // one is used
constexpr int kMostInFlight = 16;
constexpr size_t kMostInFlightBytes = size_t{8} << 20;

Connection Open(const ProbeCase& probe, const ChannelShape& shape) {
  try {
    return FindTransport(probe.transport).open(shape);
  } catch (const Error& error) {
    throw TransportForbidden(error.what());
  }
}

EchoSetup Setup(const ProbeCase& probe, const ChannelShape& shape, EchoMode mode) {
  EchoSetup setup;
  setup.cpus = probe.worker_cpus.ToList();
  setup.mode = probe.touched ? mode : EchoMode::kUntouched;
  setup.transport = probe.transport;
  setup.shape = shape;
  setup.end_after = probe.end_after;
  return setup;
}

/// A channel with its worker, and the payload that is sent.
class Session {
 public:
  Session(const ProcessContext& context, const ProbeCase& probe, const ChannelShape& shape,
          EchoMode mode)
      : probe_(probe),
        mode_(probe.touched ? mode : EchoMode::kUntouched),
        connection_(Open(probe, shape)),
        worker_(context, Setup(probe, shape, mode), std::move(connection_.worker_fds)),
        payload_(probe.bytes),
        wait_{probe.spin_ns, worker_.ends()} {
    WritePayload(payload_, kReadyValue);
  }

  void RoundTrip() {
    Send(Fill(std::span(payload_), true), 1);
    TakeAnswer();
  }

  /// Sends while there is credit, else takes an answer.
  void SendOneOfMany(int credit) {
    if (in_flight_ >= credit) TakeAnswer();
    Send(Fill(std::span(payload_), false), 1);
  }
  void TakeAll() {
    while (in_flight_ > 0)
      TakeAnswer();
  }

  /// What the worker used so far. Nothing else may be in flight.
  EchoUse AskUse() {
    Send({}, 0);
    const Incoming answer = Await();
    const EchoUse use = UseFromHeader(answer.header);
    Done(answer);
    return use;
  }

 private:
  static constexpr uint64_t kReadyValue = 0x5a;

  /// The payload of the next chunk: in lent memory where there is such, else `own`, which is
  /// written anew only where `write` says so.
  std::span<const std::byte> Fill(std::span<std::byte> own, bool write) {
    const auto lent = connection_.dispatcher->Loan(probe_.bytes);
    const auto payload = lent.empty() ? own : lent.first(probe_.bytes);
    if (probe_.touched && (write || !lent.empty())) {
      WritePayload(payload, ++value_);
    } else if (lent.empty()) {
      value_ = kReadyValue;
    }
    return payload;
  }

  void Send(std::span<const std::byte> payload, uint32_t items) {
    ChunkHeader header;
    header.generation = 1;
    header.sequence = sent_++;
    header.items = items;
    header.payload_bytes = payload.size();
    header.issued_ns = static_cast<int64_t>(value_);  // comes back as it is
    while (!connection_.dispatcher->TrySend(header, payload)) {
      // A buffer of the kernel is full: the next answer says that room was made.
      if (in_flight_ == 0) throw Error(fmt::format("{} has no room for a chunk", probe_.transport));
      TakeAnswer();
    }
    ++in_flight_;
  }

  Incoming Await() {
    const auto answer = AwaitAnswer(*connection_.dispatcher, wait_);
    if (!answer) worker_.Fail();
    if (answer->header.sequence != received_++) throw Error("an answer came out of order");
    return *answer;
  }

  void TakeAnswer() {
    const Incoming answer = Await();
    Check(answer);
    Done(answer);
  }

  void Check(const Incoming& answer) const {
    if (mode_ == EchoMode::kUntouched) return;
    const uint64_t sent =
        SumOfWritten(probe_.bytes, static_cast<uint64_t>(answer.header.issued_ns));
    const uint64_t come =
        mode_ == EchoMode::kSum ? answer.header.digest : SumPayload(answer.payload);
    if (sent != come)
      throw Error(fmt::format("{} brought other bytes than were sent", probe_.transport));
  }

  void Done(const Incoming& answer) {
    --in_flight_;
    if (connection_.dispatcher->HoldsAnswers()) connection_.dispatcher->Release(answer.slot);
  }

  const ProbeCase& probe_;
  EchoMode mode_;
  Connection connection_;
  EchoProcess worker_;
  std::vector<std::byte> payload_;
  AnswerWait wait_;
  uint64_t value_ = kReadyValue;
  uint64_t sent_ = 0;
  uint64_t received_ = 0;
  int in_flight_ = 0;
};

/// Both ends' readings at one moment.
struct Readings {
  EchoUse dispatcher;
  EchoUse worker;
  static Readings Take(Session& session) {
    // The worker first: what asking it costs us is not in our own.
    const EchoUse worker = session.AskUse();
    return {ReadThreadUse(), worker};
  }
};

/// Every slot is used before anything is timed: the first use faults its pages in.
MeterPlan Warm(MeterPlan plan, int credit) {
  plan.warm_up_trips = int64_t{credit} + 2;
  return plan;
}

}  // namespace

int OneWayCredit(size_t bytes) {
  if (bytes == 0) return kMostInFlight;
  return static_cast<int>(std::clamp<size_t>(kMostInFlightBytes / bytes, 2, kMostInFlight));
}

ChannelShape ProbeShape(const ProbeCase& probe, int credit) {
  ChannelShape shape;
  shape.request_bytes = probe.bytes;
  shape.answer_bytes = probe.bytes;
  shape.credit = credit;
  shape.spin_ns = probe.spin_ns;
  return shape;
}

RoundTripSamples MeasureRoundTrips(const ProcessContext& context, const ProbeCase& probe,
                                   const MeterPlan& plan) {
  Session session(context, probe, ProbeShape(probe, kRoundTripCredit), EchoMode::kCopy);
  Readings before;
  RoundTripSamples result;
  result.ns = MeasureTrips(
      Warm(plan, kRoundTripCredit), [&] { before = Readings::Take(session); },
      [&] { session.RoundTrip(); });
  const EchoUse ours = ReadThreadUse();
  const auto trips = static_cast<int64_t>(result.ns.size()) * plan.trips_per_sample;
  result.worker = CostPerChunk(before.worker, session.AskUse(), trips);
  result.dispatcher = CostPerChunk(before.dispatcher, ours, trips);
  return result;
}

OneWayFigures MeasureOneWay(const ProcessContext& context, const ProbeCase& probe,
                            const MeterPlan& plan) {
  OneWayFigures figures;
  figures.credit = OneWayCredit(probe.bytes);
  ChannelShape shape = ProbeShape(probe, figures.credit);
  if (probe.touched) shape.answer_bytes = 0;
  Session session(context, probe, shape, EchoMode::kSum);
  Readings before;
  int64_t begin_ns = 0;
  const auto samples = MeasureTrips(
      Warm(plan, figures.credit),
      [&] {
        session.TakeAll();
        before = Readings::Take(session);
        begin_ns = NowNs();
      },
      [&] { session.SendOneOfMany(figures.credit); });
  session.TakeAll();
  const double seconds = NsToSeconds(NowNs() - begin_ns);
  const EchoUse ours = ReadThreadUse();
  figures.chunks = static_cast<int64_t>(samples.size()) * plan.trips_per_sample;
  figures.chunks_per_s = static_cast<double>(figures.chunks) / seconds;
  figures.worker = CostPerChunk(before.worker, session.AskUse(), figures.chunks);
  figures.dispatcher = CostPerChunk(before.dispatcher, ours, figures.chunks);
  return figures;
}

}  // namespace coresweep
