// The two functions that the libtorch module exports; see workloads/torch_entry.h.
#include "workloads/torch/model_workload.h"
#include "workloads/torch/runtime.h"
#include "workloads/torch/script_workload.h"
#include "workloads/torch_entry.h"

#define CORESWEEP_EXPORT extern "C" __attribute__((visibility("default")))

CORESWEEP_EXPORT coresweep::Workload* coresweep_torch_make_workload(
    const coresweep::WorkloadSpec& spec, const coresweep::WorkloadContext& context) {
  coresweep::SetTorchThreads(context.threads);
  return spec.name == "torchscript" ? coresweep::MakeScriptWorkload(spec, context).release()
                                    : coresweep::MakeModelWorkload(spec).release();
}

CORESWEEP_EXPORT void coresweep_torch_read_runtime(coresweep::RuntimeFacts& facts) {
  facts = coresweep::ReadRuntimeFacts();
}
