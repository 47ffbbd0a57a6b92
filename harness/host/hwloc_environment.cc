#include "harness/host/hwloc_environment.h"

#include <stdlib.h>
#include <unistd.h>

#include <string_view>

namespace coresweep {
namespace {

// NOLINTBEGIN(concurrency-mt-unsafe): called before the process has a second thread.
void Replace(const HwlocEnvironment::Variables& old_ones,
             const HwlocEnvironment::Variables& new_ones) {
  for (const auto& [name, value] : old_ones)
    unsetenv(name.c_str());
  for (const auto& [name, value] : new_ones)
    setenv(name.c_str(), value.c_str(), 1);
}
// NOLINTEND(concurrency-mt-unsafe)

}  // namespace

HwlocEnvironment::Variables HwlocEnvironment::Current() {
  Variables variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const size_t equals = text.find('=');
    if (!text.starts_with("HWLOC_") || equals == std::string_view::npos) continue;
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

HwlocEnvironment::HwlocEnvironment(const Variables& variables) : saved_(Current()) {
  Replace(saved_, variables);
}

HwlocEnvironment::~HwlocEnvironment() {
  Replace(Current(), saved_);
}

}  // namespace coresweep
