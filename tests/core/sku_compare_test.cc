#include "harness/core/sku_compare.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"
#include "harness/core/sku_label.h"
#include "tests/core/price_books_testing.h"

namespace coresweep {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr double kGB = 1e9;

SkuCell MakeSkuCell(const std::string& id, int workers, double per_s, double p99_us) {
  SkuCell cell;
  cell.costed.id = id;
  cell.costed.verdict = "ok";
  cell.costed.parallelism = workers;
  cell.costed.vcpus = workers;
  cell.costed.throughput.value = per_s;
  cell.costed.slowest = per_s * 0.99;
  cell.costed.fastest = per_s * 1.01;
  cell.costed.start_s = 10;
  cell.p50_us = p99_us / 2;
  cell.p99_us = p99_us;
  cell.speedup = workers;
  return cell;
}

/// Instance `number` of `sku`, whose one worker makes `per_s` and whose two make 1.8 times that.
SkuReport MakeSkuReport(const std::string& sku, int number, double per_s) {
  SkuReport report;
  report.file = fmt::format("{}-{}.json", sku, number);
  report.created = fmt::format("2026-01-0{}", number);
  report.sku = sku;
  report.instance = fmt::format("{}-instance-{}", sku, number);
  report.boot = fmt::format("boot-{}-{}", sku, number);
  report.cpu_model = "model A";
  report.architecture = "x86_64";
  report.limits = {4, 2, 1.95, 4 * kGB};
  report.finished = true;
  for (const std::string& name : SkuIdentityNames())
    report.identity.emplace_back(name, name + "=1");
  report.cells = {MakeSkuCell("w1", 1, per_s, 10e3), MakeSkuCell("w2", 2, 1.8 * per_s, 30e3)};
  return report;
}

/// `count` instances with throughputs one apart.
std::vector<SkuReport> Instances(const std::string& sku, int count, double per_s) {
  std::vector<SkuReport> reports;
  for (int i = 1; i <= count; ++i)
    reports.push_back(MakeSkuReport(sku, i, per_s + i));
  return reports;
}

std::vector<SkuReport> operator+(std::vector<SkuReport> a, const std::vector<SkuReport>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::string Refusal(const std::vector<SkuReport>& reports, const SkuQuestion& question = {}) {
  try {
    CompareSkus(reports, question);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

const SkuPair& OnlyPair(const SkuComparison& comparison) {
  EXPECT_EQ(comparison.metrics.at(0).metric, "throughput");
  return comparison.metrics.at(0).pairs.at(0);
}

TEST(SkuLabel, IsAWord) {
  for (const char* text : {"4x16", "Standard_D4s_v5", "aci/4x16@eastus", "0.5x1"})
    EXPECT_TRUE(IsSkuLabel(text)) << text;
  for (const std::string& text :
       {std::string(), std::string("a b"), std::string("-x"), std::string("a=b"), std::string("ä"),
        std::string("a\n"), std::string(65, 'a')})
    EXPECT_FALSE(IsSkuLabel(text)) << text;
}

TEST(CompareSkus, GivesIntervalsFromFiveInstancesOn) {
  const SkuComparison comparison = CompareSkus(Instances("a", 5, 100) + Instances("b", 4, 200), {});
  ASSERT_THAT(comparison.rows, SizeIs(2));
  EXPECT_EQ(comparison.rows[0].sku, "b");
  EXPECT_FALSE(comparison.rows[0].best->throughput.low);
  const SkuFigure& of_five = comparison.rows[1].best->throughput;
  EXPECT_DOUBLE_EQ(of_five.median, 1.8 * 103);
  EXPECT_DOUBLE_EQ(*of_five.low, 1.8 * 101);
  EXPECT_DOUBLE_EQ(*of_five.high, 1.8 * 105);
  EXPECT_DOUBLE_EQ(of_five.confidence, 0.9375);
  EXPECT_THAT(comparison.by_throughput, ElementsAre(0, 1));
}

TEST(CompareSkus, CallsADifferenceRealOrNot) {
  const auto real = CompareSkus(Instances("a", 5, 100) + Instances("b", 5, 200), {});
  EXPECT_EQ(OnlyPair(real).verdict, PairVerdict::kReal);
  EXPECT_NEAR(*OnlyPair(real).p, 2.0 / 252, 1e-12);
  const auto same = CompareSkus(Instances("a", 5, 100) + Instances("b", 5, 100.5), {});
  EXPECT_EQ(OnlyPair(same).verdict, PairVerdict::kCannotTell);
}

TEST(CompareSkus, SaysWhenThereAreTooFewInstancesToTell) {
  const auto three = CompareSkus(Instances("a", 3, 100) + Instances("b", 3, 200), {});
  EXPECT_EQ(OnlyPair(three).verdict, PairVerdict::kTooFew);
  const auto two = CompareSkus(Instances("a", 2, 100) + Instances("b", 5, 200), {});
  EXPECT_EQ(OnlyPair(two).verdict, PairVerdict::kDescriptiveOnly);
  EXPECT_FALSE(OnlyPair(two).p);
  EXPECT_TRUE(two.rows[1].best->throughput.DescriptiveOnly());
}

TEST(CompareSkus, CountsAnInstanceOnce) {
  auto reports = Instances("a", 3, 100);
  reports[1].instance = reports[0].instance;
  const SkuComparison comparison = CompareSkus(reports, {});
  ASSERT_THAT(comparison.rows[0].instances, SizeIs(2));
  EXPECT_THAT(comparison.rows[0].instances[0].reports, ElementsAre(0, 1));
  EXPECT_THAT(comparison.rows[0].best->throughput.values,
              ElementsAre(testing::DoubleEq(1.8 * 101.5), testing::DoubleEq(1.8 * 103)));
}

TEST(CompareSkus, DescribesWhatHasNoLabelAndSaysSo) {
  auto reports = Instances("a", 2, 100);
  for (SkuReport& report : reports) {
    report.sku = "";
    report.instance = "";
  }
  const SkuComparison comparison = CompareSkus(reports, {});
  EXPECT_EQ(comparison.rows[0].sku, "2 CPUs, 3.73 GiB");
  EXPECT_FALSE(comparison.rows[0].labelled);
  EXPECT_THAT(comparison.rows[0].instances, SizeIs(2));
  EXPECT_THAT(comparison.notes, testing::Contains(HasSubstr("no SKU label")));
  EXPECT_THAT(comparison.notes, testing::Contains(HasSubstr("do not say which container start")));
}

TEST(CompareSkus, NotesOneMachineAndMixedProcessors) {
  auto reports = Instances("a", 2, 100);
  reports[0].boot = reports[1].boot = "same";
  reports[1].cpu_model = "model B";
  const auto notes = CompareSkus(reports, {}).notes;
  EXPECT_THAT(notes, testing::Contains(HasSubstr("one boot of one machine")));
  EXPECT_THAT(notes, testing::Contains(HasSubstr("different processors: model A, model B")));
}

TEST(CompareSkus, TakesNoLoneWinnerByLuck) {
  // In one instance w2 is far ahead; in the others w1 is within 2 % of it and takes half.
  auto reports = Instances("a", 5, 100);
  for (SkuReport& report : reports)
    report.cells[1].costed.throughput.value = report.cells[0].costed.throughput.value * 1.001;
  reports[0].cells[1].costed.throughput.value = 1000;
  const SkuComparison comparison = CompareSkus(reports, {});
  EXPECT_EQ(comparison.rows[0].best->choice.id, "w1");
  EXPECT_EQ(comparison.rows[0].best->choice.agreeing, 5U);
  EXPECT_THAT(comparison.rows[0].best->choice.as_good, ElementsAre("w2"));
}

TEST(CompareSkus, LooksOnlyAtWhatEveryInstanceMeasured) {
  auto reports = Instances("a", 2, 100);
  reports[1].cells.pop_back();
  EXPECT_EQ(CompareSkus(reports, {}).rows[0].best->choice.id, "w1");
  reports[1].cells.clear();
  const SkuComparison none = CompareSkus(reports, {});
  EXPECT_FALSE(none.rows[0].best);
  EXPECT_THAT(none.rows[0].why_none, HasSubstr("in all of its instances"));
}

TEST(CompareSkus, OneWrongInstanceBarsAConfiguration) {
  auto reports = Instances("a", 3, 100);
  reports[2].cells[1].costed.verdict = "incorrect";
  EXPECT_EQ(CompareSkus(reports, {}).rows[0].best->choice.id, "w1");
}

TEST(CompareSkus, FollowsTheSearches) {
  auto reports = Instances("a", 3, 100);
  for (SkuReport& report : reports) {
    report.searched = true;
    report.choice = "w1";
  }
  EXPECT_EQ(CompareSkus(reports, {}).rows[0].best->choice.id, "w1");
}

TEST(CompareSkus, KeepsToTheLatencyBoundInEveryInstance) {
  auto reports = Instances("a", 3, 100);
  SkuQuestion question;
  question.max_p99_us = 30e3;
  EXPECT_EQ(CompareSkus(reports, question).rows[0].best->choice.id, "w2");
  reports[1].cells[1].p99_us = 31e3;
  EXPECT_EQ(CompareSkus(reports, question).rows[0].best->choice.id, "w1");
  question.max_p99_us = 1e3;
  const SkuComparison none = CompareSkus(reports, question);
  EXPECT_FALSE(none.rows[0].best);
  EXPECT_THAT(none.rows[0].why_none, HasSubstr("within 1 ms in every instance"));
}

TEST(CompareSkus, PricesTheLabelTheAskedSizeOrTheLimits) {
  SkuQuestion question;
  question.prices = ExampleBook();
  question.pull_s = 30;
  question.run_s = 110;
  const auto by_limits = CompareSkus(Instances("a", 5, 100), question);
  const SkuCost& cost = *by_limits.rows[0].cost;
  EXPECT_EQ(cost.size_from, "limits");
  EXPECT_EQ(cost.size->vcpus, 2);
  EXPECT_EQ(cost.size->memory, 4);
  // (2 · 1e-5 + 4 · 2e-6) = 2.8e-5 a second; 140 s billed, 100 s of work at 1.8 · 103 items/s.
  EXPECT_DOUBLE_EQ(cost.steady->median, 2.8e-5 / 185.4 * 1e6);
  EXPECT_DOUBLE_EQ(cost.as_billed->median, 2.8e-5 * 140 / (100 * 185.4) * 1e6);
  EXPECT_TRUE(cost.as_billed->low);
  EXPECT_EQ(CompareSkus(Instances("4x8", 1, 100), question).rows[0].cost->size_from, "label");
  question.sizes["a"] = "1x2";
  EXPECT_EQ(CompareSkus(Instances("a", 1, 100), question).rows[0].cost->size->vcpus, 1);
}

TEST(CompareSkus, SaysWhyThereIsNoCost) {
  SkuQuestion question;
  question.prices = ExampleBook();
  auto reports = Instances("a", 1, 100);
  reports[0].limits.memory_bytes.reset();
  EXPECT_THAT(CompareSkus(reports, question).rows[0].cost->why_null, HasSubstr("no memory limit"));
}

TEST(CompareSkus, RanksByCostAndDrawsTheFront) {
  SkuQuestion question;
  question.prices = ExampleBook();
  question.rank = SkuRank::kCost;
  question.sizes = {{"big", "4x8"}, {"bad", "4x8"}, {"small", "1x2"}};
  const auto comparison = CompareSkus(
      Instances("big", 5, 300) + Instances("bad", 5, 290) + Instances("small", 5, 100), question);
  EXPECT_EQ(comparison.rows[0].sku, "small");
  ASSERT_THAT(comparison.throughput_front, SizeIs(2));
  EXPECT_EQ(comparison.rows[comparison.throughput_front[0].row].sku, "small");
  EXPECT_EQ(comparison.rows[comparison.throughput_front[1].row].sku, "big");
  EXPECT_EQ(comparison.latency_front.back().cell, "w1");
}

TEST(CompareSkus, RefusesWhatIsNotAlikeUnlessAllowed) {
  auto reports = Instances("a", 1, 100) + Instances("b", 1, 100);
  reports[1].identity[0].second = "digest=other";
  EXPECT_THAT(Refusal(reports), AllOf(HasSubstr("a-1.json and b-1.json differ in model"),
                                      HasSubstr("digest=other"), HasSubstr("--allow-different")));
  SkuQuestion question;
  question.allow_different = {"model"};
  const auto comparison = CompareSkus(reports, question);
  ASSERT_THAT(comparison.differences, SizeIs(1));
  EXPECT_EQ(comparison.differences[0].other_file, "b-1.json");
}

TEST(CompareSkus, RefusesTheSameReportTwice) {
  auto reports = Instances("a", 2, 100);
  reports[1] = reports[0];
  reports[1].file = "copy.json";
  EXPECT_THAT(Refusal(reports), HasSubstr("a-1.json and copy.json are the same report"));
  EXPECT_THAT(Refusal({}), HasSubstr("no report"));
}

TEST(CompareSkus, RefusesPricesThatDoNotFit) {
  SkuQuestion question;
  question.prices = ExampleBook();
  PriceBook euro = ExampleBook();
  euro.name = "euro";
  euro.currency = "EUR";
  question.own_prices["a"] = euro;
  EXPECT_THAT(Refusal(Instances("a", 1, 100), question), HasSubstr("in one currency"));
  question.own_prices = {{"z", ExampleBook()}};
  EXPECT_THAT(Refusal(Instances("a", 1, 100), question), HasSubstr("there are a"));
  question.own_prices.clear();
  question.sizes["a"] = "999x1";
  EXPECT_THAT(Refusal(Instances("a", 1, 100), question), HasSubstr("has no such size"));
  question.sizes.clear();
  question.prices->architecture = "aarch64";
  EXPECT_THAT(Refusal(Instances("a", 1, 100), question), HasSubstr("measured on x86_64"));
}

}  // namespace
}  // namespace coresweep
