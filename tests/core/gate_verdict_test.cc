#include "harness/core/gate_verdict.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "harness/base/error.h"

namespace coresweep {
namespace {

using enum GateVerdict;
constexpr std::array kAll{kPass, kFail, kUsage, kInconclusive, kUnfit, kIntegrity, kWorkload};

TEST(GateVerdict, ExitCodesAndNamesAreThoseOfTheManual) {
  const std::array<std::string_view, 7> names{"PASS",  "FAIL",      "USAGE",   "INCONCLUSIVE",
                                              "UNFIT", "INTEGRITY", "WORKLOAD"};
  for (size_t code = 0; code < kAll.size(); ++code) {
    EXPECT_EQ(ExitCodeOf(kAll[code]), static_cast<int>(code));
    EXPECT_EQ(NameOf(kAll[code]), names[code]);
    EXPECT_EQ(GateVerdictFromName(names[code]), kAll[code]);
  }
}

TEST(GateVerdict, AnotherNameIsRefused) {
  EXPECT_THROW(GateVerdictFromName("pass"), Error);
}

TEST(GateVerdict, TheGraverOutranksTheOther) {
  const std::array by_rank{kUsage, kWorkload, kIntegrity, kUnfit, kFail, kInconclusive, kPass};
  std::vector<GateVerdict> lesser;  // all that a verdict outranks, and itself
  for (size_t rank = by_rank.size(); rank > 0; --rank) {
    lesser.push_back(by_rank[rank - 1]);
    EXPECT_EQ(Combine(lesser), by_rank[rank - 1]);
    EXPECT_EQ(Combine(std::vector(lesser.rbegin(), lesser.rend())), by_rank[rank - 1]);
  }
}

TEST(GateVerdict, NothingIsNotAPass) {
  EXPECT_EQ(Combine(std::vector<GateVerdict>{}), kInconclusive);
}

}  // namespace
}  // namespace coresweep
