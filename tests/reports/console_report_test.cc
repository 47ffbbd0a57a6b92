#include "reports/console_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "reports/text.h"
#include "tests/support/example_sweep.h"

namespace coresweep {
namespace {

using example::BadMeasurement;
using example::MakeCell;
using example::SweepBuilder;
using example::TypicalSweep;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    lines.push_back(line);
  return lines;
}

std::string Render(const SweepResult& sweep, size_t width = 100, bool color = false) {
  return RenderConsole(sweep, {width, color});
}

/// The lines that begin with `start`.
size_t CountLines(const std::string& text, const std::string& start) {
  const auto lines = LinesOf(text);
  return static_cast<size_t>(
      std::count_if(lines.begin(), lines.end(),
                    [&start](const std::string& line) { return line.starts_with(start); }));
}

TEST(Console, BeginsWithTheAnswerAndShowsTheBestCellFirst) {
  const std::string text = Render(TypicalSweep().sweep());
  EXPECT_THAT(text, StartsWith("Use 2 workers × 1 thread, placement compact"));
  const auto lines = LinesOf(text);
  const auto heading = std::find_if(lines.begin(), lines.end(), [](const std::string& line) {
    return line.starts_with("cell  ");
  });
  ASSERT_LT(heading + 3, lines.end());
  EXPECT_EQ(
      *heading,
      "cell                            items/s  low–high  speedup   eff.  disp.  p50  verdict");
  EXPECT_EQ(heading[1],
            "processes/w2/t1/compact/c8/shm      192   190–194     1.92   96 %   98 %    –  ok");
  EXPECT_EQ(heading[2],
            "independent/w2/t1/compact/c8        196   194–198     1.96   98 %      –    –  ok "
            "(control)");
  EXPECT_THAT(heading[3], StartsWith("serial/w1/t1/compact/c8 "));
}

TEST(Console, FitsItsWidthByDroppingColumns) {
  const SweepResult sweep = TypicalSweep().sweep();
  for (const size_t width : {60U, 70U, 80U, 90U, 100U, 120U}) {
    for (const std::string& line : LinesOf(Render(sweep, width)))
      EXPECT_LE(DisplayWidth(line), static_cast<size_t>(width)) << line;
  }
  EXPECT_THAT(Render(sweep, 70), Not(HasSubstr("low–high")));
  EXPECT_THAT(Render(sweep, 70), HasSubstr("verdict"));
  EXPECT_THAT(Render(sweep, 0), HasSubstr("…"));
}

TEST(Console, ShowsFortyRowsAndCountsTheRest) {
  SweepBuilder builder = TypicalSweep();
  for (int i = 0; i < 37; ++i)
    builder.AddMeasured(MakeCell(Mode::kThreads, 3 + i), {50});
  EXPECT_THAT(Render(builder.sweep()), Not(HasSubstr("more cell")));
  builder.AddMeasured(MakeCell(Mode::kThreads, 99), {1});
  builder.AddMeasured(MakeCell(Mode::kThreads, 98), {1});
  const std::string text = Render(builder.sweep());
  EXPECT_THAT(text, HasSubstr("\n… 2 more cells in the report\n"));
  EXPECT_EQ(CountLines(text, "threads/"), 37u);
}

TEST(Console, PutsCellsWithWrongAnswersLast) {
  SweepBuilder builder = TypicalSweep();
  builder.AddMeasured(MakeCell(Mode::kProcesses, 2, 1, "pipe"), {500});
  builder.LastMeasurement().outcome = Outcome::kIncorrect;
  builder.LastMeasurement().message = "item 3 differs by 0.5: see output_check";
  const std::string text = Render(builder.sweep());
  EXPECT_LT(text.find("\nserial/"), text.find("\nprocesses/w2/t1/compact/c8/pipe"));
  EXPECT_THAT(text, HasSubstr("Wrong or disordered answers:\n- processes/w2/t1/compact/c8/pipe: "
                              "incorrect: item 3 differs by 0.5: see output_check\n"));
}

TEST(Console, GroupsFailedAndSkippedCellsByReason) {
  SweepBuilder builder = TypicalSweep();
  for (int workers = 3; workers < 8; ++workers) {
    builder.AddTrial(builder.AddCell(MakeCell(Mode::kProcesses, workers)), 0,
                     BadMeasurement(Outcome::kFailed, "no memory"));
    builder.sweep().plan.skipped.push_back({MakeCell(Mode::kThreads, workers), "too many"});
  }
  const std::string text = Render(builder.sweep(), 200);
  EXPECT_THAT(text, HasSubstr("Failed:\n- processes/w3/t1/compact/c8/shm, "
                              "processes/w4/t1/compact/c8/shm, processes/w5/t1/compact/c8/shm and "
                              "2 more: failed: no memory\n"));
  EXPECT_THAT(text, HasSubstr("Skipped:\n- threads/w3/t1/compact/c8, threads/w4/t1/compact/c8, "
                              "threads/w5/t1/compact/c8 and 2 more: too many\n"));
}

TEST(Console, ShowsWarningsOfTheSweepAndOfTheRecommendedCell) {
  SweepBuilder builder = TypicalSweep();
  builder.LastMeasurement().warnings = {"look here"};
  builder.sweep().facts.warnings = {"no cgroup"};
  const std::string text = Render(builder.sweep());
  EXPECT_THAT(text, HasSubstr("\nWarning: no cgroup\n"));
  EXPECT_THAT(text, HasSubstr("\nWarning: recommended cell: look here\n"));
}

TEST(Console, SpeaksOfMissingPercentilesOnlyWhereItShowsThem) {
  SweepBuilder builder = TypicalSweep();
  EXPECT_THAT(Render(builder.sweep()), HasSubstr("recommended cell: latency: no chunk"));
  for (uint64_t i = 0; i < 20; ++i)
    builder.LastMeasurement().samples.push_back(example::MakeSample(i, example::kWindowBeginNs));
  EXPECT_THAT(Render(builder.sweep()), Not(HasSubstr("latency: ")));
}

TEST(Console, SaysInWordsWhatItColours) {
  SweepBuilder builder = TypicalSweep();
  builder.AddMeasured(MakeCell(Mode::kThreads, 2), {50, 100, 150});
  const std::string plain = Render(builder.sweep());
  std::string colored = Render(builder.sweep(), 100, true);
  EXPECT_EQ(plain.find('\x1b'), std::string::npos);
  EXPECT_NE(colored, plain);
  for (size_t at = colored.find('\x1b'); at != std::string::npos; at = colored.find('\x1b'))
    colored.erase(at, colored.find('m', at) - at + 1);
  EXPECT_EQ(colored, plain);
}

TEST(Console, LetsNoMessageCommandTheTerminal) {
  SweepBuilder builder = TypicalSweep();
  builder.AddTrial(builder.AddCell(MakeCell(Mode::kProcesses, 3)), 0,
                   BadMeasurement(Outcome::kFailed, "bad \x1b[2J file\nFAKE LINE"));
  const std::string text = Render(builder.sweep());
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_THAT(text, Not(HasSubstr("\nFAKE")));
}

TEST(Console, HasNoTableWhenNothingWasMeasured) {
  SweepBuilder builder;
  builder.sweep().interrupted = true;
  builder.AddCell(MakeCell(Mode::kProcesses, 2));
  const std::string text = Render(builder.sweep());
  EXPECT_THAT(text, StartsWith("Interrupted after 0 of 0 trials"));
  EXPECT_THAT(text, HasSubstr("Nothing was measured"));
  EXPECT_THAT(text, Not(HasSubstr("items/s")));
  EXPECT_THAT(text, HasSubstr("Not to be relied on, or not measured:\n- processes/w2"));
}

TEST(Console, CopesWithAnEmptyPlan) {
  EXPECT_EQ(Render(SweepResult{}), "Nothing was measured: the plan has no cells.\n");
}

}  // namespace
}  // namespace coresweep
