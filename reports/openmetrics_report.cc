#include "reports/openmetrics_report.h"

#include <fmt/format.h>

#include <functional>
#include <string_view>

namespace coresweep {
namespace {

std::string LabelText(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\n') {
      escaped += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string LabelsOf(const StoredPage& page, const PageCell& cell) {
  std::string labels =
      fmt::format("workload=\"{}\",cell=\"{}\"", LabelText(page.workload), LabelText(cell.id));
  for (const PageAxis& axis : cell.axes)
    if (!axis.value.empty()) labels += fmt::format(",{}=\"{}\"", axis.name, LabelText(axis.value));
  return labels;
}

std::string Head(const char* name, const char* unit, const char* help) {
  std::string head = fmt::format("# TYPE {} gauge\n", name);
  if (*unit != '\0') head += fmt::format("# UNIT {} {}\n", name, unit);
  return head + fmt::format("# HELP {} {}\n", name, help);
}

/// One figure of every cell that has it.
class Family {
 public:
  Family(const StoredPage& page, const char* name, const char* unit, const char* help)
      : page_(page), name_(name), text_(Head(name, unit, help)) {}

  void Add(const PageCell& cell, double value, const std::string& label = "") {
    text_ += fmt::format("{}{{{}{}}} {}\n", name_, LabelsOf(page_, cell), label, value);
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  const StoredPage& page_;
  const char* name_;
  std::string text_;
};

using ValueReader = std::function<const std::optional<PageValue>&(const PageCell&)>;

std::string Medians(const StoredPage& page, Family family, const ValueReader& value_of) {
  for (const PageCell& cell : page.cells)
    if (const auto& value = value_of(cell)) family.Add(cell, value->median);
  return family.text();
}

std::string Latencies(const StoredPage& page) {
  Family family(page, "coresweep_latency_seconds", "seconds", "Latency of a chunk, by quantile.");
  for (const PageCell& cell : page.cells) {
    if (cell.p50_us) family.Add(cell, *cell.p50_us / 1e6, ",quantile=\"0.5\"");
    if (cell.p90_us) family.Add(cell, *cell.p90_us / 1e6, ",quantile=\"0.9\"");
    if (cell.p99_us) family.Add(cell, *cell.p99_us / 1e6, ",quantile=\"0.99\"");
  }
  return family.text();
}

std::string States(const StoredPage& page) {
  Family verdicts(page, "coresweep_cell_verdict", "", "1 with the verdict on the cell as label.");
  Family wrong(page, "coresweep_wrong_answers", "",
               "Answers missing, doubled, misplaced, corrupted or outside of the tolerance.");
  for (size_t i = 0; i < page.cells.size(); ++i) {
    const PageCell& cell = page.cells[i];
    verdicts.Add(cell, 1,
                 fmt::format(",verdict=\"{}\",recommended=\"{}\"", LabelText(cell.verdict),
                             page.recommended == i));
    wrong.Add(cell, static_cast<double>(cell.wrong));
  }
  return verdicts.text() + wrong.text();
}

}  // namespace

std::string RenderOpenMetrics(const StoredPage& page) {
  using Value = const std::optional<PageValue>&;
  return Medians(page,
                 Family(page, "coresweep_throughput_items_per_second", "items_per_second",
                        "Items a second, median over the repetitions."),
                 [](const PageCell& cell) -> Value { return cell.throughput_per_s; }) +
         Medians(page,
                 Family(page, "coresweep_speedup_ratio", "ratio",
                        "Throughput over that of one process, median of pairs."),
                 [](const PageCell& cell) -> Value { return cell.speedup; }) +
         Medians(page,
                 Family(page, "coresweep_parallel_efficiency_ratio", "ratio",
                        "Speedup over the number of workers."),
                 [](const PageCell& cell) -> Value { return cell.parallel_efficiency; }) +
         Latencies(page) + States(page) + "# EOF\n";
}

}  // namespace coresweep
