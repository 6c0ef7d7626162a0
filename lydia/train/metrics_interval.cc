#include "lydia/train/metrics_interval.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "lydia/core/error.h"
#include "lydia/core/rng.h"

namespace lydia::train {
namespace {

using Wide = unsigned __int128;

void draw(int64_t n, uint64_t seed, int64_t resample, std::vector<uint32_t>& words,
          std::vector<int64_t>& indices) {
  // Philox gives blocks of four words; a resample may begin in the middle of one.
  const auto first = static_cast<uint64_t>(resample) * 2 * static_cast<uint64_t>(n);
  const uint64_t block = first / 4, skip = first % 4;
  const auto blocks = static_cast<int64_t>((skip + 2 * static_cast<uint64_t>(n) + 3) / 4);
  words.resize(static_cast<size_t>(blocks) * 4);
  philox_fill(seed, block, blocks, words.data());
  for (int64_t i = 0; i < n; ++i) {
    const size_t at = skip + 2 * static_cast<size_t>(i);
    const uint64_t word = uint64_t{words[at + 1]} << 32 | words[at];
    indices[static_cast<size_t>(i)] =
        static_cast<int64_t>((Wide{word} * static_cast<uint64_t>(n)) >> 64);
  }
}

// The statistic without each row in turn gives how its error grows with its value.
double acceleration(int64_t n, const Statistic& statistic) {
  std::vector<int64_t> rest(static_cast<size_t>(n) - 1);
  std::vector<double> values;
  for (int64_t out = 0; out < n; ++out) {
    for (int64_t i = 0; i + 1 < n; ++i) rest[static_cast<size_t>(i)] = i + (i >= out);
    const double value = statistic(rest);
    if (!std::isnan(value)) values.push_back(value);
  }
  if (values.empty()) return 0;
  const double mean =
      std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  double square = 0, cube = 0;
  for (const double value : values) {
    const double off = mean - value;
    square += off * off;
    cube += off * off * off;
  }
  return square > 0 ? cube / (6 * std::pow(square, 1.5)) : 0;
}

}  // namespace

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

// Bisection to a good start, then Newton: the function is smooth and this is not where time goes.
double normal_quantile(double p) {
  LYDIA_CHECK(p > 0 && p < 1, ValueError, "normal_quantile: expected p between 0 and 1, got ", p);
  double low = -40, high = 40;
  for (int step = 0; step < 60; ++step) {
    const double middle = (low + high) / 2;
    (normal_cdf(middle) < p ? low : high) = middle;
  }
  const double x = (low + high) / 2;
  const double density = std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
  return density > 0 ? x - (normal_cdf(x) - p) / density : x;
}

double quantile_of_sorted(std::span<const double> sorted, double q) {
  LYDIA_CHECK(!sorted.empty() && q >= 0 && q <= 1, ValueError,
              "quantile: expected values and q from 0 to 1, got ", sorted.size(),
              " values and q = ", q);
  const double place = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Interval bootstrap(int64_t n, const Statistic& statistic, const BootstrapOptions& options) {
  LYDIA_CHECK(n >= 1, ValueError, "bootstrap: expected at least one row, got ", n);
  LYDIA_CHECK(options.level > 0 && options.level < 1, ValueError,
              "bootstrap: expected a level between 0 and 1, got ", options.level);
  LYDIA_CHECK(options.resamples >= 2, ValueError, "bootstrap: expected 2 resamples or more, got ",
              options.resamples);
  std::vector<int64_t> indices(static_cast<size_t>(n));
  std::iota(indices.begin(), indices.end(), int64_t{0});
  Interval out;
  out.value = statistic(indices);
  std::vector<uint32_t> words;
  std::vector<double> values;
  for (int64_t r = 0; r < options.resamples; ++r) {
    draw(n, options.seed, r, words, indices);
    const double value = statistic(indices);
    if (!std::isnan(value)) values.push_back(value);
  }
  out.undefined = options.resamples - static_cast<int64_t>(values.size());
  LYDIA_CHECK(values.size() >= 2, ValueError, "bootstrap: the metric is undefined on ",
              out.undefined, " of ", options.resamples, " resamples");
  std::sort(values.begin(), values.end());
  double low = (1 - options.level) / 2, high = 1 - low;
  const auto less = std::lower_bound(values.begin(), values.end(), out.value) - values.begin();
  const auto not_more = std::upper_bound(values.begin(), values.end(), out.value) - values.begin();
  // Half of the equal values count as below.
  const double share =
      0.5 * static_cast<double>(less + not_more) / static_cast<double>(values.size());
  if (options.method == IntervalMethod::BCa && n > 1 && share > 0 && share < 1) {
    const double bias = normal_quantile(share), a = acceleration(n, statistic);
    const auto corrected = [&](double p) {
      const double z = bias + normal_quantile(p);
      return normal_cdf(bias + z / (1 - a * z));
    };
    low = corrected(low);
    high = corrected(high);
  }
  out.low = quantile_of_sorted(values, low);
  out.high = quantile_of_sorted(values, high);
  return out;
}

Interval bootstrap_mean(std::span<const double> values, const BootstrapOptions& options) {
  return bootstrap(
      static_cast<int64_t>(values.size()),
      [&](std::span<const int64_t> rows) {
        double sum = 0;
        for (const int64_t row : rows) sum += values[static_cast<size_t>(row)];
        return sum / static_cast<double>(rows.size());
      },
      options);
}

}  // namespace lydia::train
