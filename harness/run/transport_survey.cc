#include "harness/run/transport_survey.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "harness/base/error.h"
#include "harness/ipc/transports.h"
#include "harness/run/dispatcher_seat.h"
#include "harness/run/raw_limits.h"
#include "harness/run/transport_probe.h"

namespace coresweep {
namespace {

constexpr int64_t kAdaptiveSpinNs = 50 * kNsPerUs;
constexpr size_t kBatchedBytes = 4096;  // a trip of more takes longer than reading the clock
constexpr int kTripsPerSample = 16;     // where both ends spin: a trip may take 100 ns
constexpr size_t kMostBytesInRounds = size_t{4} << 20;  // above, faulting memory in takes longest
constexpr double kMostMemoryShare = 0.5;

/// Samples and rates of one round of one thing, and those of its limit.
struct Round {
  std::vector<double> trips_ns;
  std::optional<double> chunks_per_s;
  std::optional<double> crossing_chunks_per_s;  ///< of a limit over shared memory
};

/// What the rounds of one row or of one limit gave.
struct Rounds {
  std::vector<Round> rounds;
  std::string why_not;  ///< the container forbids it
};

std::vector<double> AllTrips(const Rounds& all) {
  std::vector<double> trips;
  for (const Round& round : all.rounds)
    trips.insert(trips.end(), round.trips_ns.begin(), round.trips_ns.end());
  std::sort(trips.begin(), trips.end());
  return trips;
}

/// The rounds of a limit with nothing but the rates between two cores, as `chunks_per_s`.
Rounds CrossingOf(const Rounds& limit) {
  Rounds crossing;
  for (const Round& round : limit.rounds)
    crossing.rounds.push_back({{}, round.crossing_chunks_per_s, {}});
  return crossing;
}

std::optional<double> MedianRate(const Rounds& all) {
  std::vector<double> rates;
  for (const Round& round : all.rounds) {
    if (round.chunks_per_s) rates.push_back(*round.chunks_per_s);
  }
  return Median(rates);
}

/// `of` / `limit` in each round that both have, as a spread.
template <typename Value>
std::optional<Spread> Paired(const Rounds& of, const Rounds& limit, const Value& value) {
  std::vector<double> ratios;
  for (size_t i = 0; i < std::min(of.rounds.size(), limit.rounds.size()); ++i) {
    const std::optional<double> ours = value(of.rounds[i]);
    const std::optional<double> least = value(limit.rounds[i]);
    if (ours && least && *least > 0) ratios.push_back(*ours / *least);
  }
  return SpreadOf(ratios);
}

/// Adds `more` to a mean over the rounds before.
void AddToMean(EndCost& mean, const EndCost& more, double rounds_before) {
  const auto add = [&](double& to, double value) {
    to = (to * rounds_before + value) / (rounds_before + 1);
  };
  add(mean.cpu_ns, more.cpu_ns);
  add(mean.voluntary_switches, more.voluntary_switches);
  add(mean.involuntary_switches, more.involuntary_switches);
}

/// It may hand payloads over without writing or reading them.
bool LendsMemory(const std::string& transport) {
  const auto limit = LimitOf(transport, true);
  return limit && limit->round_trip == RawKind::kLineInPlace;
}

bool SameGroup(const TransportCase& a, const TransportCase& b) {
  return a.place == b.place && a.bytes == b.bytes && a.wait == b.wait;
}

const std::function<void(const TransportCase&)> kTellNobody = [](const TransportCase&) {};

/// Rows of one place, size and wait, with the limits they stand beside: measured in turn, round
/// after round, so that what disturbs the machine for a while disturbs both.
class Group {
 public:
  Group(const ProcessContext& context, TransportSurvey& survey, const EndsSeats& seats)
      : context_(context), survey_(survey), seats_(seats), unpinned_(GetAffinity()) {}

  void Add(TransportRow& row) {
    rows_.push_back({&row, {}, LimitFor(row)});
    if (row.skipped.empty() && rows_.back().limit < 0) row.no_limit = "no limit is known for it";
  }

