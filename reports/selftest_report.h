// What `coresweep selftest` found, for people and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/core/selftest_score.h"

namespace coresweep {

struct SelftestResult {
  std::vector<SelftestRow> rows;
};

/// {"schema": "coresweep.selftest", …, "rows": [{"planted", "gates", "fail_rate": {…}, …}]}.
nlohmann::ordered_json SelftestJson(const SelftestResult& result);

/// What it means in words, then one line for each planted slowdown. Ends in '\n'.
std::string RenderSelftest(const SelftestResult& result, size_t width);

}  // namespace coresweep
