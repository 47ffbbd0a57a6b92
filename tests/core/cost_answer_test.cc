#include "harness/core/cost_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"
#include "tests/core/price_books_testing.h"

namespace coresweep {
namespace {

using testing::HasSubstr;

constexpr double kMiB = 1024.0 * 1024;

CostedCell MakeCell(const std::string& id, int workers, double per_s) {
  CostedCell cell;
  cell.id = id;
  cell.verdict = "ok";
  cell.parallelism = workers;
  cell.vcpus = workers;
  cell.throughput = {per_s, per_s * 0.8, per_s * 1.25};
  cell.memory_bytes = workers * 400e6;
  cell.start_s = 10;
  return cell;
}

/// Four workers infer 3 times, two 1.9 times as much as one.
CostedRun MakeRun() {
  CostedRun run;
  run.architecture = "x86_64";
  run.cells = {MakeCell("w1", 1, 100), MakeCell("w2", 2, 190), MakeCell("w4", 4, 300)};
  run.recommended = 2;
  return run;
}

CostQuestion Ask(size_t cell) {
  CostQuestion question;
  question.cell = cell;
  question.pull_s = 30;
  question.run_s = 110;
  return question;
}

PriceBook Cheaper() {
  PriceBook book = ExampleBook();
  book.name = "cheaper";
  book.price = {5e-6, 1e-6};
  return book;
}

std::string Refusal(const CostedRun& run, const std::vector<PriceBook>& books,
                    const CostQuestion& question) {
  try {
    AnswerCost(run, books, question);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(MemoryToAskFor, IsAQuarterMoreAnd256MiB) {
  EXPECT_EQ(MemoryToAskFor(400 * kMiB), 756 * kMiB);
}

TEST(AnswerCost, TakesTheSmallestSizeThatHolds) {
  const CostAnswer answer = AnswerCost(MakeRun(), {ExampleBook()}, Ask(2));
  ASSERT_EQ(answer.rows.size(), 1U);
  const CostRow& row = answer.rows[0];
  EXPECT_EQ(row.cost.size.vcpus, 4);
  // 4 · 400 MB · 1.25 + 268.4 MB = 2.268 GB: 2.5 in steps of 0.5.
  EXPECT_NEAR(row.demand.memory, 2.268435, 1e-6);
  EXPECT_EQ(row.cost.size.memory, 2.5);
  // (4 · 1e-5 + 2.5 · 2e-6) = 4.5e-5; / 300 · 1e6 = 0.15
  EXPECT_DOUBLE_EQ(row.cost.steady->value, 0.15);
  // 140 s · 4.5e-5 / (100 s · 300) · 1e6 = 0.21
  EXPECT_DOUBLE_EQ(row.cost.as_billed->value, 0.21);
}

TEST(AnswerCost, RanksByCostAndPutsTheUnpricedLast) {
  PriceBook unpriced = ExampleBook();
  unpriced.price = std::nullopt;
  const CostAnswer answer = AnswerCost(MakeRun(), {unpriced, ExampleBook(), Cheaper()}, Ask(2));
  ASSERT_EQ(answer.rows.size(), 3U);
  EXPECT_EQ(answer.rows[0].book, 2U);
  EXPECT_EQ(answer.rows[1].book, 1U);
  EXPECT_EQ(answer.rows[2].book, 0U);
}

TEST(AnswerCost, ProposesTheCheapestOfAllCells) {
  // w1: 1 vCPU, 1 GB: 1.2e-5 / 100 = 0.12 per million; w2: 2 vCPU, 1.5 GB: 2.3e-5 / 190 = 0.121;
  // w4: 0.15. All × 1.4 as billed.
  const CostAnswer answer = AnswerCost(MakeRun(), {ExampleBook()}, Ask(2));
  ASSERT_TRUE(answer.next);
  EXPECT_EQ(answer.next->cell, 0U);
  EXPECT_DOUBLE_EQ(answer.next->row.cost.as_billed->value, 0.12 * 1.4);
}

TEST(AnswerCost, ProposesNoCellThatIsNotOk) {
  CostedRun run = MakeRun();
  run.cells[0].verdict = "unstable";
  run.cells[1].verdict = "failed";
  EXPECT_EQ(AnswerCost(run, {ExampleBook()}, Ask(2)).next->cell, 2U);
  // The one asked for may be so: the user wants it.
  run.cells[2].verdict = "throttled";
  EXPECT_EQ(AnswerCost(run, {ExampleBook()}, Ask(2)).next->cell, 2U);
}

TEST(CostCells, HasTheSmallestSizeAndTheSameCostsAsTheAnswer) {
  const CostedRun run = MakeRun();
  CostQuestion with_size = Ask(0);
  with_size.size = "4x16";  // is not asked
  const auto costs = CostCells(run, ExampleBook(), with_size);
  ASSERT_EQ(costs.size(), 3U);
  for (size_t i = 0; i < costs.size(); ++i) {
    const CostRow row = AnswerCost(run, {ExampleBook()}, Ask(i)).rows[0];
    ASSERT_TRUE(costs[i].of);
    EXPECT_EQ(costs[i].cell, i);
    EXPECT_EQ(costs[i].of->size.vcpus, row.cost.size.vcpus);
    EXPECT_EQ(costs[i].of->as_billed->value, row.cost.as_billed->value);
    EXPECT_EQ(costs[i].of->steady->value, row.cost.steady->value);
  }
}

TEST(CostCells, FrontHasWhatNoOtherCellThatIsOkBeatsInBoth) {
  CostedRun run = MakeRun();
  run.cells.push_back(MakeCell("dear", 4, 250));  // costs more than w4 and gives less
  run.cells.push_back(MakeCell("wrong", 1, 1000));
  run.cells.back().verdict = "incorrect";
  const auto costs = CostCells(run, ExampleBook(), Ask(0));
  EXPECT_TRUE(costs[0].front && costs[1].front && costs[2].front);
  EXPECT_FALSE(costs[3].front);
  EXPECT_TRUE(costs[4].of);
  EXPECT_FALSE(costs[4].front);
}

TEST(CostCells, SaysWhyACellHasNone) {
  CostedRun run = MakeRun();
  run.cells[0].memory_bytes = std::nullopt;
  run.cells[1].start_s = 110;
  run.cells[2].vcpus = 9;
  const auto costs = CostCells(run, ExampleBook(), Ask(0));
  EXPECT_THAT(costs[0].why_none, HasSubstr("workers' memory"));
  EXPECT_THAT(costs[1].why_none, HasSubstr("110 s to start"));
  EXPECT_THAT(costs[2].why_none, HasSubstr("has no size that holds 9 vCPUs"));
  PriceBook unpriced = ExampleBook();
  unpriced.price = std::nullopt;
  EXPECT_THAT(CostCells(MakeRun(), unpriced, Ask(0))[0].why_none, HasSubstr("no public price"));
  for (const CellCost& cost : costs)
    EXPECT_FALSE(cost.of || cost.front);
}

TEST(AnswerCost, ProposesNoOtherArchitecture) {
  PriceBook arm = Cheaper();
  arm.architecture = "aarch64";
  const CostAnswer answer = AnswerCost(MakeRun(), {ExampleBook(), arm}, Ask(2));
  EXPECT_EQ(answer.rows[0].book, 1U);
  EXPECT_EQ(answer.next->row.book, 0U);
  CostedRun unknown = MakeRun();
  unknown.architecture = "";
  EXPECT_EQ(AnswerCost(unknown, {ExampleBook(), arm}, Ask(2)).next->row.book, 1U);
}

TEST(AnswerCost, SaysWhichBookHoldsNothing) {
  PriceBook small = ExampleBook();
  small.grid.vcpus.most = 2;
  const CostAnswer answer = AnswerCost(MakeRun(), {small}, Ask(2));
  EXPECT_TRUE(answer.rows.empty());
  ASSERT_EQ(answer.without.size(), 1U);
  EXPECT_EQ(answer.without[0].why, "has no size that holds 4 vCPUs and 2.27 GB");
  EXPECT_EQ(answer.next->cell, 0U);  // smaller cells fit
}

TEST(AnswerCost, ASizeThatIsAskedForIsMarkedWhenTheCellDoesNotFit) {
  CostQuestion question = Ask(2);
  question.size = "2x2";
  const CostAnswer answer = AnswerCost(MakeRun(), {ExampleBook()}, question);
  ASSERT_EQ(answer.rows.size(), 1U);
  EXPECT_FALSE(answer.rows[0].cost.holds);
  EXPECT_FALSE(answer.rows[0].cost.steady);  // four workers on two vCPUs were not measured
  EXPECT_EQ(answer.next->cell, 1U);          // two workers do fit into it, and gain more than one
}

TEST(AnswerCost, MemoryOfTheUserTakesThePlaceOfTheReports) {
  CostQuestion question = Ask(2);
  question.memory_bytes = 8000 * kMiB;
  // 8000 · 1.25 + 256 = 10,256 MiB = 10.754 GB: 11.
  EXPECT_EQ(AnswerCost(MakeRun(), {ExampleBook()}, question).rows[0].cost.size.memory, 11);
}

TEST(AnswerCost, RefusesWhatHasNoAnswer) {
  PriceBook euro = Cheaper();
  euro.currency = "EUR";
  EXPECT_EQ(Refusal(MakeRun(), {ExampleBook(), euro}, Ask(2)),
            "prices in USD (example) and in EUR (cheaper): ask for one currency at a time");
  CostQuestion question = Ask(2);
  question.size = "99x1";
  EXPECT_THAT(Refusal(MakeRun(), {ExampleBook()}, question),
              HasSubstr("--size 99x1: no price book"));
  question = Ask(2);
  question.run_s = 10;
  EXPECT_THAT(Refusal(MakeRun(), {ExampleBook()}, question),
              HasSubstr("--run-s 10: w4 took 10 s to start"));
  CostedRun run = MakeRun();
  run.cells[2].memory_bytes = std::nullopt;
  EXPECT_THAT(Refusal(run, {ExampleBook()}, Ask(2)), HasSubstr("--memory-mib"));
}

}  // namespace
}  // namespace coresweep
