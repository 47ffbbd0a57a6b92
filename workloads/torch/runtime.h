// Thread counts of libtorch and of the libraries below it: set and read back.
#pragma once

#include <functional>

#include "harness/core/workload.h"

namespace coresweep {

/// Grants `threads` intra-op threads to work of the calling thread, to BLAS as well (the pthread
/// build of OpenBLAS heeds neither OpenMP nor libtorch), and one inter-op thread to the process.
void SetTorchThreads(int threads);

/// Calls `visit(i)` in each of the calling thread's intra-op threads, i from 0 on. Exact with the
/// OpenMP build of libtorch and a compiler that knows OpenMP: its threads stay the same from one
/// parallel region to the next. Else in the calling thread alone.
void OnEachIntraOpThread(const std::function<void(int)>& visit);

/// Reads all of it back in the calling thread.
RuntimeFacts ReadRuntimeFacts();

}  // namespace coresweep
