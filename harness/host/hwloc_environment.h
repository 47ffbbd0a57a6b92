// The environment variables that steer hwloc, which has no other way to be told some things.
#pragma once

#include <map>
#include <string>

namespace coresweep {

/// While it lives, variables of the environment that begin with HWLOC_ are exactly `variables`;
/// afterwards they are what they were. Not for programs that have a second thread by then.
class HwlocEnvironment {
 public:
  using Variables = std::map<std::string, std::string>;

  explicit HwlocEnvironment(const Variables& variables);
  HwlocEnvironment(const HwlocEnvironment&) = delete;
  HwlocEnvironment& operator=(const HwlocEnvironment&) = delete;
  ~HwlocEnvironment();

  /// Those of the environment that begin with HWLOC_.
  static Variables Current();

 private:
  Variables saved_;
};

}  // namespace coresweep
