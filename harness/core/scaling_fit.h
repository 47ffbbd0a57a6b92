// How speedup grows with workers, as a law with few parameters. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>

namespace coresweep {

/// A measured speedup over one process.
struct ScalingPoint {
  int workers = 1;     ///< >= 1
  double speedup = 0;  ///< > 0
  double weight = 1;   ///< > 0: how many values it rests on
};

/// Speedup of N workers = λ·N / (1 + σ·(N−1) + κ·N·(N−1)): the Universal Scalability Law (Gunther,
/// "A Simple Capacity Model of Massively Parallel Transaction Systems", CMG 1993). With κ = 0 it is
/// Amdahl's law, p = 1 − σ being the share of the work that runs in parallel.
struct ScalingFit {
  double lambda = 0;         ///< speedup of one worker
  double sigma = 0;          ///< contention, 0 … 1: what only one can do at a time
  double kappa = 0;          ///< coherency, >= 0: what each pair of workers costs
  double largest_error = 0;  ///< greatest |fit / measured − 1| over the points

  [[nodiscard]] double SpeedupAt(double workers) const;
  /// The whole number of workers with the greatest speedup, near √((1−σ)/κ); nullopt for κ = 0,
  /// where more workers never harm.
  [[nodiscard]] std::optional<int> BestWorkers() const;
};

/// A fit, or why there is none.
struct FitAnswer {
  std::optional<ScalingFit> fit;
  std::string why_null;
};

/// Weighted least squares on N / speedup = 1/λ + (σ/λ)·(N−1) + (κ/λ)·N·(N−1), which is linear in
/// its coefficients. Relative errors of speedups are taken to be alike, so that each point has its
/// weight / (N / speedup)². The best among all coefficients with λ > 0, 0 ≤ σ ≤ 1 and κ ≥ 0.
/// Needs points at 4 different numbers of workers.
FitAnswer FitUniversal(std::span<const ScalingPoint> points);
/// The same with κ = 0; 3 different numbers.
FitAnswer FitAmdahl(std::span<const ScalingPoint> points);

}  // namespace coresweep
