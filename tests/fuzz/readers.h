// What the fuzz targets share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/base/error.h"

namespace coresweep {

inline std::string_view TextOfFuzz(const uint8_t* data, size_t size) {
  // The fuzzer's bytes are text to the readers.
  return {reinterpret_cast<const char*>(data), size};
}

/// Runs a reader: bad input may end in one of our errors, in nothing else.
template <typename Read>
bool ReadsOrRefuses(Read read) {
  try {
    read();
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace coresweep
