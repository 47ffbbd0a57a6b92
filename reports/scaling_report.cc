#include "reports/scaling_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

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

/// The universal law says more where it could be fitted.
std::string LineOf(const ScalingGroup& group) {
  const auto& universal = group.universal.answer.fit;
  if (universal) {
    const auto best = universal->BestWorkers();
    return fmt::format("{}: {}; {} (Universal Scalability Law, largest error {})", group.Name(),
                       best ? fmt::format("best with {}", Plural(*best, "worker", "workers"))
                            : std::string("no number of workers is too many"),
                       PredictionsText(group.universal), Percent(universal->largest_error));
  }
  const ScalingFit& amdahl = *group.amdahl.answer.fit;
  return fmt::format("{}: {} of the work runs in parallel; {} (Amdahl's law, largest error {})",
                     group.Name(), Percent(1 - amdahl.sigma), PredictionsText(group.amdahl),
                     Percent(amdahl.largest_error));
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
  for (const ScalingGroup& group : groups) {
    if (!group.amdahl.answer.fit && !group.universal.answer.fit) continue;
    if (lines.size() == most) {
      lines.emplace_back("… more groups under \"scaling\" in the report");
      break;
    }
    lines.push_back(LineOf(group));
  }
  return lines;
}

}  // namespace coresweep
