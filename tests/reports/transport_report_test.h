// A survey for tests of its reports.
#pragma once

#include "harness/core/transport_figures.h"

namespace coresweep {

/// Four rows at one place: two measured, one skipped, one failed.
inline TransportSurvey SurveyForTest() {
  TransportSurvey survey;
  survey.cpu_model = "CPU";
  survey.seconds = 0.1;
  survey.rounds = 3;
  EndsSeats seats;
  seats.place = EndsPlace::kNeighbour;
  seats.dispatcher = {0};
  seats.worker = {1};
  survey.places = {seats};
  const auto add = [&](const char* transport, bool touched) -> TransportRow& {
    TransportRow row;
    row.of = {transport, touched, 65536, Wait::kSpin, EndsPlace::kNeighbour};
    survey.rows.push_back(row);
    return survey.rows.back();
  };
  TransportRow& pipe = add("pipe", true);
  pipe.round_trip = {1000, 1, 30'000.0, 40'000.0, {1000, 1, 0.5}, {2000, 1, 0}};
  pipe.one_way = {500, 8, 10'000, 655'360'000.0, {}, {}};
  pipe.limit = {"raw pipe, spinning", 900,      15'000.0, {},
                "raw pipe, spinning", 20'000.0, 1.3e9,    2.6e9};
  pipe.round_trip_times_limit = Spread{2, 1.9, 2.1};
  pipe.one_way_share_of_limit = Spread{0.5, 0.4, 0.6};
  pipe.one_way_share_of_crossing = Spread{0.25, 0.2, 0.3};
  TransportRow& loan = add("shm_loan", false);
  loan.round_trip = {10, 16, {}, {}, {}, {}};
  loan.one_way = {500, 8, 2e6, {}, {}, {}};
  loan.no_limit = "no futex today";
  add("mq", true).skipped = "mq_open: Function not implemented (ENOSYS)";
  add("tcp", true).failed = "the echo worker exited with code 3";
  return survey;
}

}  // namespace coresweep
