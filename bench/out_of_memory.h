// What becomes of a command whose memory is refused.
#pragma once

namespace coresweep {

/// From now on this process ends with one line and `kExitError` when memory is refused: for
/// commands that only read and print. JSON values take memory while they are destroyed, so that
/// std::bad_alloc could not be caught.
void EndWhenOutOfMemory();

}  // namespace coresweep