  /// `next` is told each row at its first round. What was measured is in the rows, also when a
  /// stop signal ends it (`TrialFailure`).
  void Run(const std::function<void(const TransportCase&)>& next) {
    const DispatcherSeat seat(seats_.dispatcher);
    try {
      for (int round = 0; round < RoundsOf(rows_.front().row->of.bytes); ++round)
        RunRound(round == 0 ? next : kTellNobody);
    } catch (const TrialFailure&) {
      Summarize();
      throw;
    }
    Summarize();
  }

 private:
  struct Member {
    TransportRow* row;
    Rounds rounds;
    int limit;  ///< position in `limits_`, -1: none is known
  };
  struct LimitMember {
    LimitCase of;
    Rounds rounds;
  };

  void RunRound(const std::function<void(const TransportCase&)>& next) {
    limit_measured_.assign(limits_.size(), false);
    for (Member& member : rows_) {
      if (!Measurable(*member.row)) continue;
      next(member.row->of);
      if (member.limit >= 0) MeasureLimit(static_cast<size_t>(member.limit), *member.row);
      MeasureRow(member);
    }
  }

  void Summarize() const {
    for (const Member& member : rows_)
      Summarize(member);
  }

  static bool Measurable(const TransportRow& row) {
    return row.skipped.empty() && row.failed.empty();
  }

  [[nodiscard]] int RoundsOf(size_t bytes) const {
    return bytes > kMostBytesInRounds ? 1 : survey_.rounds;
  }
  [[nodiscard]] CpuSet WorkerCpus() const {
    return seats_.worker.Empty() ? unpinned_ : seats_.worker;
  }
  [[nodiscard]] bool Spinning(const TransportRow& row) const { return row.spin_ns != 0; }

  [[nodiscard]] MeterPlan PlanFor(const TransportRow& row) const {
    MeterPlan plan;
    plan.budget_ns = SecondsToNs(survey_.seconds / 2 / RoundsOf(row.of.bytes));
    plan.warm_up_ns = plan.budget_ns / 5;
    plan.least_samples = LeastSamplesFor(0.5) / RoundsOf(row.of.bytes) + 1;
    const bool one_cpu = seats_.place == EndsPlace::kSame;
    if (Spinning(row) && !one_cpu && (row.of.bytes <= kBatchedBytes || !row.of.touched)) {
      plan.trips_per_sample = kTripsPerSample;
    }
    return plan;
  }
  [[nodiscard]] MeterPlan OneWayPlanFor(const TransportRow& row) const {
    MeterPlan plan = PlanFor(row);
    plan.least_samples = 1;
    return plan;
  }

  int LimitFor(const TransportRow& row) {
    const auto kind = LimitOf(row.of.transport, row.of.touched);
    if (!kind) return -1;
    const LimitCase wanted{*kind, row.of.bytes, Spinning(row), WorkerCpus()};
    const auto found = std::find_if(limits_.begin(), limits_.end(),
                                    [&](const LimitMember& limit) { return limit.of == wanted; });
    if (found != limits_.end()) return static_cast<int>(found - limits_.begin());
    limits_.push_back({wanted, {}});
    return static_cast<int>(limits_.size()) - 1;
  }

  void MeasureLimit(size_t position, const TransportRow& row) {
    LimitMember& limit = limits_[position];
    if (limit_measured_[position] || !limit.rounds.why_not.empty()) return;
    limit_measured_[position] = true;
    try {
      Round round;
      round.trips_ns = MeasureRawRoundTrips(context_, limit.of, PlanFor(row));
      const std::string one_way = limit.of.OneWayName();
      if (one_way == "memcpy") {
        round.chunks_per_s =
            MeasureMemcpy(row.of.bytes, OneWayCredit(row.of.bytes) + 1, OneWayPlanFor(row));
        const auto slots = static_cast<uint32_t>(OneWayCredit(row.of.bytes)) + 1;
        round.crossing_chunks_per_s =
            MeasureRawOneWay(context_, limit.of, OneWayPlanFor(row), slots);
      } else if (!one_way.empty()) {
        round.chunks_per_s = MeasureRawOneWay(context_, limit.of, OneWayPlanFor(row));
      }
      limit.rounds.rounds.push_back(std::move(round));
    } catch (const TrialFailure& failure) {
      if (failure.outcome() == Outcome::kInterrupted) throw;
      limit.rounds.why_not = failure.what();
    } catch (const Error& error) {
      limit.rounds.why_not = error.what();
    }
  }

