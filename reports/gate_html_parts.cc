#include "reports/gate_html_parts.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace coresweep {
namespace {

/// Sign and look of a verdict: never colour alone.
std::pair<const char*, const char*> LookOf(GateVerdict verdict) {
  if (verdict == GateVerdict::kPass) return {"✓", "good"};
  if (verdict == GateVerdict::kInconclusive) return {"?", "doubt"};
  return {"✕", "bad"};
}

}  // namespace

std::string GateLead(GateVerdict verdict, const std::string& sentence) {
  const auto [sign, look] = LookOf(verdict);
  const size_t name = NameOf(verdict).size();
  return fmt::format(
      "<p class=\"lead sentence\"><b class={}><span class=sign aria-hidden=true>{}</span> {}</b>"
      "{}</p>",
      look, sign, Html(sentence.substr(0, name)), Html(sentence.substr(name)));
}

HtmlField GateStateField(MetricState state) {
  if (state == MetricState::kRegressed)
    return {"<span class=bad><span class=sign aria-hidden=true>✕</span> regressed</span>", 2};
  if (state == MetricState::kClean)
    return {"<span class=good><span class=sign aria-hidden=true>✓</span> clean</span>", 0};
  return {"<span class=doubt><span class=sign aria-hidden=true>?</span> open</span>", 1};
}

std::string ShareInPercent(double share) {
  const double percent = 100 * share;
  return fmt::format("{:.{}f}", percent, std::abs(percent) < 1 ? 2 : 1);
}

std::string ShownUnit(const GateMetric& metric) {
  return metric.unit == "us" ? "µs" : metric.unit;
}

}  // namespace coresweep
