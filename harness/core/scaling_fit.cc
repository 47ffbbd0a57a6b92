#include "harness/core/scaling_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <vector>

namespace coresweep {
namespace {

constexpr size_t kMostTerms = 3;

/// N / speedup as a sum of terms, each a function of N.
using Term = double (*)(double workers);
double One(double /*workers*/) {
  return 1;
}
double Contention(double workers) {
  return workers - 1;
}
double Coherency(double workers) {
  return workers * (workers - 1);
}
double WorkersTerm(double workers) {  // One + Contention: where σ = 1
  return workers;
}

/// Coefficients of the terms One, Contention and Coherency: 1/λ, σ/λ, κ/λ.
struct Coefficients {
  double one = 0, contention = 0, coherency = 0;
};

/// `matrix` · x = `right` for the first `size` rows; nullopt where it has no one solution. Gauss's
/// elimination with the greatest pivot.
std::optional<std::array<double, kMostTerms>> Solve(
    std::array<std::array<double, kMostTerms>, kMostTerms> matrix,
    std::array<double, kMostTerms> right, size_t size) {
  for (size_t column = 0; column < size; ++column) {
    size_t pivot = column;
    for (size_t row = column + 1; row < size; ++row)
      if (std::abs(matrix[row][column]) > std::abs(matrix[pivot][column])) pivot = row;
    if (!(std::abs(matrix[pivot][column]) > 1e-12)) return std::nullopt;
    std::swap(matrix[pivot], matrix[column]);
    std::swap(right[pivot], right[column]);
    for (size_t row = column + 1; row < size; ++row) {
      const double factor = matrix[row][column] / matrix[column][column];
      for (size_t i = column; i < size; ++i)
        matrix[row][i] -= factor * matrix[column][i];
      right[row] -= factor * right[column];
    }
  }
  std::array<double, kMostTerms> solution{};
  for (size_t row = size; row-- > 0;) {
    double rest = right[row];
    for (size_t i = row + 1; i < size; ++i)
      rest -= matrix[row][i] * solution[i];
    solution[row] = rest / matrix[row][row];
  }
  return solution;
}

double WeightOf(const ScalingPoint& point) {
  const double y = point.workers / point.speedup;
  return point.weight / (y * y);
}

/// Least squares with these terms alone.
std::optional<Coefficients> FitTerms(std::span<const ScalingPoint> points,
                                     const std::vector<Term>& terms) {
  std::array<std::array<double, kMostTerms>, kMostTerms> matrix{};
  std::array<double, kMostTerms> right{};
  for (const ScalingPoint& point : points) {
    const double weight = WeightOf(point);
    for (size_t i = 0; i < terms.size(); ++i) {
      const double x = terms[i](point.workers);
      right[i] += weight * x * point.workers / point.speedup;
      for (size_t j = 0; j < terms.size(); ++j)
        matrix[i][j] += weight * x * terms[j](point.workers);
    }
  }
  const auto solution = Solve(matrix, right, terms.size());
  if (!solution) return std::nullopt;
  Coefficients found;
  for (size_t i = 0; i < terms.size(); ++i) {
    const double value = (*solution)[i];
    if (terms[i] == One || terms[i] == WorkersTerm) found.one += value;
    if (terms[i] == Contention || terms[i] == WorkersTerm) found.contention += value;
    if (terms[i] == Coherency) found.coherency += value;
  }
  return found;
}

/// Whether λ > 0, 0 ≤ σ ≤ 1 and κ ≥ 0, to the last digits.
bool Allowed(const Coefficients& found) {
  const double hair = 1e-12 * std::abs(found.one);
  return found.one > 0 && found.contention >= -hair && found.contention <= found.one + hair &&
         found.coherency >= -hair;
}

double SquaresOf(std::span<const ScalingPoint> points, const Coefficients& found) {
  double sum = 0;
  for (const ScalingPoint& point : points) {
    const double n = point.workers;
    const double rest = n / point.speedup - found.one * One(n) - found.contention * Contention(n) -
                        found.coherency * Coherency(n);
    sum += WeightOf(point) * rest * rest;
  }
  return sum;
}

ScalingFit FromCoefficients(std::span<const ScalingPoint> points, const Coefficients& found) {
  ScalingFit fit;
  fit.lambda = 1 / found.one;
  fit.sigma = std::clamp(found.contention / found.one, 0.0, 1.0);
  fit.kappa = std::max(0.0, found.coherency / found.one);
  for (const ScalingPoint& point : points) {
    const double error = std::abs(fit.SpeedupAt(point.workers) / point.speedup - 1);
    fit.largest_error = std::max(fit.largest_error, error);
  }
  return fit;
}

/// The best of the fits in `shapes` that are allowed. Squares over a convex region are least inside
/// of it or on one of its faces; `shapes` are all of these.
FitAnswer FitBest(std::span<const ScalingPoint> points, size_t least_counts,
                  const std::vector<std::vector<Term>>& shapes) {
  std::set<int> counts;
  for (const ScalingPoint& point : points)
    counts.insert(point.workers);
  if (counts.size() < least_counts) {
    return {std::nullopt, fmt::format("measured at {} numbers of workers, {} are needed",
                                      counts.size(), least_counts)};
  }
  std::optional<Coefficients> best;
  for (const auto& shape : shapes) {
    const auto found = FitTerms(points, shape);
    if (!found || !Allowed(*found)) continue;
    if (!best || SquaresOf(points, *found) < SquaresOf(points, *best)) best = found;
  }
  if (!best) return {std::nullopt, "no curve of this law fits the speedups"};
  return {FromCoefficients(points, *best), ""};
}

}  // namespace

double ScalingFit::SpeedupAt(double workers) const {
  return lambda * workers / (1 + sigma * Contention(workers) + kappa * Coherency(workers));
}

std::optional<int> ScalingFit::BestWorkers() const {
  if (!(kappa > 0)) return std::nullopt;
  constexpr double kMost = 1e6;  // more is no number of workers
  const double top = std::clamp(std::sqrt((1 - sigma) / kappa), 1.0, kMost);
  const double below = std::floor(top);
  const bool above = SpeedupAt(below + 1) > SpeedupAt(below);
  return static_cast<int>(above ? below + 1 : below);
}

FitAnswer FitUniversal(std::span<const ScalingPoint> points) {
  return FitBest(points, 4,
                 {{One, Contention, Coherency},
                  {One, Contention},
                  {One, Coherency},
                  {WorkersTerm, Coherency},
                  {One},
                  {WorkersTerm}});
}

FitAnswer FitAmdahl(std::span<const ScalingPoint> points) {
  return FitBest(points, 3, {{One, Contention}, {One}, {WorkersTerm}});
}

}  // namespace coresweep
