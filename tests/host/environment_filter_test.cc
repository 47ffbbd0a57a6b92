#include "harness/host/environment_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coresweep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(VariablesThatMatter, AreThoseOfOpenMpBlasTorchAndAllocators) {
  EXPECT_THAT(VariablesThatMatter({"OMP_NUM_THREADS=4", "PATH=/bin", "KMP_AFFINITY=compact,1,0",
                                   "LD_PRELOAD=/usr/lib/x.so", "MALLOC_ARENA_MAX=1",
                                   "GOMP_CPU_AFFINITY=0-3", "GLIBC_TUNABLES=a=b",
                                   "OPENBLAS_CORETYPE=Haswell", "LD_PRELOADED=1"}),
              ElementsAre(Pair("GLIBC_TUNABLES", "a=b"), Pair("GOMP_CPU_AFFINITY", "0-3"),
                          Pair("KMP_AFFINITY", "compact,1,0"), Pair("LD_PRELOAD", "/usr/lib/x.so"),
                          Pair("MALLOC_ARENA_MAX", "1"), Pair("OMP_NUM_THREADS", "4"),
                          Pair("OPENBLAS_CORETYPE", "Haswell")));
}

TEST(VariablesThatMatter, LeaveOutOtherDevicesAndPlaces) {
  EXPECT_THAT(VariablesThatMatter({"TORCH_HOME=/x", "PYTORCH_CUDA_ALLOC_CONF=y", "OMP", "COMP_A=1",
                                   "PYTORCH_VERSION=2"}),
              IsEmpty());
}

TEST(VariablesThatMatter, TheFirstOfTwoCountsAndMayBeEmpty) {
  EXPECT_THAT(VariablesThatMatter({"OMP_PLACES=", "OMP_PLACES=cores"}),
              ElementsAre(Pair("OMP_PLACES", "")));
}

}  // namespace
}  // namespace coresweep
