#include "reports/report_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/base/atomic_file.h"
#include "reports/json_report.h"
#include "tests/support/example_sweep.h"
#include "tests/support/open_load_sweep.h"

namespace coresweep::report_schema_test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using Json = nlohmann::json;
using Pointer = Json::json_pointer;

/// "pointer: text" of each finding.
std::vector<std::string> Faults(const Json& report) {
  std::vector<std::string> faults;
  for (const SchemaFinding& finding : CheckReport(report))
    faults.push_back(finding.pointer + ": " + finding.text);
  return faults;
}

Json Rendered(const SweepResult& sweep) {
  return Json::parse(
      RenderJsonReport(sweep, {"", R"({"name":"coresweep","version":"0.1.0"})",
                               R"({"workers":"auto"})", "coresweep run", 1'767'225'600'000}));
}

/// A golden report, with the parts that it leaves to other files as they are written today.
Json Golden(const std::string& name) {
  const auto folder = std::filesystem::path(CORESWEEP_SOURCE_DIR) / "tests/fixtures/reports";
  Json report = Json::parse(ReadFile(folder / name));
  const Json today = Rendered(example::FullSweep());
  report["host"] = today["host"];
  report["config"]["effective"] = today["config"]["effective"];
  report["repro"] = today["repro"];
  return report;
}

const Json& Schema() {
  static const Json schema = Json::parse(ReportSchemaText());
  return schema;
}

/// Schemas that one value has to obey: those named by `allOf` and `$ref` too.
using Schemas = std::vector<const Json*>;

void Add(const Json& schema, Schemas& all) {
  all.push_back(&schema);
  if (schema.contains("$ref"))
    Add(Schema().at(Pointer(schema["$ref"].get<std::string>().substr(1))), all);
  if (!schema.contains("allOf")) return;
  for (const Json& part : schema["allOf"])
    Add(part, all);
}

Schemas Inside(const Schemas& schemas, const std::string& key, bool in_array) {
  const char* const rest = in_array ? "items" : "additionalProperties";
  Schemas inside;
  for (const Json* schema : schemas) {
    if (!in_array && schema->contains("properties") && (*schema)["properties"].contains(key))
      Add((*schema)["properties"][key], inside);
    if (schema->contains(rest) && inside.empty()) Add((*schema)[rest], inside);
  }
  return inside;
}

using Visit = std::function<void(const Pointer&, const Json& value, const Schemas&)>;

/// Calls `visit` for every value of `json` with the schemas that describe it.
void Walk(const Json& json, const Pointer& pointer, const Schemas& schemas, const Visit& visit) {
  visit(pointer, json, schemas);
  if (!json.is_structured()) return;
  for (const auto& [key, value] : json.items())
    Walk(value, json.is_array() ? pointer / std::stoul(key) : pointer / key,
         Inside(schemas, key, json.is_array()), visit);
}

void WalkReport(const Json& report, const Visit& visit) {
  Schemas root;
  Add(Schema(), root);
  Walk(report, Pointer(), root, visit);
}

/// The pointer without the numbers of elements and the ids under `repro`: one for each key of the
/// schema.
std::string KindOfPlace(const Pointer& pointer) {
  if (!pointer.empty() && pointer.parent_pointer() == Pointer("/repro")) return "/repro/*";
  std::string kind;
  for (Pointer rest = pointer; !rest.empty(); rest.pop_back()) {
    const bool number = rest.back().find_first_not_of("0123456789") == std::string::npos;
    kind.insert(0, number ? "/*" : '/' + rest.back());
  }
  return kind;
}

Json Keyword(const Schemas& schemas, const char* keyword) {
  for (const Json* schema : schemas) {
    if (schema->contains(keyword)) return (*schema)[keyword];
  }
  return nullptr;
}

/// The golden report with one cell and one trial, those that have the most, so that holding it
/// against the schema some hundred times takes little.
Json SmallGolden() {
  Json report = Golden("full_sweep.json");
  for (const char* list : {"cells", "trials"})
    report[list] = Json::array({report[list][2]});
  return report;
}

