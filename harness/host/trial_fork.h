// Tries work that may crash in a process of its own.
#pragma once

#include <functional>

namespace coresweep {

/// Whether a forked child gets through `work` (to its end or to an exception) without a crash and
/// in at most `cpu_limit_s` seconds of CPU time. Its output and its core dump are suppressed. Only
/// for processes with a single thread. Throws `Error` when no process can be made.
bool SurvivesInChild(const std::function<void()>& work, int cpu_limit_s);

}  // namespace coresweep
