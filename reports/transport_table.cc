#include "reports/transport_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/text.h"

namespace coresweep {
namespace {

constexpr std::string_view kAbsent = "–";
constexpr size_t kLeastTableWidth = 40;
constexpr size_t kMostRowNames = 6;
constexpr size_t kLeastBytesForBandwidth = 4096;

using Rows = std::vector<const TransportRow*>;

std::string OptionalNs(const std::optional<double>& ns) {
  return ns ? Duration(*ns / 1e3) : std::string(kAbsent);
}

std::string Times(const std::optional<Spread>& ratio) {
  return ratio ? Ratio(ratio->median) : std::string(kAbsent);
}

std::string Share(const std::optional<Spread>& share) {
  return share ? Percent(share->median) : std::string(kAbsent);
}

std::string OneWayRate(const TransportRow& row) {
  if (row.of.bytes < kLeastBytesForBandwidth || !row.one_way->bytes_per_s) {
    return Quantity(row.one_way->chunks_per_s / 1e3) + " k/s";
  }
  return Quantity(*row.one_way->bytes_per_s / 1e6) + " MB/s";
}

double Switches(const TransportRow& row) {
  const RoundTripFigures& trip = *row.round_trip;
  return trip.dispatcher.voluntary_switches + trip.dispatcher.involuntary_switches +
         trip.worker.voluntary_switches + trip.worker.involuntary_switches;
}

std::vector<Column> Columns(const Rows& rows) {
  const auto column = [&rows](std::string heading, bool right, int importance, auto value_of) {
    Column made{std::move(heading), right, importance, {}};
    for (const TransportRow* row : rows)
      made.values.push_back(value_of(*row));
    return made;
  };
  const auto cpu = [](const TransportRow& row) {
    return Duration((row.round_trip->dispatcher.cpu_ns + row.round_trip->worker.cpu_ns) / 1e3);
  };
  return {column("transport", false, 0, [](const TransportRow& row) { return row.of.Row(); }),
          column("wait", false, 0,
                 [](const TransportRow& row) { return std::string(ToString(row.of.wait)); }),
          column("round trip", true, 0,
                 [](const TransportRow& row) { return OptionalNs(row.round_trip->p50_ns); }),
          column("p99", true, 1,
                 [](const TransportRow& row) { return OptionalNs(row.round_trip->p99_ns); }),
          column("limit", true, 3,
                 [](const TransportRow& row) {
                   return row.limit ? OptionalNs(row.limit->p50_ns) : std::string(kAbsent);
                 }),
          column("x limit", true, 0,
                 [](const TransportRow& row) { return Times(row.round_trip_times_limit); }),
          column("one way", true, 6, OneWayRate),
          column("of limit", true, 5,
                 [](const TransportRow& row) { return Share(row.one_way_share_of_limit); }),
          column("crossing", true, 7,
                 [](const TransportRow& row) { return Share(row.one_way_share_of_crossing); }),
          column("CPU", true, 4, cpu),
          column("switches", true, 2,
                 [](const TransportRow& row) { return fmt::format("{:.2f}", Switches(row)); })};
}

std::string Heading(const EndsSeats& seats, size_t bytes) {
  std::string where(ToString(seats.place));
  if (seats.place == EndsPlace::kSame) {
    where = fmt::format("same CPU ({})", seats.dispatcher.ToList());
  } else if (seats.place == EndsPlace::kNeighbour) {
    where = fmt::format("neighbours (CPUs {} and {}{})", seats.dispatcher.ToList(),
                        seats.worker.ToList(), seats.shares_core ? ", one core" : "");
  }
  return fmt::format("{}, {}\n", where, ByteCount(bytes));
}

/// Measured rows of one place and size; those without a median last.
Rows RowsOf(const TransportSurvey& survey, EndsPlace place, size_t bytes) {
  Rows rows;
  for (const TransportRow& row : survey.rows) {
    if (row.of.place == place && row.of.bytes == bytes && row.round_trip && row.one_way) {
      rows.push_back(&row);
    }
  }
  std::stable_sort(rows.begin(), rows.end(), [](const TransportRow* a, const TransportRow* b) {
    const auto key = [](const TransportRow* row) {
      const auto& p50_ns = row->round_trip->p50_ns;
      return std::pair(!p50_ns, p50_ns.value_or(0));
    };
    return key(a) < key(b);
  });
  return rows;
}

/// Reasons with the rows that share them, in order of appearance.
void AddReasons(std::string_view heading, const TransportSurvey& survey,
                std::string TransportRow::*reason, size_t width, std::string& text) {
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  for (const TransportRow& row : survey.rows) {
    const std::string& why = row.*reason;
    if (why.empty()) continue;
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const auto& known) { return known.first == why; });
    if (group == groups.end()) group = groups.insert(groups.end(), {why, {}});
    group->second.push_back(fmt::format("{} {} {} {}", row.of.Row(), ByteCount(row.of.bytes),
                                        ToString(row.of.wait), ToString(row.of.place)));
  }
  for (const auto& [why, names] : groups) {
    const auto shown = static_cast<std::ptrdiff_t>(std::min(names.size(), kMostRowNames));
    const std::string more = names.size() > kMostRowNames
                                 ? fmt::format(" and {} more", names.size() - kMostRowNames)
                                 : "";
    text += Wrap(
        Printable(fmt::format("{}: {}{}: {}", heading,
                              fmt::join(names.begin(), names.begin() + shown, ", "), more, why)),
        width, 2);
  }
}

constexpr std::string_view kLegend =
    "round trip: median; limit: the median of the same without the transport (raw system calls, a "
    "cache line or a futex between two processes at the same places), measured in turn with it; x "
    "limit: median ratio in the same round; one way: chunks or payload a second with several "
    "chunks in "
    "flight, of limit: against the raw connection, or memcpy for shared memory, crossing: against "
    "what one core reads of what the other has just "
    "written; CPU, switches: of "
    "both ends, a "
    "round trip. Every byte is written before and read after, but in rows untouched, where only "
    "memory changes hands.";

}  // namespace

std::string ByteCount(size_t bytes) {
  constexpr std::array<std::string_view, 4> kUnits{"B", "KiB", "MiB", "GiB"};
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit)
    value /= 1024;
  return fmt::format("{:.4g} {}", value, kUnits[unit]);
}

std::string RenderTransports(const TransportSurvey& survey, size_t width) {
  const auto columns = std::max(width, kLeastTableWidth);
  std::vector<size_t> sizes;
  for (const TransportRow& row : survey.rows) {
    if (std::find(sizes.begin(), sizes.end(), row.of.bytes) == sizes.end()) {
      sizes.push_back(row.of.bytes);
    }
  }
  std::string text;
  for (const EndsSeats& seats : survey.places) {
    for (const size_t bytes : sizes) {
      const Rows rows = RowsOf(survey, seats.place, bytes);
      if (rows.empty()) continue;
      text += Heading(seats, bytes);
      for (const std::string& line : TableLines(Columns(rows), columns))
        text += line;
      text += "\n";
    }
  }
  AddReasons("skipped", survey, &TransportRow::skipped, columns, text);
  AddReasons("failed", survey, &TransportRow::failed, columns, text);
  AddReasons("no limit", survey, &TransportRow::no_limit, columns, text);
  if (survey.interrupted) text += "interrupted: what was measured until then\n";
  return text + Wrap(kLegend, columns);
}

}  // namespace coresweep
