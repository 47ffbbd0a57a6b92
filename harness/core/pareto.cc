#include "harness/core/pareto.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace coresweep {

std::vector<size_t> ParetoFront(std::span<const ParetoPoint> points) {
  std::vector<size_t> order(points.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [points](size_t a, size_t b) {
    return std::tuple(points[a].least, -points[a].most, a) <
           std::tuple(points[b].least, -points[b].most, b);
  });
  std::vector<size_t> front;
  for (const size_t i : order)
    if (front.empty() || points[i].most > points[front.back()].most) front.push_back(i);
  return front;
}

}  // namespace coresweep
