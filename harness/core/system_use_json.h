// What the system used, as JSON, both ways: between processes and in files of launches.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "harness/core/use.h"

namespace coresweep {

nlohmann::json ToJson(const SystemUse& use);
/// Throws nlohmann exceptions on anything but the output of `ToJson`.
SystemUse SystemUseFromJson(const nlohmann::json& json);

}  // namespace coresweep
