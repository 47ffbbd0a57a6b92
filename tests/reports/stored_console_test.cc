#include "reports/stored_console.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "reports/stored_warnings.h"
#include "reports/text.h"

namespace coresweep::stored_console_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Json = nlohmann::json;

Json StoredGolden() {
  std::ifstream file(CORESWEEP_SOURCE_DIR "/tests/fixtures/reports/full_sweep.json");
  return Json::parse(file);
}

std::string ConsoleOf(const Json& report, size_t width = 300) {
  return RenderStoredConsole(report, ReadStoredPage(report, "golden"), width);
}

TEST(StoredConsole, HasTheAnswerThenEveryCellWithItsFigures) {
  const Json report = StoredGolden();
  const StoredPage page = ReadStoredPage(report, "golden");
  const std::string text = ConsoleOf(report);
  EXPECT_THAT(text, StartsWith(AnswerOf(page)));
  for (const PageCell& cell : page.cells) {
    if (!cell.throughput_per_s) continue;
    EXPECT_THAT(text, AllOf(HasSubstr("\n" + cell.id + " "),
                            HasSubstr(Quantity(cell.throughput_per_s->median))));
  }
}

TEST(StoredConsole, TheRecommendedCellIsTheFirstRow) {
  const Json report = StoredGolden();
  const StoredPage page = ReadStoredPage(report, "golden");
  ASSERT_TRUE(page.recommended);
  const std::string text = ConsoleOf(report);
  const size_t table = text.find("\ncell ");
  EXPECT_THAT(text.substr(text.find('\n', table + 1) + 1),
              StartsWith(page.cells[*page.recommended].id));
}

TEST(StoredConsole, SaysWarningsFailuresAndWhatWasSkipped) {
  Json report = StoredGolden();
  report["finished"] = false;
  report["host"] = Json::object({{"warnings", Json::array({"the clock\x1b[31m jumped"})}});
  Json& cell = report["cells"][0];
  cell["verdict"] = "failed";
  cell["reason"] = "it fell over";
  report["skipped"] = Json::parse(
      R"([{"id": "a", "reason": "too many workers"}, {"id": "b", "reason": "too many workers"}])");
  EXPECT_THAT(ConsoleOf(report), AllOf(HasSubstr("Warning: Host: the clock [31m jumped"),
                                       HasSubstr("Warning: Sweep: it has not come to its end"),
                                       HasSubstr("Failed:\n- " + cell["id"].get<std::string>() +
                                                 ": failed (control): it fell over"),
                                       HasSubstr("Skipped:\n- a and 1 more: too many workers"),
                                       Not(HasSubstr("\x1b"))));
}

TEST(StoredConsole, SaysWhyTheRecommendedCellScalesNoBetter) {
  Json report = StoredGolden();
  const size_t at = *ReadStoredPage(report, "golden").recommended;
  report["cells"][at]["causes"] =
      Json::parse(R"([{"name": "quota", "evidence": "e", "remedy": "r"}])");
  EXPECT_THAT(ConsoleOf(report), HasSubstr("- quota: e; r\n"));
}

TEST(StoredConsole, SaysTheLawsOfScalingThatTheReportHas) {
  Json report = StoredGolden();
  report["scaling"] = Json::parse(
      R"([{"cells": "processes/t1", "amdahl": {"lambda": 1, "sigma": 0.25, "largest_error": 0.02,
           "predictions": [{"workers": 8, "speedup": 2.9, "extrapolation": true}]},
           "universal": {"lambda": null}}])");
  EXPECT_THAT(
      ConsoleOf(report),
      HasSubstr("\nScaling over workers:\n- processes/t1: 75 % of the work runs in parallel; "
                "2.90 × with 8 workers (extrapolation) (Amdahl's law, largest error 2 %)\n"));
}

TEST(StoredConsole, KeepsToTheWidthOfItsTerminal) {
  std::istringstream lines(ConsoleOf(StoredGolden(), 60));
  for (std::string line; std::getline(lines, line);)
    EXPECT_LE(DisplayWidth(line), 60U) << line;
}

TEST(StoredConsole, OfNothingMeasuredItSaysSo) {
  Json report = StoredGolden();
  for (Json& cell : report["cells"]) {
    cell["verdict"] = "pending";
    for (const char* part : {"median", "low", "high"})
      cell["throughput"][part] = nullptr;
  }
  EXPECT_THAT(ConsoleOf(report),
              AllOf(StartsWith("No cell can be recommended."), Not(HasSubstr("items/s"))));
}

}  // namespace
}  // namespace coresweep::stored_console_test
