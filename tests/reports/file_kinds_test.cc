#include "reports/file_kinds.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/base/atomic_file.h"
#include "reports/compare_json.h"
#include "reports/gate_report.h"
#include "reports/history_report.h"
#include "reports/shipped_prices.h"
#include "tests/support/gate_blocks.h"
#include "tests/support/sku_instance.h"

namespace coresweep::file_kinds_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Json = nlohmann::json;
using Pointer = Json::json_pointer;

std::vector<std::string> FaultsOf(const Json& file) {
  const FileKind* const kind = FileKindOf(file);
  if (kind == nullptr) return {UnknownKind(file).text};
  std::vector<std::string> faults;
  for (const SchemaFinding& finding : CheckFile(*kind, file))
    faults.push_back(finding.pointer + ": " + finding.text);
  return faults;
}

/// A gate that failed, so that all of its phases are there.
Json GateFile() {
  GateSession session(example::QuickSetup());
  GateLog log = example::RunBlocks(session, example::Planted(70), 1000);
  log.burn_in = BurnIn{1, 5, {{20, 20}, {30, 20}}, {}, {}};
  for (GateRecord& record : log.records)
    record.machine = BlockMachine{{20, 19}, {}, 5, 0, 0, std::nullopt, 0};
  GateReportHead head;
  head.tool_json = R"({"name": "coresweep"})";
  head.host_json = R"({"fingerprint": "abc"})";
  head.base = {"", "", "d1", R"({"chunk": 8})"};
  head.candidate = {"/opt/new", "d2", "", ""};
  return Json::parse(GateReportJson(head, log, session).dump());
}

StoredRun Run(const std::string& name) {
  StoredRun run;
  run.name = name;
  run.identity = {{"machine", "m"}, {"workload", "w"}, {"build", "b"}};
  return run;
}

Json HistoryFile(const std::string& refused) {
  HistoryLog log;
  log.setup.metrics = {{"throughput", "items/s", true}};
  log.setup.cells = {"w1"};
  log.runs = 12;
  log.refused = refused;
  if (refused.empty())
    log.comparisons = {{"cell", 0, {1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3}, 2.0, ""},
                       {"other", 0, {1}, std::nullopt, "not measured"}};
  return Json::parse(
      HistoryReportJson({R"({"name":"c"})", "coresweep", 5, Run("a"), {Run("b")}}, log).dump());
}

SkuReport InstanceOfBuild(const std::string& sku, int number, double per_s) {
  SkuReport report = example::SkuInstance(sku, number, per_s);
  for (auto& [name, value] : report.identity)
    if (name == "build") value = sku;
  return report;
}

Json ComparisonFile() {
  SkuQuestion question;
  question.allow_different = {"build"};
  std::vector<SkuReport> reports{InstanceOfBuild("lonely", 1, 50)};
  for (int i = 0; i < 5; ++i) {
    reports.push_back(InstanceOfBuild("small", i, 100 + i));
    reports.push_back(InstanceOfBuild("large", i, 200 + i));
  }
  return Json::parse(ToJson(CompareSkus(reports, question)).dump());
}

std::vector<Json> Examples() {
  std::vector<Json> files{GateFile(), HistoryFile(""), HistoryFile("another machine"),
                          ComparisonFile()};
  for (const ShippedPriceBook& book : ShippedPriceBooks())
    files.push_back(Json::parse(book.text));
  return files;
}

TEST(FileKinds, WhatTheProgramWritesAndItsPriceBooksAreValid) {
  for (const Json& file : Examples())
    EXPECT_THAT(FaultsOf(file), IsEmpty()) << file["schema"];
}

/// Every key of `file` must be in its schema, but for those that other schemas describe.
void FindUndescribed(const Json& root, const Json& schema, const Json& value, const Pointer& at,
                     std::vector<std::string>& found) {
  std::vector<const Json*> parts{&schema};
  for (size_t i = 0; i < parts.size(); ++i) {
    const Json& part = *parts[i];
    if (part.contains("$ref"))
      parts.push_back(&root.at(Pointer(part["$ref"].get<std::string>().substr(1))));
    if (part.contains("allOf"))
      for (const Json& other : part["allOf"])
        parts.push_back(&other);
  }
  const auto inside = [&](const std::string& key, bool element) -> const Json* {
    for (const Json* part : parts) {
      if (!element && part->contains("properties") && part->at("properties").contains(key))
        return &part->at("properties").at(key);
      const char* const rest = element ? "items" : "additionalProperties";
      if (part->contains(rest)) return &part->at(rest);
    }
    return nullptr;
  };
  if (!value.is_structured()) return;
  for (const auto& [key, inner] : value.items()) {
    const Pointer here = value.is_array() ? at / std::stoul(key) : at / key;
    const Json* of = inside(key, value.is_array());
    const std::string place = here.to_string();
    if (of == nullptr) {
      found.push_back(place);
    } else if (place != "/host" && place != "/tool" && !place.ends_with("/config")) {
      FindUndescribed(root, *of, inner, here, found);
    }
  }
}

