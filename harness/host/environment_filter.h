// Which variables of the environment change what OpenMP, BLAS or libtorch do.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace coresweep {

/// Those of `environment` ("NAME=value" strings) that change results or speed: OMP_*, KMP_*,
/// GOMP_*, MKL_*, OPENBLAS_*, …; by name. Of a name that is there twice the first, as getenv.
std::map<std::string, std::string> VariablesThatMatter(const std::vector<std::string>& environment);

}  // namespace coresweep
