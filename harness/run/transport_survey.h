// Measures many combinations, each beside its limit, in rounds.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/core/host_facts.h"
#include "harness/core/transport_figures.h"
#include "harness/run/worker_pool.h"

namespace coresweep {

struct SurveyRequest {
  std::vector<std::string> transports;  ///< of the table of transports
  std::vector<size_t> sizes;
  std::vector<Wait> waits;
  std::vector<EndsPlace> places;
  double seconds = 0.1;  ///< of measuring, a combination; half of it for round trips
  int rounds = 3;  ///< the time is spent in so many parts, each beside its limit; above 4 MiB one
};

/// Busy wait of `wait` at `seats`: 0 none, `kSpinForever`.
int64_t SpinOf(Wait wait, const EndsSeats& seats);

/// The rows of `request`, unmeasured, in the order of measuring: by place, size and wait. Rows that
/// cannot be measured say why: a place that is not there, memory. A transport that lends memory has
/// a row `untouched` besides.
TransportSurvey PlanSurvey(const SurveyRequest& request, const HostFacts& facts);

/// Measures what `PlanSurvey` planned. A combination that fails or that the container forbids says
/// so in its row, the others go on. `progress` is told the rows done and the one that is next.
/// Returns early, `interrupted`, after a stop signal.
void RunSurvey(const ProcessContext& context, TransportSurvey& survey,
               const std::function<void(size_t done, const TransportCase& next)>& progress);

}  // namespace coresweep
