#include "bench/out_of_memory.h"

#include <unistd.h>

#include <new>
#include <string_view>

#include "bench/exit_codes.h"

namespace coresweep {

void EndWhenOutOfMemory() {
  std::set_new_handler([] {
    constexpr std::string_view kLine =
        "coresweep: out of memory; give it more (a report takes some ten times its size), or fewer "
        "or smaller reports\n";
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kLine.data(), kLine.size());
    _exit(kExitError);
  });
}

}  // namespace coresweep
