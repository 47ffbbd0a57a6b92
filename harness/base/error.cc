#include "harness/base/error.h"

#include <fmt/format.h>
#include <string.h>

#include <cerrno>

namespace coresweep {

std::string DescribeErrno(int error_number) {
  const char* name = strerrorname_np(error_number);
  const char* text = strerrordesc_np(error_number);
  return fmt::format("{} ({})", text ? text : "unknown error", name ? name : "?");
}

void ThrowErrno(std::string_view call, std::string_view object) {
  const int error_number = errno;
  throw Error(fmt::format("{}{}{}: {}", call, object.empty() ? "" : " ", object,
                          DescribeErrno(error_number)));
}

}  // namespace coresweep
