// The options of `transports`: declared to CLI11, checked at once.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "harness/run/transport_survey.h"

namespace coresweep {

/// As the user gave them.
struct TransportsOptions {
  std::vector<std::string> transports;
  std::vector<std::string> sizes;
  std::vector<std::string> waits;
  std::vector<std::string> places;
  double seconds = 0;
  bool json = false;
  std::string output;

  void Declare(CLI::App& command);
  /// Everything, at place `neighbour`, where nothing was given. Throws `UsageError` naming the
  /// option and what it takes.
  [[nodiscard]] SurveyRequest Parse() const;
};

/// "64", "4K", "4KiB", "1M", "16 MiB" and so on, in bytes; units are powers of 1024. Throws
/// `UsageError` for anything else and for more than 1 GiB.
size_t ParseByteCount(const std::string& text);

}  // namespace coresweep