TEST(FileKinds, EveryKeyThatIsWrittenIsDescribed) {
  for (const Json& file : Examples()) {
    const Json schema = Json::parse(FileKindOf(file)->schema);
    std::vector<std::string> undescribed;
    FindUndescribed(schema, schema, file, Pointer(), undescribed);
    EXPECT_THAT(undescribed, IsEmpty()) << file["schema"];
  }
}

/// Calls `visit` for every schema within `schema` that is one of a value.
void ForEachSchema(const Json& schema, const std::string& name,
                   const std::function<void(const Json&, const std::string&)>& visit) {
  visit(schema, name);
  for (const char* parts : {"properties", "definitions"}) {
    if (!schema.contains(parts)) continue;
    for (const auto& [key, part] : schema[parts].items())
      ForEachSchema(part, name + "/" + key, visit);
  }
  for (const char* part : {"items", "additionalProperties"})
    if (schema.contains(part)) ForEachSchema(schema[part], name + "/*", visit);
}

TEST(FileKinds, EveryKeyHasAMeaning) {
  for (const FileKind& kind : FileKinds()) {
    const Json schema = Json::parse(kind.schema);
    EXPECT_EQ(schema["$id"], fmt::format("{}.{}.json", kind.name, kind.major));
    ForEachSchema(schema, std::string(kind.name), [](const Json& part, const std::string& name) {
      const Json keys = part.value("properties", Json::object());
      for (const auto& [key, value] : keys.items())
        EXPECT_TRUE(value.contains("description")) << name << "/" << key;
    });
  }
}

TEST(FileKinds, TheSchemasAreThoseThatAreInstalled) {
  const auto folder = std::filesystem::path(CORESWEEP_SOURCE_DIR) / "reports/schema";
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string file = entry.path().stem().string();
    const FileKind* kind = FindFileKind(file.substr(0, file.rfind('.')));
    ASSERT_NE(kind, nullptr) << file;
    EXPECT_EQ(kind->schema, ReadFile(entry.path())) << file;
    ++files;
  }
  EXPECT_EQ(files, FileKinds().size());
}

TEST(FileKinds, EachFileIsHeldAgainstTheSchemaThatItNames) {
  Json gate = GateFile();
  gate["setup"]["rule"]["first_look"] = 0;
  gate["blocks"][0]["launches"][0]["metrics"]["throughput"] = "fast";
  gate["new"] = 5;
  EXPECT_THAT(FaultsOf(gate),
              ElementsAre("/blocks/0/launches/0/metrics/throughput: is \"fast\" (a string), "
                          "expected a number or an object",
                          "/setup/rule/first_look: is 0, expected 1 or more"));
  Json comparison = ComparisonFile();
  comparison["schema_version"]["major"] = 2;
  EXPECT_THAT(FaultsOf(comparison),
              ElementsAre("/schema_version/major: schema version 2, this program reads 1"));
  EXPECT_THAT(
      FaultsOf({{"schema", "coresweep.launch"}}),
      ElementsAre(HasSubstr("is \"coresweep.launch\", expected one of coresweep.report, ")));
  EXPECT_THAT(FaultsOf(5), ElementsAre(HasSubstr("is JSON of type number")));
}

TEST(FileKinds, BoundsAreToldInWords) {
  Json book = Json::parse(ShippedPriceBooks()[0].text);
  book["name"] = "";
  book["memory_unit"] = "MB";
  book["as_of"] = "soon";
  book["billing"]["granularity_s"] = 0;
  book["billing"]["minimum_s"] = 2e9;
  book["grid"] = {{"kind", "fixed"}, {"sizes", Json::array()}};
  EXPECT_THAT(FaultsOf(book),
              ElementsAre("/as_of: is \"soon\" (a string), expected this: Day on which the prices "
                          "were read, YYYY-MM-DD.",
                          "/billing/granularity_s: is 0, expected more than 0",
                          "/billing/minimum_s: is 2000000000.0, expected at most 1000000000.0",
                          "/grid/sizes: is an array (0 elements), expected at least 1 of them",
                          "/memory_unit: is \"MB\" (a string), expected one of \"GB\", \"GiB\"",
                          "/name: is \"\" (a string), expected a text of at least 1 character"));
}

}  // namespace
}  // namespace coresweep::file_kinds_test