  void MeasureRow(Member& member) {
    TransportRow& row = *member.row;
    const ProbeCase probe{row.of.transport, row.of.touched, row.of.bytes,
                          row.spin_ns.value_or(kSpinForever), WorkerCpus()};
    try {
      RoundTripSamples trips = MeasureRoundTrips(context_, probe, PlanFor(row));
      OneWayFigures one_way = MeasureOneWay(context_, probe, OneWayPlanFor(row));
      Keep(std::move(trips), one_way, member);
    } catch (const TransportForbidden& forbidden) {
      row.skipped = forbidden.what();
    } catch (const TrialFailure& failure) {
      if (failure.outcome() == Outcome::kInterrupted) throw;
      row.failed = failure.what();
    } catch (const Error& error) {
      row.failed = error.what();
    }
  }

  void Keep(RoundTripSamples trips, const OneWayFigures& one_way, Member& member) {
    TransportRow& row = *member.row;
    const auto before = static_cast<double>(member.rounds.rounds.size());
    if (!row.round_trip) row.round_trip.emplace();
    AddToMean(row.round_trip->dispatcher, trips.dispatcher, before);
    AddToMean(row.round_trip->worker, trips.worker, before);
    if (!row.one_way) row.one_way.emplace();
    row.one_way->chunks += one_way.chunks;
    row.one_way->credit = one_way.credit;
    AddToMean(row.one_way->dispatcher, one_way.dispatcher, before);
    AddToMean(row.one_way->worker, one_way.worker, before);
    member.rounds.rounds.push_back({std::move(trips.ns), one_way.chunks_per_s, {}});
  }

  void Summarize(const Member& member) const {
    TransportRow& row = *member.row;
    if (!row.round_trip) return;
    const std::vector<double> trips = AllTrips(member.rounds);
    row.round_trip->samples = static_cast<int64_t>(trips.size());
    row.round_trip->trips_per_sample = PlanFor(row).trips_per_sample;
    row.round_trip->p50_ns = Percentile(trips, 0.5);
    row.round_trip->p99_ns = Percentile(trips, 0.99);
    row.one_way->chunks_per_s = MedianRate(member.rounds).value_or(0);
    if (row.of.touched) {
      row.one_way->bytes_per_s = row.one_way->chunks_per_s * static_cast<double>(row.of.bytes);
    }
    if (member.limit >= 0) {
      SummarizeLimit(limits_[static_cast<size_t>(member.limit)], member.rounds, row);
    }
  }

  static void SummarizeLimit(const LimitMember& limit, const Rounds& rounds, TransportRow& row) {
    row.no_limit = limit.rounds.why_not;
    if (limit.rounds.rounds.empty()) return;
    LimitFigures figures;
    const std::vector<double> trips = AllTrips(limit.rounds);
    figures.round_trip = limit.of.RoundTripName();
    figures.samples = static_cast<int64_t>(trips.size());
    figures.p50_ns = Percentile(trips, 0.5);
    figures.p99_ns = Percentile(trips, 0.99);
    figures.one_way = limit.of.OneWayName();
    figures.chunks_per_s = MedianRate(limit.rounds);
    if (figures.chunks_per_s) {
      figures.bytes_per_s = *figures.chunks_per_s * static_cast<double>(row.of.bytes);
    }
    const Rounds crossing = CrossingOf(limit.rounds);
    if (const auto rate = MedianRate(crossing))
      figures.crossing_bytes_per_s = *rate * static_cast<double>(row.of.bytes);
    row.limit = std::move(figures);
    row.round_trip_times_limit =
        Paired(rounds, limit.rounds, [](const Round& round) { return Median(round.trips_ns); });
    const auto rate = [](const Round& round) { return round.chunks_per_s; };
    row.one_way_share_of_limit = Paired(rounds, limit.rounds, rate);
    row.one_way_share_of_crossing = Paired(rounds, crossing, rate);
  }

