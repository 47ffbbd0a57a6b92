// Memory of the transports' own that messages are put together in.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <new>
#include <stdexcept>
#include <vector>

#include "harness/base/error.h"

namespace coresweep {

/// Zeroed. Throws `Error` when the memory is refused.
inline std::vector<std::byte> MakeBuffer(size_t bytes) {
  try {
    return std::vector<std::byte>(bytes);
  } catch (const std::bad_alloc&) {
  } catch (const std::length_error&) {
  }
  throw Error(
      fmt::format("no memory for a message of {} bytes: use smaller chunks, fewer workers "
                  "or a higher memory limit",
                  bytes));
}

}  // namespace coresweep
