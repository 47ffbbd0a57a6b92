// Measures one transport between this process and one echo worker.
#pragma once

#include <string>
#include <vector>

#include "harness/core/transport_figures.h"
#include "harness/ipc/transports.h"
#include "harness/run/echo_worker.h"
#include "harness/run/trip_meter.h"
#include "harness/run/worker_pool.h"

namespace coresweep {

/// One connection to be measured. The caller sits where the dispatcher is to sit.
struct ProbeCase {
  std::string transport;
  bool touched = true;
  size_t bytes = 0;
  int64_t spin_ns = 0;
  CpuSet worker_cpus;  ///< not empty
  /// For tests, as `EchoSetup::end_after`.
  int64_t end_after = 0;
};

/// Chunks in flight one way: enough that neither end waits for the other, in bounded memory.
int OneWayCredit(size_t bytes);
/// What a channel for that is, `credit` chunks in flight.
ChannelShape ProbeShape(const ProbeCase& probe, int credit);

struct RoundTripSamples {
  std::vector<double> ns;  ///< of a trip
  EndCost dispatcher;
  EndCost worker;
};

/// The transport cannot be used here at all: the container forbids it.
class TransportForbidden : public Error {
 public:
  using Error::Error;
};

/// One chunk in flight, answered with as many bytes. Each trip is written before and read after
/// where `touched`, and compared. Throws `TransportForbidden` when it cannot be opened,
/// `TrialFailure` when the worker ends or does not answer or a stop signal comes, `Error` when an
/// answer is not what was sent.
RoundTripSamples MeasureRoundTrips(const ProcessContext& context, const ProbeCase& probe,
                                   const MeterPlan& plan);

/// `OneWayCredit` chunks in flight, answered without payload. The payload is ready and is sent
/// again and again; where the channel lends memory and `touched`, it is written there for each
/// chunk. The worker reads every byte and says their sum. Throws likewise.
OneWayFigures MeasureOneWay(const ProcessContext& context, const ProbeCase& probe,
                            const MeterPlan& plan);

}  // namespace coresweep
