#include "harness/base/memory.h"

#include <malloc.h>

#include <climits>

namespace coresweep {

void KeepFreedMemory() {
#if defined(__GLIBC__)
  // NOLINTBEGIN(concurrency-mt-unsafe): called before the process has a second thread.
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  // Large blocks from the heap, which is kept, rather than each by mmap. Older versions of glibc
  // take 32 MiB at most.
  if (mallopt(M_MMAP_THRESHOLD, 1 << 30) == 0) mallopt(M_MMAP_THRESHOLD, 32 << 20);
    // NOLINTEND(concurrency-mt-unsafe)
#endif
}

}  // namespace coresweep
