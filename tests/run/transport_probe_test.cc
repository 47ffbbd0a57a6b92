#include "harness/run/transport_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "harness/run/dispatcher_seat.h"
#include "harness/run/echo_process.h"
#include "harness/run/raw_limits.h"

namespace coresweep {
namespace {

using testing::HasSubstr;

/// With the program itself as the worker; budgets of milliseconds.
class TransportProbe : public testing::Test {
 protected:
  TransportProbe() {
    context_.program = CORESWEEP_PROGRAM;
    context_.stop = &stop_;
    // Without its suppressions a sanitizer tells every race of libzmq's, which takes a minute.
    if (const char* options = std::getenv("TSAN_OPTIONS"); options != nullptr)
      context_.environment.push_back(std::string("TSAN_OPTIONS=") + options);
    plan_.budget_ns = kNsPerMs;
    plan_.warm_up_ns = 0;
    plan_.most_samples = 50;
  }
  [[nodiscard]] static ProbeCase Case(const std::string& transport, size_t bytes = 1000) {
    return {transport, true, bytes, 0, GetAffinity(), 0};
  }
  [[nodiscard]] static LimitCase Limit(RawKind kind, bool spinning = false) {
    return {{kind, false, true}, 1000, spinning, GetAffinity()};
  }
  template <typename Measure>
  static std::string MessageOf(const Measure& measure) {
    try {
      measure();
    } catch (const TrialFailure& failure) {
      return failure.what();
    }
    return "no failure";
  }

