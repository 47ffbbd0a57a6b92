#include "reports/scaling_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "reports/json_members.h"
#include "reports/text.h"

namespace coresweep {
namespace {

OrderedJson PredictionsJson(const ScalingLaw& law) {
  OrderedJson predictions = OrderedJson::array();
  for (const ScalingPrediction& at : law.predictions) {
    predictions.push_back(
        {{"workers", at.workers}, {"speedup", at.speedup}, {"extrapolation", at.extrapolation}});
  }
  return predictions;
}

OrderedJson FitJson(const ScalingLaw& law, bool universal) {
  const auto& fit = law.answer.fit;
  const auto of = [&fit](double ScalingFit::*part) {
    return fit ? OrderedJson((*fit).*part) : OrderedJson(nullptr);
  };
  OrderedJson json = {{"lambda", of(&ScalingFit::lambda)}, {"sigma", of(&ScalingFit::sigma)}};
  if (universal) {
    json["kappa"] = of(&ScalingFit::kappa);
    json["best_workers"] = fit ? OrNull(fit->BestWorkers()) : OrderedJson(nullptr);
  } else {
    json["parallel_share"] = fit ? OrderedJson(1 - fit->sigma) : OrderedJson(nullptr);
  }
  json["largest_error"] = of(&ScalingFit::largest_error);
  json["predictions"] = PredictionsJson(law);
  json["why_null"] = TextOrNull(law.answer.why_null);
  return json;
}

/// "8.10 × with 16 workers (extrapolation)".
std::string PredictionText(const ScalingPrediction& at) {
  return fmt::format("{} × with {}{}", Ratio(at.speedup), Plural(at.workers, "worker", "workers"),
                     at.extrapolation ? " (extrapolation)" : "");
}

std::string PredictionsText(const ScalingLaw& law) {
  std::vector<std::string> texts;
  for (const ScalingPrediction& at : law.predictions)
    texts.push_back(PredictionText(at));
  return fmt::format("{}", fmt::join(texts, ", "));
}

/// What the laws say of the cells `name`; "" where neither was fitted. The universal law says more
/// where it could be fitted.
std::string LineOf(const std::string& name, const ScalingLaw& amdahl, const ScalingLaw& universal) {
  if (const auto& fit = universal.answer.fit) {
    const auto best = fit->BestWorkers();
    return fmt::format("{}: {}; {} (Universal Scalability Law, largest error {})", name,
                       best ? fmt::format("best with {}", Plural(*best, "worker", "workers"))
                            : std::string("no number of workers is too many"),
                       PredictionsText(universal), Percent(fit->largest_error));
  }
  if (const auto& fit = amdahl.answer.fit) {
    return fmt::format("{}: {} of the work runs in parallel; {} (Amdahl's law, largest error {})",
                       name, Percent(1 - fit->sigma), PredictionsText(amdahl),
                       Percent(fit->largest_error));
  }
  return "";
}

/// The way back from `FitJson`; without a fit where the report has none.
ScalingLaw LawFromReport(const nlohmann::json& json) {
  ScalingLaw law;
  const auto lambda = MemberNumber(json, "lambda");
  const auto sigma = MemberNumber(json, "sigma");
  const auto error = MemberNumber(json, "largest_error");
  if (!lambda || !sigma || !error) return law;
  law.answer.fit = ScalingFit{*lambda, *sigma, MemberNumber(json, "kappa").value_or(0), *error};
  for (const nlohmann::json& at : MemberOf(json, "predictions")) {
    law.predictions.push_back({static_cast<int>(MemberCount(at, "workers")),
                               MemberNumber(at, "speedup").value_or(0),
                               MemberOf(at, "extrapolation") == true});
  }
  return law;
}

/// Adds a line; false once there are `most`.
bool AddLine(std::string line, size_t most, std::vector<std::string>& lines) {
  if (line.empty()) return true;
  const bool full = lines.size() == most;
  if (full) line = "… more groups under \"scaling\" in the report";
  lines.push_back(std::move(line));
  return !full;
}

}  // namespace

OrderedJson ScalingJson(const std::vector<ScalingGroup>& groups) {
  OrderedJson json = OrderedJson::array();
  for (const ScalingGroup& group : groups) {
    OrderedJson points = OrderedJson::array();
    for (const ScalingPoint& point : group.points)
      points.push_back({{"workers", point.workers}, {"speedup", point.speedup}});
    json.push_back({{"cells", group.Name()},
                    {"points", std::move(points)},
                    {"amdahl", FitJson(group.amdahl, false)},
                    {"universal", FitJson(group.universal, true)}});
  }
  return json;
}

std::vector<std::string> ScalingLines(const std::vector<ScalingGroup>& groups, size_t most) {
  std::vector<std::string> lines;
  for (const ScalingGroup& group : groups)
    if (!AddLine(LineOf(group.Name(), group.amdahl, group.universal), most, lines)) break;
  return lines;
}

std::vector<std::string> StoredScalingLines(const nlohmann::json& scaling, size_t most) {
  std::vector<std::string> lines;
  for (const nlohmann::json& group : scaling) {
    const std::string line =
        LineOf(MemberText(group, "cells"), LawFromReport(MemberOf(group, "amdahl")),
               LawFromReport(MemberOf(group, "universal")));
    if (!AddLine(line, most, lines)) break;
  }
  return lines;
}

}  // namespace coresweep
