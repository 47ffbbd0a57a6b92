// Thread counts of libtorch and of the libraries below it: set and read back.
#pragma once

#include "harness/core/workload.h"

namespace coresweep {

/// Grants `threads` intra-op threads to work of the calling thread, to BLAS as well (the pthread
/// build of OpenBLAS heeds neither OpenMP nor libtorch), and one inter-op thread to the process.
void SetTorchThreads(int threads);

/// Reads all of it back in the calling thread.
RuntimeFacts ReadRuntimeFacts();

}  // namespace coresweep
