#include "harness/core/placement_sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>
#include <set>

#include "harness/base/error.h"

namespace coresweep {
namespace {

constexpr int kMaxCpu = (1 << 20) - 1;
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr size_t kBitsPerDigit = 4;

std::vector<std::string_view> PartsBetween(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  for (size_t end = 0; end != std::string_view::npos;) {
    end = text.find_first_of(separators);
    parts.push_back(text.substr(0, end));
    if (end != std::string_view::npos) text.remove_prefix(end + 1);
  }
  return parts;
}

[[noreturn]] void ThrowList() {
  throw UsageError(fmt::format(
      "list:CPUS: CPUs are numbers up to {} and ranges divided by commas, sections are divided by "
      "|, for example list:0-3,8 or list:0-3|4-7",
      kMaxCpu));
}

int ParseCpu(std::string_view text) {
  int cpu = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cpu);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || cpu < 0 || cpu > kMaxCpu) ThrowList();
  return cpu;
}

void AddOnce(int cpu, std::set<int>& seen, std::vector<int>& section) {
  if (!seen.insert(cpu).second)
    throw UsageError(fmt::format("CPU {} is given twice: name each CPU once", cpu));
  section.push_back(cpu);
}

/// Of a mask's digits, the last being the lowest.
std::vector<int> ParseMask(std::string_view text, std::set<int>& seen) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  std::vector<int> section;
  for (size_t place = 0; place < text.size(); ++place) {
    const char letter = text[text.size() - 1 - place];
    const size_t digit =
        kHexDigits.find(letter >= 'A' && letter <= 'F' ? static_cast<char>(letter + 32) : letter);
    const bool too_high = place * kBitsPerDigit > size_t{kMaxCpu} && digit != 0;
    if (digit == std::string_view::npos || too_high) {
      throw UsageError(
          fmt::format("mask:HEX: masks are hexadecimal, of CPUs up to {}, for example mask:0xff or "
                      "mask:0x3,0xc",
                      kMaxCpu));
    }
    for (size_t bit = 0; bit < kBitsPerDigit; ++bit) {
      if ((digit >> bit & 1U) != 0)
        AddOnce(static_cast<int>(place * kBitsPerDigit + bit), seen, section);
    }
  }
  if (section.empty()) {
    throw UsageError(
        "mask:HEX: a mask is empty; masks divided by commas are sections for workers in turn, "
        "for example mask:0x3,0xc");
  }
  return section;
}

}  // namespace

Sections ParseListSections(std::string_view text) {
  Sections sections;
  std::set<int> seen;
  for (const std::string_view part : PartsBetween(text, "|")) {
    std::vector<int> section;
    for (const std::string_view range : PartsBetween(part, ",")) {
      const size_t dash = range.find('-');
      const int first = ParseCpu(range.substr(0, dash));
      const int last = dash == std::string_view::npos ? first : ParseCpu(range.substr(dash + 1));
      if (last < first) ThrowList();
      for (int cpu = first; cpu <= last; ++cpu)
        AddOnce(cpu, seen, section);
    }
    sections.push_back(std::move(section));
  }
  return sections;
}

Sections ParseMaskSections(std::string_view text) {
  Sections sections;
  std::set<int> seen;
  for (const std::string_view part : PartsBetween(text, ",|"))
    sections.push_back(ParseMask(part, seen));
  return sections;
}

std::string FormatListSections(const Sections& sections) {
  std::string out;
  for (const std::vector<int>& section : sections) {
    if (!out.empty()) out += '|';
    for (size_t i = 0; i < section.size(); ++i) {
      const int first = section[i];
      while (i + 1 < section.size() && section[i + 1] == section[i] + 1)
        ++i;
      const bool opens = out.empty() || out.back() == '|';
      fmt::format_to(std::back_inserter(out), "{}{}", opens ? "" : ",", first);
      if (section[i] > first) fmt::format_to(std::back_inserter(out), "-{}", section[i]);
    }
  }
  return out;
}

std::string FormatMaskSections(const Sections& sections) {
  std::string out;
  for (const std::vector<int>& section : sections) {
    const auto highest = static_cast<size_t>(*std::max_element(section.begin(), section.end()));
    std::vector<size_t> digits(highest / kBitsPerDigit + 1);
    for (const int cpu : section) {
      const auto bit = static_cast<size_t>(cpu);
      digits[bit / kBitsPerDigit] |= size_t{1} << bit % kBitsPerDigit;
    }
    out += out.empty() ? "0x" : ",0x";
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit)
      out += kHexDigits[*digit];
  }
  return out;
}

Seating DealSections(const std::vector<std::vector<size_t>>& sections, size_t workers,
                     size_t threads) {
  Seating seating;
  std::vector<size_t> dealt(sections.size(), 0);  // of each section, counting beyond its end
  size_t free = 0;
  for (const std::vector<size_t>& section : sections)
    free += section.size();
  for (size_t worker = 0; worker < workers; ++worker) {
    const size_t home = worker % sections.size();
    size_t at = home;
    for (size_t step = 0; free > 0 && dealt[at] >= sections[at].size(); ++step)
      at = (home + step) % sections.size();
    seating.moved += at == home ? 0 : 1;
    std::vector<size_t> hand;
    size_t fresh = 0;  // of them that nobody had
    for (size_t thread = 0; thread < threads; ++thread) {
      const bool exhausted = dealt[at] >= sections[at].size();
      // No PU of another worker while one is free somewhere.
      if (exhausted && free > 0 && fresh > 0) {
        hand.push_back(hand[thread % fresh]);
        continue;
      }
      hand.push_back(sections[at][dealt[at]++ % sections[at].size()]);
      if (exhausted) continue;
      ++fresh;
      --free;
    }
    seating.workers.push_back(std::move(hand));
  }
  return seating;
}

std::vector<std::vector<size_t>> CoresFirst(const CoreMap& map,
                                            std::vector<std::vector<size_t>> sections) {
  std::set<size_t> named;
  for (const std::vector<size_t>& section : sections)
    named.insert(section.begin(), section.end());
  // How many named PUs of its core come before a PU.
  std::map<size_t, int> rank;
  std::map<size_t, int> next_rank;
  for (const size_t pu : named)
    rank[pu] = next_rank[map.CoreOf(pu)]++;
  for (std::vector<size_t>& section : sections) {
    std::stable_sort(section.begin(), section.end(),
                     [&](size_t a, size_t b) { return rank[a] < rank[b]; });
  }
  return sections;
}

}  // namespace coresweep
