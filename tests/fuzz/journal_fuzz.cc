// The journal of an interrupted sweep.
#include <cstdlib>

#include "harness/core/journal_text.h"
#include "tests/fuzz/readers.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace coresweep;
  ReadsOrRefuses([&] {
    const Journal journal = ParseJournal(TextOfFuzz(data, size));
    if (journal.whole_bytes + journal.torn_bytes != size) std::abort();
  });
  return 0;
}
