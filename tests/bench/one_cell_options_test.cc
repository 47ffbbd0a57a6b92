// `SweepOptions::ParseCell`: the options of one arm.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bench/sweep_options.h"
#include "harness/base/error.h"
#include "tests/base/temp_folder.h"

namespace coresweep::one_cell_options_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using Words = std::vector<std::string>;

constexpr int kUsable = 6;

/// The cell of an arm, with these options of both arms and these of its own.
nlohmann::ordered_json Cell(Words options, const Words& sets, int usable = kUsable) {
  CLI::App app;
  SweepOptions sweep;
  sweep.Declare(app);
  std::reverse(options.begin(), options.end());  // as CLI11 wants it
  app.parse(options);
  return ToJson(sweep.ParseCell(sets, "--base-set", usable));
}

std::string Refusal(const Words& sets) {
  try {
    (void)Cell({"--workload", "spin"}, sets);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

using Json = nlohmann::ordered_json;

TEST(ParseCell, GivesEachAxisOneValueWhereNobodyDid) {
  const Json cell = Cell({"--workload", "spin"}, {});
  EXPECT_EQ(cell["workers"], Json{kUsable});
  EXPECT_EQ(cell["placement"], Json{"none"});
  EXPECT_EQ(cell["chunk"], Json{8});
  EXPECT_EQ(cell["window_s"], 0.3);
  EXPECT_EQ(cell["measure_cpus_s"], 0);
  for (const char* axis : {"threads", "transport", "dispatch", "credit", "wait", "width"})
    EXPECT_EQ(cell[axis].size(), 1u) << axis;
  EXPECT_EQ(Cell({"--workload", "spin"}, {}, 0)["workers"], Json{1});
}

TEST(ParseCell, KeepsWhatTheOptionsOfBothArmsSay) {
  const Json cell = Cell({"--workload", "spin", "--workers", "3", "--window-s", "0.05"}, {});
  EXPECT_EQ(cell["workers"], Json{3});
  EXPECT_EQ(cell["window_s"], 0.05);
}

TEST(ParseCell, LaysTheWordsOfTheArmOverTheOptions) {
  const Json cell = Cell({"--workload", "null", "--transport", "pipe", "--workers", "3"},
                         {"workload=spin", "transport=shm_loan", "placement=list:0-1,3",
                          "window_s=0.25", "workers=2", "workers=1"});
  EXPECT_EQ(cell["workload"], "spin");
  EXPECT_EQ(cell["transport"], Json{"shm_loan"});
  EXPECT_EQ(cell["placement"], Json{"list:0-1,3"}) << "one policy";
  EXPECT_EQ(cell["window_s"], 0.25);
  EXPECT_EQ(cell["workers"], Json{1}) << "the last word counts";
}

TEST(ParseCell, StartsWorkersAsTheArmSays) {
  EXPECT_EQ(Cell({"--workload", "spin"}, {})["worker_start"], "spawn");
  EXPECT_EQ(Cell({"--workload", "spin"}, {"worker_start=zygote"})["worker_start"], "zygote");
}

TEST(ParseCell, ChangesOneOptionOfTheWorkloadAndKeepsTheOthers) {
  const Words both{"--workload", "null", "--option", "item_bytes=7", "--option", "answer_bytes=64"};
  EXPECT_EQ(Cell(both, {"options.item_bytes=9"})["options"],
            (Json{{"answer_bytes", "64"}, {"item_bytes", "9"}}));
  EXPECT_EQ(Cell({"--workload", "spin"}, {"options.busy_us=200"})["options"],
            (Json{{"busy_us", "200"}}));
}

TEST(ParseCell, KeepsEqualsSignsInTheValue) {
  EXPECT_EQ(Cell({"--workload", "spin"}, {"name=a=b"})["name"], "a=b");
}

TEST(ParseCell, RefusesWordsThatAreNoKeyAndValue) {
  for (const char* word : {"transport", "=pipe", "transport=", "=", ""})
    EXPECT_EQ(Refusal({word}), fmt::format("--base-set {}: expected KEY=VALUE", word));
}

TEST(ParseCell, RefusesKeysThatAreNone) {
  for (const char* key : {"transports", "options", "options.", "suite", "Transport"}) {
    EXPECT_THAT(
        Refusal({std::string(key) + "=pipe"}),
        AllOf(StartsWith(fmt::format("--base-set {}: ", key)), HasSubstr("no key of this")));
  }
}

TEST(ParseCell, SaysWhichOptionABadValueCameFrom) {
  EXPECT_THAT(Refusal({"transport=pigeon"}),
              AllOf(HasSubstr("--base-set transport"), HasSubstr("pigeon")));
  EXPECT_THAT(Refusal({"workers=many"}), HasSubstr("--base-set workers"));
  EXPECT_THAT(Refusal({"options.busy_ms=3"}), HasSubstr("busy_ms"));
  EXPECT_THAT(Refusal({"name=\xff"}), HasSubstr("not valid UTF-8"));
  EXPECT_THAT(Refusal({"options.busy_us=\xff"}), HasSubstr("not valid UTF-8"));
}

TEST(ParseCell, ReadsTheSuiteBelowAll) {
  const TempFolder folder;
  folder.Write("s.json", R"({"workload": "spin", "chunk": [4], "options": {"busy_us": "50"}})");
  const Json cell = Cell({(folder.path() / "s.json").string()}, {"options.busy_us=60"});
  EXPECT_EQ(cell["chunk"], Json{4});
  EXPECT_EQ(cell["options"]["busy_us"], "60");
}

}  // namespace
}  // namespace coresweep::one_cell_options_test
