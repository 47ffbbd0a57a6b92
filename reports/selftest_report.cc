#include "reports/selftest_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "harness/core/gate_rule.h"
#include "harness/core/statistics.h"
#include "reports/json_values.h"
#include "reports/text.h"

namespace coresweep {
namespace {

std::optional<double> MedianBlocks(const SelftestRow& row) {
  return Median(std::vector<double>(row.blocks.begin(), row.blocks.end()));
}

std::string InWords(SelftestVerdict verdict) {
  switch (verdict) {
    case SelftestVerdict::kTrustworthy:
      return "The gate did what it promises: it failed on nothing in no gate and found what was "
             "planted in each.";
    case SelftestVerdict::kUntrue:
      return "The gate does not keep its promise on this machine: do not believe its verdicts; see "
             "which row, and `coresweep host`.";
    case SelftestVerdict::kTooFew:
      return "Too little to tell: a row without a gate, or a gate that did not find what was "
             "planted or "
             "ended without a verdict, which chance can explain; run longer (--minutes).";
  }
  return "";
}

std::string_view NameOf(SelftestVerdict verdict) {
  switch (verdict) {
    case SelftestVerdict::kTrustworthy:
      return "trustworthy";
    case SelftestVerdict::kUntrue:
      return "untrue";
    case SelftestVerdict::kTooFew:
      return "too_few";
  }
  return "";
}

}  // namespace

OrderedJson SelftestJson(const SelftestResult& result) {
  OrderedJson rows = OrderedJson::array();
  for (const SelftestRow& row : result.rows) {
    const ChanceLimits rate = row.FailRate();
    rows.push_back({{"planted", row.planted},
                    {"gates", row.Gates()},
                    {"pass", row.passed},
                    {"fail", row.failed},
                    {"inconclusive", row.inconclusive},
                    {"other", row.other},
                    {"first_other", TextOrNull(row.first_other)},
                    {"fail_rate_low", rate.low},
                    {"fail_rate_high", rate.high},
                    {"median_blocks", OrNull(MedianBlocks(row))}});
  }
  return {{"schema", "coresweep.selftest"},
          {"schema_version", {{"major", 1}, {"minor", 0}}},
          {"verdict", NameOf(Judge(result.rows, GateRule{}))},
          {"rows", std::move(rows)}};
}

std::string RenderSelftest(const SelftestResult& result, size_t width) {
  std::vector<Column> columns(8);
  const std::vector<std::string> headings{"planted",      "gates",         "PASS",
                                          "FAIL",         "INCONCLUSIVE",  "other",
                                          "FAIL at 95 %", "blocks, median"};
  for (size_t i = 0; i < columns.size(); ++i)
    columns[i].heading = headings[i];
  for (const SelftestRow& row : result.rows) {
    const ChanceLimits rate = row.FailRate();
    const auto blocks = MedianBlocks(row);
    const std::vector<std::string> values{
        row.planted == 0 ? "nothing" : fmt::format("{:.4g} % more work", row.planted * 100),
        std::to_string(row.Gates()),
        std::to_string(row.passed),
        std::to_string(row.failed),
        std::to_string(row.inconclusive),
        std::to_string(row.other),
        fmt::format("{:.1f} to {:.1f} %", rate.low * 100, rate.high * 100),
        blocks ? fmt::format("{:.0f}", *blocks) : "-"};
    for (size_t i = 0; i < columns.size(); ++i)
      columns[i].values.push_back(values[i]);
  }
  std::string text = Wrap(InWords(Judge(result.rows, GateRule{})), width);
  for (const std::string& line : TableLines(std::move(columns), width))
    text += line;
  for (const SelftestRow& row : result.rows) {
    if (!row.first_other.empty())
      text += Wrap(fmt::format("other, the first: {}", Printable(row.first_other)), width);
  }
  return text;
}

}  // namespace coresweep
