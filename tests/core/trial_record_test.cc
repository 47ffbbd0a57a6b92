#include "harness/core/trial_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "tests/support/full_trial.h"

namespace coresweep {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

/// To a line of a file and back.
TrialResult Travel(const TrialResult& result) {
  return TrialResultFromJson(
      Json::parse(ToJson(result).dump(-1, ' ', false, Json::error_handler_t::replace)));
}

/// Every value at the leaves of `json` with its path.
std::vector<std::pair<std::string, Json>> Leaves(const Json& json) {
  std::vector<std::pair<std::string, Json>> leaves;
  const Json flat = json.flatten();
  for (const auto& [path, value] : flat.items())
    leaves.emplace_back(path, value);
  return leaves;
}

/// Equality of structs covers every field, so that one which is not read back is missed below.
TEST(TrialRecord, IsReadBackEqualInEveryField) {
  const TrialResult sent = example::TrialWithEveryField();
  EXPECT_EQ(Travel(sent), sent);
}

/// Else a field that is forgotten would be equal by chance.
TEST(TrialRecord, TheExampleLeavesNothingAtItsDefault) {
  for (const auto& [path, value] : Leaves(ToJson(example::TrialWithEveryField()))) {
    EXPECT_FALSE(value.is_null()) << path;
    EXPECT_NE(value, Json(0)) << path;
    EXPECT_NE(value, Json("")) << path;
    EXPECT_FALSE(value.is_structured()) << path << " is empty";
  }
}

TEST(TrialRecord, WhatWasNotMeasuredComesBackUnmeasured) {
  const TrialResult nothing;
  const TrialResult got = Travel(nothing);
  EXPECT_EQ(got, nothing);
  EXPECT_FALSE(got.measurement.dispatcher);
  EXPECT_FALSE(got.measurement.system.throttle);
}

TEST(TrialRecord, DoublesAreExact) {
  TrialResult sent;
  for (const double value : {0.1, 1e300, 4.9e-324, std::nextafter(1.0, 2.0), -0.0, 123456789.0}) {
    sent.measurement.items_in_window = value;
    sent.measurement.output.max_abs_diff = value;
    EXPECT_EQ(Travel(sent), sent) << value;
  }
  sent.measurement.output.max_abs_diff = HUGE_VAL;
  EXPECT_EQ(Travel(sent), sent);
}

TEST(TrialRecord, KnowsEveryOutcomeAndRole) {
  TrialResult sent;
  for (const Outcome outcome : {Outcome::kOk, Outcome::kIncorrect, Outcome::kDisordered,
                                Outcome::kFailed, Outcome::kTimedOut, Outcome::kInterrupted}) {
    sent.measurement.outcome = outcome;
    EXPECT_EQ(Travel(sent), sent) << ToString(outcome);
  }
  for (const TrialRole role : {TrialRole::kCell, TrialRole::kReference, TrialRole::kProbe,
                               TrialRole::kRace, TrialRole::kConfirmation}) {
    sent.trial.role = role;
    EXPECT_EQ(Travel(sent), sent) << ToString(role);
  }
}

TEST(TrialRecord, BytesThatAreNoUtf8AreReplacedAsInTheReport) {
  TrialResult sent;
  sent.measurement.message = "a\xff";
  EXPECT_EQ(Travel(sent).measurement.message, "a\xEF\xBF\xBD");
}

std::string ErrorOf(const Json& json) {
  try {
    (void)TrialResultFromJson(json);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// Takes each value away, and puts another type in its place: the error names its key. (Elements of
/// lists have none.)
TEST(TrialRecord, NamesTheFieldThatIsMissingOrOfAnotherType) {
  const Json good = ToJson(example::TrialWithEveryField());
  ASSERT_EQ(ErrorOf(good), "");
  size_t tried = 0;
  for (const auto& [path, value] : Leaves(good)) {
    const Json::json_pointer pointer(path);
    const std::string& name = pointer.back();
    if (name.find_first_not_of("0123456789") == std::string::npos) continue;
    if (path.starts_with("/measurement/workers/1")) continue;  // as the one before
    const std::string wanted = path.starts_with("/measurement/system") ? "system" : name;
    Json bad = good;
    bad.at(pointer.parent_pointer()).erase(name);
    EXPECT_THAT(ErrorOf(bad), HasSubstr(wanted)) << path;
    bad = good;
    bad.at(pointer) = Json::array({Json::object()});
    EXPECT_THAT(ErrorOf(bad), HasSubstr(wanted)) << path;
    ++tried;
  }
  EXPECT_GT(tried, 90u);
}

TEST(TrialRecord, RefusesValuesThatAreNone) {
  const Json good = ToJson(example::TrialWithEveryField());
  const auto with = [&good](const char* path, const Json& value) {
    Json bad = good;
    bad.at(Json::json_pointer(path)) = value;
    return ErrorOf(bad);
  };
  EXPECT_THAT(with("/measurement/outcome", "good"), HasSubstr("outcome \"good\""));
  EXPECT_THAT(with("/role", "king"), HasSubstr("role \"king\""));
  EXPECT_THAT(with("/cell_index", 1.5), HasSubstr("cell_index"));
  EXPECT_THAT(with("/measurement/samples_total", -1), HasSubstr("samples_total"));
  EXPECT_THAT(with("/measurement/chunks", true), HasSubstr("chunks"));
  EXPECT_THAT(with("/measurement/samples/merged_ns", Json::array({1})),
              HasSubstr("merged_ns has another length"));
  EXPECT_THAT(with("/measurement/workers", 5), HasSubstr("workers is no list"));
  EXPECT_THAT(with("/measurement/workers/1/startup", 5), HasSubstr("workers 1: "));
  EXPECT_NE(ErrorOf(Json::array()), "");
}

}  // namespace
}  // namespace coresweep
