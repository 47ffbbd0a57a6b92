#include "workloads/torch/runtime.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <torch/version.h>

#include "workloads/torch/blas.h"

namespace coresweep {

void SetTorchThreads(int threads) {
  if (at::get_num_interop_threads() != 1) {
    try {
      at::set_num_interop_threads(1);
    } catch (const c10::Error&) {
      // It can be set once in a process only; `ReadRuntimeFacts` shows what holds.
    }
  }
  FindBlas().SetThreads(threads);
  at::set_num_threads(threads);  // last: BLAS libraries may set OpenMP's count, too
}

void OnEachIntraOpThread(const std::function<void(int)>& visit) {
  const int threads = at::get_num_threads();
  // As many pieces as threads, so that each thread gets one.
  at::parallel_for(0, threads, 1, [&visit](int64_t begin, int64_t end) {
    if (begin < end) visit(at::get_thread_num());
  });
}

RuntimeFacts ReadRuntimeFacts() {
  const BlasLibrary blas = FindBlas();
  RuntimeFacts facts;
  facts.intra_op_threads = at::get_num_threads();
  facts.inter_op_threads = static_cast<int>(at::get_num_interop_threads());
  facts.blas_threads = blas.Threads();
  facts.library = "libtorch " TORCH_VERSION;
  facts.blas_library = blas.file;
  facts.blas_kind = blas.file.empty() && at::hasMKL() ? "mkl" : blas.kind;
  facts.openmp_library = FindOpenMp();
  return facts;
}

}  // namespace coresweep