/// Calls `check` with a place of each kind that the golden report has.
void ForEachKindOfPlace(const Json& report, const Visit& check) {
  std::set<std::string> seen;
  WalkReport(report, [&](const Pointer& pointer, const Json& value, const Schemas& schemas) {
    if (seen.insert(KindOfPlace(pointer)).second) check(pointer, value, schemas);
  });
  EXPECT_GT(seen.size(), 300u);
}

TEST(ReportSchema, GoldenReportsOfEveryMinorAreValid) {
  for (const char* name :
       {"schema_2.0.json", "schema_2.1.json", "schema_2.2.json", "full_sweep.json"})
    EXPECT_THAT(Faults(Golden(name)), IsEmpty()) << name;
  EXPECT_EQ(ReportVersion(Golden("schema_2.1.json")), "2.1");
  EXPECT_EQ(Golden("full_sweep.json")["schema_version"]["minor"], kReportMinor)
      << "keep the golden report of the old version under a name of its own";
}

TEST(ReportSchema, ReportsUnderOpenLoadAreValid) {
  EXPECT_THAT(Faults(Rendered(example::OpenSweep().sweep())), IsEmpty());
}

TEST(ReportSchema, EveryKeyOfAReportIsDescribed) {
  for (const SweepResult& sweep : {example::FullSweep(), example::OpenSweep().sweep()}) {
    WalkReport(Rendered(sweep), [](const Pointer& pointer, const Json&, const Schemas& schemas) {
      if (pointer.to_string().starts_with("/config/requested/")) return;  // whatever was given
      EXPECT_FALSE(schemas.empty()) << pointer << " is not in the schema";
    });
  }
}

TEST(ReportSchema, EveryKeyItHasSaysTypeAndMeaning) {
  int keys = 0;
  const std::function<void(const Json&)> look = [&](const Json& schema) {
    if (!schema.is_structured()) return;
    for (const auto& [key, value] : schema.items()) {
      if (key == "properties") {
        for (const auto& [name, property] : value.items()) {
          ++keys;
          EXPECT_TRUE(property.contains("type")) << name;
          EXPECT_GT(property.value("description", "").size(), 1u) << name;
        }
      }
      look(value);
    }
  };
  look(Schema());
  EXPECT_GT(keys, 300);
}

TEST(ReportSchema, ARequiredKeyThatIsMissingIsFound) {
  const Json report = SmallGolden();
  int removed = 0;
  ForEachKindOfPlace(report,
                     [&](const Pointer& pointer, const Json& value, const Schemas& schemas) {
                       const Json required = Keyword(schemas, "required");
                       if (!value.is_object() || required.is_null()) return;
                       Json without = report;
                       without[pointer] = Json::object();
                       std::vector<std::string> missing;
                       for (const Json& key : required)
                         missing.push_back(pointer.to_string() + ": lacks " + key.dump());
                       if (pointer.empty()) {  // without "schema" it would be another kind of file
                         without["schema"] = report["schema"];
                         std::erase(missing, ": lacks \"schema\"");
                       }
                       auto faults = Faults(without);
                       for (std::string& fault : faults)
                         fault = fault.substr(0, fault.find(", expected "));
                       EXPECT_THAT(faults, ::testing::UnorderedElementsAreArray(missing));
                       removed += static_cast<int>(missing.size());
                     });
  EXPECT_GT(removed, 250);
}

/// A value of a type that is none of `types`; null when there is none.
Json OfAnotherType(const Json& types) {
  const std::vector<std::pair<std::string, Json>> all{{"object", Json::object()},
                                                      {"array", Json::array()},
                                                      {"string", "5"},
                                                      {"boolean", true},
                                                      {"number", 5.5}};
  for (const auto& [type, value] : all) {
    if (types.dump().find('"' + type + '"') == std::string::npos) return value;
  }
  return nullptr;
}

