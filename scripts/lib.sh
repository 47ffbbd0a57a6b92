# Sourced by the scripts of this folder.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Prints all C++ files of the project, relative to the root.
cpp_files() {
  (cd "$root" && find bench harness reports tests workloads -name '*.h' -o -name '*.cc' | sort)
}

# Sets `launcher` to what programs of preset $1 must be started by: the thread sanitizers of clang 14
# and GCC 12 do not bear the wide address randomisation of newer kernels.
# shellcheck disable=SC2034  # used by those who source this file
set_launcher() {
  launcher=()
  if [ "$1" = tsan ] && setarch -R true 2>/dev/null; then launcher=(setarch -R); fi
}

# Prints how many compilers fit in at once: one for each CPU of the affinity mask and each 2 GiB of
# the memory that this container has left (libtorch's headers take more than 1 GiB a file).
build_jobs() {
  local jobs memory limit
  jobs=$(nproc)
  memory=$(awk '/^MemAvailable:/ {print int($2 / 1024)}' /proc/meminfo)
  for limit in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do
    if [ -r "$limit" ] && limit=$(cat "$limit") && [ "$limit" != max ] &&
      [ $((limit >> 20)) -lt "$memory" ]; then
      memory=$((limit >> 20))
    fi
  done
  if [ "$jobs" -gt $((memory / 2048)) ]; then jobs=$((memory / 2048)); fi
  echo $((jobs > 0 ? jobs : 1))
}