  StopSignal stop_;
  ProcessContext context_{CORESWEEP_PROGRAM, {}, nullptr};
  MeterPlan plan_;
};

TEST_F(TransportProbe, EveryTransportBringsEveryByteBothWays) {
  for (const TransportEntry& transport : TransportTable()) {
    for (const size_t bytes : {size_t{0}, size_t{1001}, size_t{300'000}}) {
      SCOPED_TRACE(testing::Message() << transport.name << " " << bytes);
      const ProbeCase probe = Case(std::string(transport.name), bytes);
      try {
        // Each compares what comes with what was sent and throws where it differs.
        EXPECT_GE(MeasureRoundTrips(context_, probe, plan_).ns.size(), 1U);
        const OneWayFigures one_way = MeasureOneWay(context_, probe, plan_);
        EXPECT_GE(one_way.chunks, 1);
        EXPECT_GT(one_way.chunks_per_s, 0);
      } catch (const TransportForbidden&) {  // by this container
      }
    }
  }
}

TEST_F(TransportProbe, ABlockingWorkerSleepsForEachChunkAndASpinningOneHardlyEver) {
  if (GetAffinity().Count() < 2) GTEST_SKIP() << "spinning takes two CPUs";
  // Apart, and for many chunks: together, or of a few, a worker finds some without sleeping.
  const std::vector<int> cpus = GetAffinity().ToVector();
  const DispatcherSeat seat({cpus[0]});
  plan_.budget_ns = kNsPerS;
  plan_.least_samples = plan_.most_samples = 500;
  ProbeCase probe = Case("shm", 64);
  probe.worker_cpus = {cpus[1]};
  const EndCost blocking = MeasureRoundTrips(context_, probe, plan_).worker;
  probe.spin_ns = kSpinForever;
  const EndCost spinning = MeasureRoundTrips(context_, probe, plan_).worker;
  EXPECT_GT(blocking.voluntary_switches, 0.5);
  EXPECT_LT(spinning.voluntary_switches, 0.2);
}

TEST_F(TransportProbe, UntouchedPayloadsAreNotRead) {
  ProbeCase probe = Case("shm_loan", 100'000);
  probe.touched = false;
  EXPECT_GE(MeasureRoundTrips(context_, probe, plan_).ns.size(), 1U);
  EXPECT_GE(MeasureOneWay(context_, probe, plan_).chunks, 1);
}

TEST_F(TransportProbe, AWorkerThatEndsIsToldAndNotWaitedFor) {
  for (const TransportEntry& transport : TransportTable()) {
    for (const int64_t spin_ns : {int64_t{0}, kSpinForever}) {
      SCOPED_TRACE(testing::Message() << transport.name << " " << spin_ns);
      ProbeCase probe = Case(std::string(transport.name));
      probe.spin_ns = spin_ns;
      probe.end_after = 5;
      plan_.least_samples = 50;
      const auto check = [&](auto measure) {
        try {
          EXPECT_THAT(MessageOf([&] { measure(context_, probe, plan_); }),
                      HasSubstr("exited with code 3"));
        } catch (const TransportForbidden&) {  // by this container
        }
      };
      check(MeasureRoundTrips);
      check(MeasureOneWay);
    }
  }
}

TEST_F(TransportProbe, AWorkerThatCannotStartSaysWhy) {
  ProbeCase probe = Case("shm");
  probe.worker_cpus = {100'000};
  EXPECT_THAT(MessageOf([&] { (void)MeasureRoundTrips(context_, probe, plan_); }),
              HasSubstr("100000"));
}

TEST_F(TransportProbe, AStopSignalEndsTheMeasuring) {
  ASSERT_EQ(raise(SIGINT), 0);
  try {
    (void)MeasureRoundTrips(context_, Case("shm"), plan_);
    FAIL() << "not interrupted";
  } catch (const TrialFailure& failure) {
    EXPECT_EQ(failure.outcome(), Outcome::kInterrupted);
  }
}

TEST(OneWayCredit, BoundsWhatIsInFlight) {
  EXPECT_EQ(OneWayCredit(0), 16);
  EXPECT_EQ(OneWayCredit(64), 16);
  EXPECT_EQ(OneWayCredit(size_t{1} << 20), 8);
  EXPECT_EQ(OneWayCredit(size_t{256} << 20), 2);
}

TEST_F(TransportProbe, EveryRawConnectionBringsEveryByteBothWays) {
  for (const RawKind kind : {RawKind::kPipe, RawKind::kUnix, RawKind::kSeqpacket, RawKind::kTcp,
                             RawKind::kMq, RawKind::kLineCopied, RawKind::kLineInPlace}) {
    for (const size_t bytes : {size_t{0}, size_t{64}, size_t{1001}, size_t{300'000}}) {
      SCOPED_TRACE(testing::Message() << ToString(kind) << " " << bytes);
      LimitCase limit = Limit(kind);
      limit.bytes = bytes;
      try {
        EXPECT_GE(MeasureRawRoundTrips(context_, limit, plan_).size(), 1U);
        EXPECT_GT(MeasureRawOneWay(context_, limit, plan_), 0);
      } catch (const TrialFailure&) {
        throw;
      } catch (const Error&) {  // forbidden by this container
      }
    }
  }
}

/// An echo worker over a raw connection that is killed while this end waits for it.
void WaitForAKilledWorker(const ProcessContext& context, const RawShape& shape) {
  std::atomic<bool> gone{false};
  RawConnection connection = OpenRaw(shape, &gone);
  EchoSetup setup;
  setup.cpus = GetAffinity().ToList();
  setup.raw = shape;
  setup.end_after = 1;
  EchoProcess worker(context, setup, std::move(connection.worker_fds));
  const EchoGuard guard(worker, gone, 30 * kNsPerS);
  (void)connection.ours->Space(shape.bytes);
  connection.ours->Send(shape.bytes);
  EXPECT_THROW((void)connection.ours->Receive(shape.bytes), Error);
  EXPECT_THAT([&] { worker.Fail(); },
              testing::ThrowsMessage<TrialFailure>(HasSubstr("exited with code 3")));
}

TEST_F(TransportProbe, ARawWorkerThatEndsIsNotWaitedFor) {
  for (const RawKind kind :
       {RawKind::kPipe, RawKind::kUnix, RawKind::kSeqpacket, RawKind::kMq, RawKind::kLineCopied}) {
    for (const bool spinning : {false, true}) {
      SCOPED_TRACE(testing::Message() << ToString(kind) << " " << spinning);
      WaitForAKilledWorker(context_, {kind, 100, spinning});
    }
  }
}

TEST(LimitCase, NamesWhatItMeasures) {
  LimitCase limit{{RawKind::kLineCopied, true, true}, 64, true, {0}};
  EXPECT_EQ(limit.RoundTripName(), "cache line, spinning");
  EXPECT_EQ(limit.OneWayName(), "") << "handing 64 B over costs more than copying them";
  limit.bytes = 4096;
  limit.spinning = false;
  EXPECT_EQ(limit.RoundTripName(), "futex");
  EXPECT_EQ(limit.OneWayName(), "memcpy");
  limit.kind = {RawKind::kPipe, false, true};
  EXPECT_EQ(limit.RoundTripName(), "raw pipe, blocking");
  EXPECT_EQ(limit.OneWayName(), "raw pipe, blocking");
}

TEST(LimitOf, EveryTransportHasOne) {
  for (const TransportEntry& transport : TransportTable())
    EXPECT_TRUE(LimitOf(std::string(transport.name), true)) << transport.name;
  EXPECT_FALSE(LimitOf("pigeon", true));
}

}  // namespace
}  // namespace coresweep
