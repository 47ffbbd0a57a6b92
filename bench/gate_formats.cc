#include "bench/gate_formats.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bench/gate_file.h"
#include "reports/gate_html.h"
#include "reports/gate_report.h"
#include "reports/github_summary.h"
#include "reports/history_html.h"
#include "reports/history_report.h"
#include "reports/json_values.h"

namespace coresweep {
namespace {

constexpr size_t kMarkdownColumns = 100;

std::string WhereShown(const GateFormatSource& source) {
  return fmt::format("which coresweep analyze {} shows", source.path);
}

/// A gate's report, its verdict made again and held against what it says.
struct CheckedGate {
  StoredGate stored;
  OrderedJson outcome;

  explicit CheckedGate(const GateFormatSource& source)
      : stored(ReplayStoredGate(source.report, source.path)),
        outcome(GateOutcomeJson(stored.trace.session, stored.trace.session.Over())) {
    CheckStoredOutcome(source.report, outcome, source.path, WhereShown(source));
  }
  [[nodiscard]] std::string_view Verdict() const {
    return NameOf(stored.trace.session.Outcome().verdict);
  }
  [[nodiscard]] std::string Console(size_t width) const {
    return RenderGateConsole(stored.log, stored.trace.session, width);
  }
  [[nodiscard]] std::string HtmlOf(const GateFormatSource& source) const {
    return RenderGateHtml({source.report, stored.log, stored.trace, outcome});
  }
};

/// The same of a gate against stored runs.
struct CheckedHistoryGate {
  HistoryLog log;
  HistoryOutcome outcome;

  explicit CheckedHistoryGate(const GateFormatSource& source)
      : log(HistoryLogFromReport(source.report, source.path)), outcome(JudgeHistory(log)) {
    CheckStoredOutcome(source.report, HistoryOutcomeJson(log, outcome), source.path,
                       WhereShown(source));
  }
  [[nodiscard]] std::string_view Verdict() const { return NameOf(outcome.verdict); }
  [[nodiscard]] std::string Console(size_t width) const {
    return RenderHistoryConsole(log, outcome, width);
  }
  [[nodiscard]] std::string HtmlOf(const GateFormatSource& source) const {
    return RenderHistoryHtml({source.report, log, outcome});
  }
};

template <typename Checked>
const GateFormats& FormatsOf() {
  static const GateFormats formats{
      {"console",
       [](const GateFormatSource& source) { return Checked(source).Console(source.width); }},
      {"html", [](const GateFormatSource& source) { return Checked(source).HtmlOf(source); }},
      {"json",
       [](const GateFormatSource& source) {
         const Checked checked(source);
         return OrderedJson::parse(source.text)
                    .dump(1, ' ', false, nlohmann::json::error_handler_t::replace) +
                "\n";
       }},
      {"markdown", [](const GateFormatSource& source) {
         const Checked checked(source);
         return GateSummary(checked.Verdict(), checked.Console(kMarkdownColumns));
       }}};
  return formats;
}

}  // namespace

const GateFormats& FormatsOfGates() {
  return FormatsOf<CheckedGate>();
}

const GateFormats& FormatsOfHistoryGates() {
  return FormatsOf<CheckedHistoryGate>();
}

}  // namespace coresweep
