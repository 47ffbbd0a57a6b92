// The one exception type of the program. Used by every layer; caught in main, in the worker's main
// and round one trial.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace coresweep {

/// What ends a trial or the program: one line saying what failed, on what, why, and what to do.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& what) : std::runtime_error(what) {}
};

/// Input that the user can mend (option, suite, model file, environment): ends with exit code 2.
class UsageError : public Error {
 public:
  explicit UsageError(const std::string& what) : Error(what) {}
};

/// Text of `error_number`, for example "No such file or directory (ENOENT)".
std::string DescribeErrno(int error_number);

/// Throws `Error` "call object: text of errno". Reads errno first.
[[noreturn]] void ThrowErrno(std::string_view call, std::string_view object = {});

/// Returns `rc` unless it is -1, in which case it throws as `ThrowErrno`. For calls that set errno.
template <typename T>
T Check(T rc, std::string_view call, std::string_view object = {}) {
  if (rc == static_cast<T>(-1)) ThrowErrno(call, object);
  return rc;
}

}  // namespace coresweep
