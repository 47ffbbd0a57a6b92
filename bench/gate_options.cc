#include "bench/gate_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "bench/github.h"
#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/core/duration.h"
#include "harness/core/launch.h"

namespace coresweep {
namespace {

constexpr double kLongestBurnInS = 5;

std::string MetricNames() {
  std::string names;
  for (const LaunchMetric& metric : LaunchMetrics())
    names += (names.empty() ? "" : ", ") + std::string(metric.name);
  return names;
}

/// As `CheckGateRule`, in the words and units of the options. Written so that NaN is refused.
void CheckRuleOptions(const GateOptions& options) {
  const auto require = [](bool good, const std::string& problem) {
    if (!good) throw UsageError(problem);
  };
  require(options.tolerated_percent >= 0 && options.tolerated_percent < options.must_catch_percent,
          fmt::format("--tolerated {} %: must be at least 0 and below --must-catch, which is {} %",
                      options.tolerated_percent, options.must_catch_percent));
  require(options.must_catch_percent <= 100,
          fmt::format("--must-catch {} %: must be at most 100 %", options.must_catch_percent));
  require(options.alpha_percent >= 1e-7 && options.alpha_percent <= 20,
          fmt::format("--alpha {} %: must be from 1e-7 to 20 %", options.alpha_percent));
}

}  // namespace

void GateOptions::Declare(CLI::App& app) {
  sweep.Declare(app);
  DeclareArms(app);
  DeclareStored(app);
  DeclareRule(app);
  app.add_option("-o,--output", output,
                 "report file (default gate.json, or gate-2.json, … when that exists)")
      ->option_text("FILE");
  app.add_flag("-q,--quiet", quiet, "no progress line");
  DeclareGithub(app, no_github);
}

void GateOptions::DeclareArms(CLI::App& app) {
  constexpr const char* kArms = "Arms";
  app.add_option("--base-set", base_sets,
                 "a key of the suite for arm A alone, as transport=pipe, model=old.pt or "
                 "options.NAME=VALUE; may be repeated")
      ->option_text("KEY=VALUE")
      ->group(kArms)
      ->allow_extra_args(false);
  app.add_option("--candidate-set", candidate_sets, "likewise for arm B")
      ->option_text("KEY=VALUE")
      ->group(kArms)
      ->allow_extra_args(false);
  app.add_option("--base-program", base_programs,
                 "arm A is this program, called as `PROGRAM launch SUITE.json -o FILE`: another "
                 "build of coresweep, or a script that answers alike; may be repeated: builds that "
                 "differ in layout alone, of which each block draws one")
      ->option_text("FILE")
      ->group(kArms)
      ->allow_extra_args(false);
  app.add_option("--candidate-program", candidate_programs, "likewise for arm B")
      ->option_text("FILE")
      ->group(kArms)
      ->allow_extra_args(false);
  app.add_flag("--same-arms", same_arms, "A and B are meant to be the same: an A/A gate")
      ->group(kArms);
}

void GateOptions::DeclareStored(CLI::App& app) {
  constexpr const char* kStored = "Against stored reports";
  app.add_option("--baseline", baselines,
                 "stored reports of `coresweep run`, folders of them, or `history` (`history:DB`): "
                 "what `coresweep history` holds that can be compared. Nothing is launched, "
                 "--candidate-report is judged by them")
      ->option_text("REPORT ...")
      ->expected(1, -1)
      ->group(kStored);
  app.add_option("--candidate-report", candidate_report, "report of the new run")
      ->option_text("REPORT")
      ->group(kStored);
  app.add_option("--cell", cells,
                 "only cells whose id contains this; may be repeated (default: all but controls)")
      ->option_text("TEXT")
      ->allow_extra_args(false)
      ->group(kStored);
}

void GateOptions::DeclareRule(CLI::App& app) {
  constexpr const char* kRule = "Rule";
  app.add_option("--metric", metrics, "gated metrics: " + MetricNames() + " (default throughput)")
      ->option_text("NAME")
      ->delimiter(',')
      ->group(kRule);
  app.add_option("--tolerated", tolerated_percent,
                 "a change for the worse up to this is nobody's business (default 2)")
      ->option_text("PERCENT")
      ->group(kRule);
  app.add_option("--must-catch", must_catch_percent,
                 "a PASS proves that the change for the worse is below this (default 5)")
      ->option_text("PERCENT")
      ->group(kRule);
  app.add_option("--alpha", alpha_percent, "chance of a false FAIL of the whole gate (default 1)")
      ->option_text("PERCENT")
      ->group(kRule);
  app.add_option("--blocks", most_blocks, "most blocks of four launches in a batch (default 120)")
      ->option_text("N")
      ->group(kRule);
  app.add_option(
         "--block-value", block_value,
         "how the two launches of an arm in a block count: their mean; the best of them: decides "
         "sooner beside other load, but overlooks a B that is slow only now and then; or both "
         "(default): the mean, and the best as a second witness of a regression, which an A that "
         "varies much more than B can mislead")
      ->option_text("KIND")
      ->check(CLI::IsMember({"mean", "best", "both"}))
      ->group(kRule);
  app.add_option("--gate-seed", gate_seed, "of the coins that order the blocks (default 1)")
      ->option_text("N")
      ->group(kRule);
  app.add_option("--burn-in", burn_in,
                 "before the first block, run fixed work for so long (default 1, at most 5) and "
                 "end with UNFIT where it shows that no verdict is to be had; off: do not")
      ->option_text("SECONDS|off")
      ->group(kRule);
  app.add_option("--launch-timeout-s", launch_timeout_s,
                 "longest launch of a program given as an arm (default 600)")
      ->option_text("SECONDS")
      ->check(CLI::PositiveNumber)
      ->group(kRule);
}

GateSetup GateOptions::Setup() const {
  GateSetup setup;
  setup.rule.tolerated = tolerated_percent / 100;
  setup.rule.must_catch = must_catch_percent / 100;
  setup.rule.alpha = alpha_percent / 100;
  setup.rule.most_blocks = most_blocks;
  setup.seed = gate_seed;
  setup.block_value = *ParseBlockValue(block_value);
  std::set<std::string> seen;
  for (const std::string& name : metrics) {
    const LaunchMetric* const metric = FindLaunchMetric(name);
    if (metric == nullptr)
      throw UsageError(fmt::format("--metric {}: unknown; there are {}", name, MetricNames()));
    if (!seen.insert(name).second) throw UsageError(fmt::format("--metric {}: given twice", name));
    setup.metrics.push_back(
        {std::string(metric->name), std::string(metric->unit), metric->higher_is_better});
  }
  setup.same_arms_asked = same_arms;
  CheckRuleOptions(*this);
  try {
    CheckGateRule(setup.rule, static_cast<int64_t>(setup.metrics.size()));
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("--blocks {}: {}", most_blocks, error.what()));
  }
  return setup;
}

bool GateOptions::Has(const std::string& key) const {
  const auto sets = [&](const std::vector<std::string>& words) {
    return std::any_of(words.begin(), words.end(),
                       [&](const std::string& word) { return word.starts_with(key + "="); });
  };
  return sweep.Requested().contains(key) || sets(base_sets) || sets(candidate_sets);
}

double GateOptions::BurnInSeconds() const {
  if (burn_in == "off") return 0;
  double seconds = -1;
  const char* const end = burn_in.data() + burn_in.size();
  const auto read = std::from_chars(burn_in.data(), end, seconds);
  if (read.ec != std::errc() || read.ptr != end || !(seconds >= 0 && seconds <= kLongestBurnInS))
    throw UsageError(fmt::format("--burn-in {}: expected seconds from 0 to {}, or off", burn_in,
                                 kLongestBurnInS));
  return seconds;
}

int64_t GateOptions::BudgetNs() const {
  return SecondsToNs(sweep.BudgetSeconds().value_or(kLongestDurationS));
}

}  // namespace coresweep
