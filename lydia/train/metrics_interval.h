// Bootstrap confidence intervals: how far a metric would move on other samples of the same size.
// (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapters 13 and 14.)
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace lydia::train {

enum class IntervalMethod {
  Percentile,  // quantiles of the resampled values
  BCa,         // the same, corrected for bias and for an error that grows with the value
};

struct BootstrapOptions {
  int64_t resamples = 2000;
  double level = 0.95;
  IntervalMethod method = IntervalMethod::BCa;
  uint64_t seed = 0;
};

struct Interval {
  double value = 0;  // of the sample itself
  double low = 0, high = 0;
  int64_t undefined = 0;  // resamples whose value was NaN (one class only, ...); left out
};

// The value of a metric on the rows of these indices, each in [0, n).
using Statistic = std::function<double(std::span<const int64_t>)>;

// Resamples n rows with replacement. Resample r uses the words [2nr, 2n(r + 1)) of the Philox
// stream of `seed`, two for each index: high 64 bits of (word pair · n). BCa also leaves out each
// row once: n more evaluations. Throws ValueError for no rows, a level outside (0, 1), or fewer
// than 2 defined resamples. BCa on values that do not vary, or all on one side of the sample's,
// gives the percentile interval.
Interval bootstrap(int64_t n, const Statistic& statistic, const BootstrapOptions& options = {});

// The interval of a mean of `values`.
Interval bootstrap_mean(std::span<const double> values, const BootstrapOptions& options = {});

// Quantile q of sorted values, linear between neighbours: place q · (n - 1).
double quantile_of_sorted(std::span<const double> sorted, double q);
// The standard normal distribution and its inverse on (0, 1).
double normal_cdf(double x);
double normal_quantile(double p);

}  // namespace lydia::train
