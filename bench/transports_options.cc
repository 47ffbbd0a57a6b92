#include "bench/transports_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "harness/base/error.h"
#include "harness/ipc/transports.h"

namespace coresweep {
namespace {

constexpr size_t kKib = 1024;
constexpr size_t kMostPayloadBytes = kKib * kKib * kKib;
constexpr std::array<size_t, 7> kDefaultSizes{0,          64,         4 * kKib,       64 * kKib,
                                              256 * kKib, kKib* kKib, 16 * kKib* kKib};
/// All combinations of one place then take less than two minutes on two cores.
constexpr double kDefaultSeconds = 0.06;
constexpr double kMostWindowSeconds = 3600;

template <typename Value>
void AddOnce(Value value, std::vector<Value>& values) {
  if (std::find(values.begin(), values.end(), value) == values.end()) {
    values.push_back(std::move(value));
  }
}

std::vector<std::string> TransportNamesHere() {
  std::vector<std::string> names;
  for (const TransportEntry& entry : TransportTable())
    names.emplace_back(entry.name);
  return names;
}

/// Each word by `parse`, which gives nullopt for one that is none; `fallback` for no words.
template <typename Value, typename Parse>
std::vector<Value> ParseList(const std::string& option, const std::vector<std::string>& words,
                             const std::vector<Value>& fallback, const std::string& accepted,
                             const Parse& parse) {
  if (words.empty()) return fallback;
  std::vector<Value> values;
  for (const std::string& word : words) {
    const auto value = parse(word);
    if (!value) {
      throw UsageError(fmt::format("{} {}: expected {}", option, word, accepted));
    }
    AddOnce(*value, values);
  }
  return values;
}

std::vector<size_t> ParseSizes(const std::vector<std::string>& words) {
  if (words.empty()) return {kDefaultSizes.begin(), kDefaultSizes.end()};
  std::vector<size_t> sizes;
  for (const std::string& word : words)
    AddOnce(ParseByteCount(word), sizes);
  return sizes;
}

}  // namespace

size_t ParseByteCount(const std::string& text) {
  constexpr std::array<std::pair<std::string_view, size_t>, 8> kUnits{{{"", 1},
                                                                       {"B", 1},
                                                                       {"K", kKib},
                                                                       {"KiB", kKib},
                                                                       {"M", kKib * kKib},
                                                                       {"MiB", kKib * kKib},
                                                                       {"G", kMostPayloadBytes},
                                                                       {"GiB", kMostPayloadBytes}}};
  size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string unit(end, text.data() + text.size());
  if (unit.starts_with(' ')) unit.erase(0, 1);
  const auto* row = std::find_if(kUnits.begin(), kUnits.end(),
                                 [&](const auto& known) { return known.first == unit; });
  if (error != std::errc{} || row == kUnits.end() || number > kMostPayloadBytes / row->second) {
    throw UsageError(fmt::format(
        "--size {}: expected bytes, at most 1 GiB, with K, M or G for powers of 1024: 64, 4K, 1M",
        text));
  }
  return number * row->second;
}

void TransportsOptions::Declare(CLI::App& command) {
  const auto list = [&command](const char* name, std::vector<std::string>& words,
                               const char* placeholder, const std::string& help) {
    command.add_option(name, words, help)->delimiter(',')->type_name(placeholder)->type_size(1);
  };
  list("--transport", transports, "NAME",
       fmt::format("{} (default all)", fmt::join(TransportNamesHere(), ", ")));
  list("--size", sizes, "BYTES", "payload of a chunk each way (default 0,64,4K,64K,256K,1M,16M)");
  list("--wait", waits, "WAIT", "block, spin, adaptive (default all)");
  list("--place", places, "PLACE",
       "same: both ends on one CPU, neighbour: on two near cores, unpinned (default neighbour)");
  command
      .add_option("--seconds", seconds,
                  fmt::format("measuring time of a combination (default {}); more is steadier",
                              kDefaultSeconds))
      ->type_name("SECONDS");
  command.add_flag("--json", json, "print JSON instead of tables");
  command.add_option("-o,--output", output, "write the JSON to a file too")->option_text("FILE");
}

SurveyRequest TransportsOptions::Parse() const {
  SurveyRequest request;
  const std::vector<std::string> known = TransportNamesHere();
  request.transports =
      ParseList("--transport", transports, known, fmt::format("{}", fmt::join(known, ", ")),
                [&](const std::string& word) -> std::optional<std::string> {
                  if (std::find(known.begin(), known.end(), word) == known.end()) return {};
                  return word;
                });
  request.sizes = ParseSizes(sizes);
  request.waits = ParseList<Wait>("--wait", waits, {Wait::kBlock, Wait::kSpin, Wait::kAdaptive},
                                  "block, spin or adaptive", ParseWait);
  request.places = ParseList<EndsPlace>("--place", places, {EndsPlace::kNeighbour},
                                        "same, neighbour or unpinned", ParseEndsPlace);
  request.seconds = seconds == 0 ? kDefaultSeconds : seconds;
  if (!(request.seconds > 0 && request.seconds <= kMostWindowSeconds)) {
    throw UsageError(fmt::format("--seconds {}: expected a number above 0, at most {}", seconds,
                                 kMostWindowSeconds));
  }
  return request;
}

}  // namespace coresweep
