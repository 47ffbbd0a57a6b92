#include "reports/transport_json.h"

#include <nlohmann/json.hpp>

#include "reports/json_values.h"

namespace coresweep {
namespace {

OrderedJson CostJson(const EndCost& cost) {
  return {{"cpu_ns_per_chunk", cost.cpu_ns},
          {"voluntary_switches_per_chunk", cost.voluntary_switches},
          {"involuntary_switches_per_chunk", cost.involuntary_switches}};
}

OrderedJson RoundTripJson(const std::optional<RoundTripFigures>& figures) {
  if (!figures) return nullptr;
  return {{"p50_ns", OrNull(figures->p50_ns)},
          {"p99_ns", OrNull(figures->p99_ns)},
          {"samples", figures->samples},
          {"trips_per_sample", figures->trips_per_sample},
          {"dispatcher", CostJson(figures->dispatcher)},
          {"worker", CostJson(figures->worker)}};
}

OrderedJson OneWayJson(const std::optional<OneWayFigures>& figures) {
  if (!figures) return nullptr;
  return {{"chunks_per_s", figures->chunks_per_s},
          {"bytes_per_s", OrNull(figures->bytes_per_s)},
          {"chunks", figures->chunks},
          {"credit", figures->credit},
          {"dispatcher", CostJson(figures->dispatcher)},
          {"worker", CostJson(figures->worker)}};
}

OrderedJson LimitJson(const TransportRow& row) {
  if (!row.limit) return nullptr;
  const LimitFigures& limit = *row.limit;
  return {{"round_trip",
           {{"of", limit.round_trip},
            {"p50_ns", OrNull(limit.p50_ns)},
            {"p99_ns", OrNull(limit.p99_ns)},
            {"samples", limit.samples}}},
          {"one_way",
           {{"of", TextOrNull(limit.one_way)},
            {"chunks_per_s", OrNull(limit.chunks_per_s)},
            {"bytes_per_s", OrNull(limit.bytes_per_s)},
            {"crossing_bytes_per_s", OrNull(limit.crossing_bytes_per_s)}}}};
}

OrderedJson RowJson(const TransportRow& row) {
  return {{"transport", row.of.transport},
          {"touched", row.of.touched},
          {"payload_bytes", row.of.bytes},
          {"wait", std::string(ToString(row.of.wait))},
          {"place", std::string(ToString(row.of.place))},
          {"spin_ns", OrNull(row.spin_ns)},
          {"skipped", TextOrNull(row.skipped)},
          {"failed", TextOrNull(row.failed)},
          {"round_trip", RoundTripJson(row.round_trip)},
          {"one_way", OneWayJson(row.one_way)},
          {"limit", LimitJson(row)},
          {"no_limit", TextOrNull(row.no_limit)},
          {"round_trip_times_limit", SpreadJson(row.round_trip_times_limit)},
          {"one_way_share_of_limit", SpreadJson(row.one_way_share_of_limit)},
          {"one_way_share_of_crossing", SpreadJson(row.one_way_share_of_crossing)}};
}

OrderedJson PlaceJson(const EndsSeats& seats) {
  return {{"place", std::string(ToString(seats.place))},
          {"dispatcher_cpus", TextOrNull(seats.dispatcher.ToList())},
          {"worker_cpus", TextOrNull(seats.worker.ToList())},
          {"shares_core", seats.shares_core},
          {"skipped", TextOrNull(seats.why_not)}};
}

}  // namespace

nlohmann::ordered_json ToJson(const TransportSurvey& survey) {
  OrderedJson places = OrderedJson::array();
  for (const EndsSeats& seats : survey.places)
    places.push_back(PlaceJson(seats));
  OrderedJson rows = OrderedJson::array();
  for (const TransportRow& row : survey.rows)
    rows.push_back(RowJson(row));
  return {{"schema", "coresweep.transports"},
          {"version", 1},
          {"created", TimestampJson(survey.created_unix_ms)},
          {"finished", !survey.interrupted},
          {"host",
           {{"cpu_model", survey.cpu_model},
            {"kernel", survey.kernel},
            {"allowed_cpus", survey.allowed_cpus},
            {"usable_cpus", survey.usable_cpus}}},
          {"seconds_per_combination", survey.seconds},
          {"rounds", survey.rounds},
          {"places", std::move(places)},
          {"combinations", std::move(rows)}};
}

}  // namespace coresweep
