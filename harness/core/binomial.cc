#include "harness/core/binomial.h"

#include <boost/math/distributions/binomial.hpp>

#include "harness/base/error.h"

namespace coresweep {

ChanceLimits ChanceOf(int64_t hits, int64_t tries, double risk) {
  if (hits < 0 || hits > tries || risk <= 0 || risk >= 1)
    throw Error("ChanceOf: hits within tries and a risk between 0 and 1 are needed");
  if (tries == 0) return {};
  using Binomial = boost::math::binomial_distribution<double>;
  const auto n = static_cast<double>(tries);
  const auto k = static_cast<double>(hits);
  return {Binomial::find_lower_bound_on_p(n, k, risk / 2),
          Binomial::find_upper_bound_on_p(n, k, risk / 2)};
}

}  // namespace coresweep
