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
  EXPECT_THROW(GateVerdictFromName("pass"), Error);
}

TEST(GateVerdict, TheGraverOutranksTheOther) {
  const std::array by_rank{kUsage, kWorkload, kIntegrity, kUnfit, kFail, kInconclusive, kPass};
  for (size_t high = 0; high < by_rank.size(); ++high) {
    for (size_t low = high; low < by_rank.size(); ++low) {
      EXPECT_EQ(Combine(std::array{by_rank[low], by_rank[high]}), by_rank[high]);
      EXPECT_EQ(Combine(std::array{by_rank[high], by_rank[low]}), by_rank[high]);
    }
  }
  EXPECT_EQ(Combine(kAll), kUsage);
}

TEST(GateVerdict, NothingIsNotAPass) {
  EXPECT_EQ(Combine(std::vector<GateVerdict>{}), kInconclusive);
}

}  // namespace
}  // namespace coresweep