  const ProcessContext& context_;
  TransportSurvey& survey_;
  EndsSeats seats_;
  CpuSet unpinned_;
  std::vector<Member> rows_;
  std::vector<LimitMember> limits_;
  std::vector<bool> limit_measured_;
};

/// "" or why there is too little memory for the payloads of both ends and what the channel shares.
std::string WhyTooLarge(const TransportCase& of, const HostFacts& facts) {
  const ProbeCase probe{of.transport, of.touched, of.bytes, 0, {}};
  const ChannelShape shape = ProbeShape(probe, OneWayCredit(of.bytes));
  const size_t needed = SharedBytes(of.transport, shape) + 8 * of.bytes;
  const auto most = kMostMemoryShare * static_cast<double>(facts.UsableMemoryBytes());
  if (facts.UsableMemoryBytes() == 0 || static_cast<double>(needed) <= most) return "";
  return fmt::format("takes about {} MiB, more than half of the memory", needed >> 20);
}

const EndsSeats& SeatsOf(const TransportSurvey& survey, EndsPlace place) {
  return *std::find_if(survey.places.begin(), survey.places.end(),
                       [&](const EndsSeats& seats) { return seats.place == place; });
}

void AddRow(TransportCase of, const EndsSeats& seats, const HostFacts& facts,
            TransportSurvey& survey) {
  TransportRow row;
  const int64_t spin_ns = SpinOf(of.wait, seats);
  if (spin_ns != kSpinForever) row.spin_ns = spin_ns;
  row.skipped = seats.why_not.empty() ? WhyTooLarge(of, facts) : seats.why_not;
  row.of = std::move(of);
  survey.rows.push_back(std::move(row));
}

}  // namespace

int64_t SpinOf(Wait wait, const EndsSeats& seats) {
  switch (wait) {
    case Wait::kBlock:
      return 0;
    case Wait::kSpin:
      return kSpinForever;
    case Wait::kAdaptive:
      return seats.shares_core ? 0 : kAdaptiveSpinNs;
  }
  return 0;
}

TransportSurvey PlanSurvey(const SurveyRequest& request, const HostFacts& facts) {
  TransportSurvey survey;
  survey.cpu_model = facts.cpu_model;
  survey.kernel = facts.kernel;
  survey.allowed_cpus = facts.allowed.ToList();
  survey.usable_cpus = facts.UsableCpus();
  survey.seconds = request.seconds;
  survey.rounds = request.rounds;
  for (const EndsPlace place : request.places)
    survey.places.push_back(SeatEnds(place, facts.topology, survey.usable_cpus));
  for (const EndsSeats& seats : survey.places) {
    for (const size_t bytes : request.sizes) {
      for (const Wait wait : request.waits) {
        for (const std::string& transport : request.transports) {
          AddRow({transport, true, bytes, wait, seats.place}, seats, facts, survey);
          if (LendsMemory(transport))
            AddRow({transport, false, bytes, wait, seats.place}, seats, facts, survey);
        }
      }
    }
  }
  return survey;
}

void RunSurvey(const ProcessContext& context, TransportSurvey& survey,
               const std::function<void(size_t done, const TransportCase& next)>& progress) {
  try {
    for (size_t first = 0; first < survey.rows.size();) {
      const TransportCase& of = survey.rows[first].of;
      Group group(context, survey, SeatsOf(survey, of.place));
      size_t end = first;
      for (; end < survey.rows.size() && SameGroup(of, survey.rows[end].of); ++end)
        group.Add(survey.rows[end]);
      size_t done = first;
      group.Run([&](const TransportCase& next) { progress(done++, next); });
      first = end;
    }
  } catch (const TrialFailure& failure) {
    if (failure.outcome() != Outcome::kInterrupted) throw;
    survey.interrupted = true;
  }
}

}  // namespace coresweep