TEST(ReportSchema, AValueOfAWrongTypeIsFoundAtItsPlace) {
  const Json report = SmallGolden();
  size_t changed = 0;
  ForEachKindOfPlace(
      report, [&](const Pointer& pointer, const Json& value, const Schemas& schemas) {
        if (!value.is_structured()) return;
        Json wrong = report;
        std::set<std::string> expected;
        for (const auto& [key, inner] : value.items()) {
          const Pointer place = value.is_array() ? pointer / std::stoul(key) : pointer / key;
          const Json types = Keyword(Inside(schemas, key, value.is_array()), "type");
          if (types.is_null() || place == Pointer("/schema")) continue;
          wrong[place] = OfAnotherType(types);
          expected.insert(place.to_string());
        }
        std::set<std::string> found;
        for (const SchemaFinding& finding : CheckReport(wrong)) {
          found.insert(finding.pointer);
          EXPECT_THAT(finding.text, AllOf(StartsWith("is "), HasSubstr(", expected ")));
        }
        EXPECT_EQ(found, expected) << pointer;
        changed += expected.size();
      });
  EXPECT_GT(changed, 350u);
}

TEST(ReportSchema, FaultsAreToldInWords) {
  Json report = Golden("full_sweep.json");
  report["cells"][0]["workers"] = "two";
  report["cells"][1]["latency"]["unit"] = "ms";
  report["cells"][2]["chunk"] = 0;
  report["cells"][2]["speedup"] = 5;
  report["repro"]["a/b"] = Json::array({1});
  report["trials"][0].erase("cell");
  EXPECT_THAT(
      Faults(report),
      ::testing::UnorderedElementsAre(
          R"(/cells/0/workers: is "two" (a string), expected an integer)",
          R"(/cells/1/latency/unit: is "ms" (a string), expected "us")",
          "/cells/2/chunk: is 0, expected 1 or more", "/cells/2/speedup: is 5, expected an object",
          "/repro/a~1b: is an array (1 element), expected a string",
          R"(/trials/0: lacks "cell", expected a string: Id of its cell.)"));
}

TEST(ReportSchema, UnknownKeysAndLaterMinorsAreNoFault) {
  Json report = Golden("full_sweep.json");
  report["schema_version"]["minor"] = 9;
  report["schema_version"]["patch"] = "x";
  report["new"] = report["cells"][0]["new"] = report["trials"][2]["workers"][0]["new"] = {1, "a"};
  EXPECT_THAT(Faults(report), IsEmpty());
}

TEST(ReportSchema, TheLargestSeedIsValid) {
  Json report = Golden("full_sweep.json");
  report["config"]["effective"]["seed"] = UINT64_MAX;
  EXPECT_THAT(Faults(report), IsEmpty());
}

TEST(ReportSchema, RefusesAnotherMajorAndOtherKindsByName) {
  Json report = Golden("full_sweep.json");
  report["schema_version"]["major"] = 3;
  report["cells"] = nullptr;  // what another major means is not judged
  EXPECT_THAT(Faults(report),
              ElementsAre("/schema_version/major: schema version 3, this program reads 2"));
  const auto why = [](const Json& json) {
    const auto faults = Faults(json);
    return faults.size() == 1 ? faults[0] : "";
  };
  EXPECT_EQ(why({{"schema", "coresweep.gate"}}),
            "/schema: is \"coresweep.gate\", a file of `coresweep gate` (read it with `coresweep "
            "analyze`), expected \"coresweep.report\": a report of `coresweep run`");
  EXPECT_THAT(why({{"schema", "other"}}), StartsWith(R"(/schema: is "other", expected )"));
  EXPECT_THAT(why({{"schema", 5}}), HasSubstr(R"(no text under "schema")"));
  EXPECT_THAT(why(Json::object()), HasSubstr(R"(no text under "schema")"));
  EXPECT_THAT(why(Json::array()), HasSubstr("is JSON of type array, expected an object"));
  EXPECT_THAT(why(nullptr), HasSubstr("is null, expected an object"));
}

}  // namespace
}  // namespace coresweep::report_schema_test
