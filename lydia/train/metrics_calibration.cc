#include "lydia/train/metrics_calibration.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "lydia/report/format.h"
#include "lydia/report/plot.h"
#include "lydia/train/metrics_input.h"

namespace lydia::train {
namespace {

constexpr std::string_view kName = "calibration";

void check_probabilities(std::span<const double> values, std::string_view metric) {
  for (const double value : values) {
    LYDIA_CHECK(value >= 0 && value <= 1, ValueError, metric,
                ": expected probabilities from 0 to 1, got ", value);
  }
}

// The ends of the bins' rows in an order of rising confidence, so that equal ones stay together.
std::vector<size_t> mass_ends(const std::vector<double>& sorted, size_t bins) {
  std::vector<size_t> ends;
  size_t end = 0;
  for (size_t b = 1; b <= bins; ++b) {
    end = std::max(end, b * sorted.size() / bins);
    while (end > 0 && end < sorted.size() && sorted[end] == sorted[end - 1]) ++end;
    ends.push_back(end);
  }
  return ends;
}

std::vector<size_t> width_ends(const std::vector<double>& sorted, size_t bins) {
  std::vector<size_t> ends;
  for (size_t b = 1; b <= bins; ++b) {
    const double high = static_cast<double>(b) / static_cast<double>(bins);
    ends.push_back(
        static_cast<size_t>(std::upper_bound(sorted.begin(), sorted.end(), high) - sorted.begin()));
  }
  return ends;
}

// The first and second derivative of the mean loss by a = 1/T: E[z] - z_y and Var[z], both under
// p = softmax(a z).
struct Slopes {
  double first = 0, second = 0;
};

Slopes slopes_at(const std::vector<double>& logits, std::span<const int64_t> targets,
                 size_t columns, double a) {
  Slopes out;
  for (size_t i = 0; i < targets.size(); ++i) {
    const double* z = &logits[i * columns];
    const double top = *std::max_element(z, z + columns);
    double sum = 0, mean = 0, square = 0;
    for (size_t c = 0; c < columns; ++c) {
      const double weight = std::exp(a * (z[c] - top));
      sum += weight;
      mean += weight * (z[c] - top);
      square += weight * (z[c] - top) * (z[c] - top);
    }
    mean /= sum;
    out.first += mean - (z[targets[i]] - top);
    out.second += square / sum - mean * mean;
  }
  const auto count = static_cast<double>(targets.size());
  return {out.first / count, out.second / count};
}

}  // namespace

std::vector<ReliabilityBin> reliability_bins(std::span<const double> confidences,
                                             std::span<const int64_t> right, int bins,
                                             Binning binning) {
  LYDIA_CHECK(bins >= 1 && bins <= 100'000, ValueError, kName, ": expected 1 bin or more, got ",
              bins);
  check_same_count(static_cast<int64_t>(confidences.size()), static_cast<int64_t>(right.size()),
                   kName);
  check_probabilities(confidences, kName);
  check_classes(right, 2, kName);
  std::vector<size_t> order(confidences.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return confidences[a] < confidences[b]; });
  std::vector<double> sorted;
  sorted.reserve(order.size());
  for (const size_t i : order) sorted.push_back(confidences[i]);

  const auto number = static_cast<size_t>(bins);
  const bool equal_width = binning == Binning::Width;
  const std::vector<size_t> ends =
      equal_width ? width_ends(sorted, number) : mass_ends(sorted, number);
  std::vector<ReliabilityBin> out(number);
  size_t begin = 0;
  for (size_t b = 0; b < number; ++b) {
    ReliabilityBin& bin = out[b];
    bin.count = static_cast<int64_t>(ends[b] - begin);
    for (size_t i = begin; i < ends[b]; ++i) {
      bin.confidence += sorted[i] / static_cast<double>(bin.count);
      bin.accuracy += static_cast<double>(right[order[i]]) / static_cast<double>(bin.count);
    }
    if (equal_width) {
      bin.low = static_cast<double>(b) / bins;
      bin.high = static_cast<double>(b + 1) / bins;
    } else {
      bin.low = b == 0 ? 0 : out[b - 1].high;
      bin.high = ends[b] == sorted.size() ? 1 : sorted[ends[b] - (ends[b] > 0 ? 1 : 0)];
    }
    begin = ends[b];
  }
  return out;
}

std::vector<ReliabilityBin> reliability_bins(const Tensor& probabilities, const Tensor& targets,
                                             int bins, Binning binning) {
  const ScoreRows rows = score_rows(probabilities, 0, kName);
  const Labels labels = labels_of(targets, kName);
  check_same_count(rows.rows, labels.size(), kName);
  if (probabilities.ndim() == 1) return reliability_bins(rows.values, labels.values, bins, binning);
  check_classes(labels.values, rows.columns, kName);
  std::vector<double> confidences;
  std::vector<int64_t> right;
  for (int64_t i = 0; i < rows.rows; ++i) {
    const auto row = rows.row(i);
    const auto top = std::max_element(row.begin(), row.end());
    confidences.push_back(*top);
    right.push_back(top - row.begin() == labels.values[static_cast<size_t>(i)]);
  }
  return reliability_bins(confidences, right, bins, binning);
}

double calibration_error(std::span<const ReliabilityBin> bins, bool largest) {
  double total = 0, sum = 0, worst = 0;
  for (const ReliabilityBin& bin : bins) {
    const double gap = std::abs(bin.accuracy - bin.confidence);
    total += static_cast<double>(bin.count);
    sum += static_cast<double>(bin.count) * gap;
    worst = std::max(worst, gap);
  }
  LYDIA_CHECK(total > 0, ValueError, kName, ": expected bins with rows, got none");
  return largest ? worst : sum / total;
}

std::string reliability_svg(std::span<const ReliabilityBin> bins, const std::string& title) {
  report::Series perfect{"perfect", {0, 1}, {0, 1}};
  report::Series model{
      "measured (ECE " + report::format_fixed(calibration_error(bins), 4) + ")", {}, {}};
  for (const ReliabilityBin& bin : bins) {
    if (bin.count == 0) continue;
    model.x.push_back(bin.confidence);
    model.y.push_back(bin.accuracy);
  }
  report::PlotOptions options;
  options.title = title;
  options.x_label = "confidence";
  options.y_label = "accuracy";
  options.width = options.height = 420;
  return report::line_plot({perfect, model}, options);
}

double brier_score(const Tensor& probabilities, const Tensor& targets) {
  constexpr std::string_view kBrier = "brier_score";
  const ScoreRows rows = score_rows(probabilities, 0, kBrier);
  const Labels labels = labels_of(targets, kBrier);
  check_same_count(rows.rows, labels.size(), kBrier);
  check_probabilities(rows.values, kBrier);
  const bool binary = probabilities.ndim() == 1;
  check_classes(labels.values, binary ? 2 : rows.columns, kBrier);
  double sum = 0;
  for (int64_t i = 0; i < rows.rows; ++i) {
    const int64_t label = labels.values[static_cast<size_t>(i)];
    for (int64_t c = 0; c < rows.columns; ++c) {
      const double truth = binary ? static_cast<double>(label) : (c == label ? 1 : 0);
      const double off = rows.row(i)[static_cast<size_t>(c)] - truth;
      sum += off * off;
    }
  }
  return sum / static_cast<double>(rows.rows);
}

double fit_temperature(const Tensor& logits, const Tensor& targets) {
  constexpr std::string_view kFit = "fit_temperature";
  const ScoreRows rows = score_rows(logits, 0, kFit);
  const Labels labels = labels_of(targets, kFit);
  check_same_count(rows.rows, labels.size(), kFit);
  const bool binary = logits.ndim() == 1;
  const int64_t columns = binary ? 2 : rows.columns;
  check_classes(labels.values, columns, kFit);
  std::vector<double> z;
  for (const double value : rows.values) {
    LYDIA_CHECK(std::isfinite(value), ValueError, kFit, ": expected finite logits, got ", value);
    if (binary) z.push_back(0);
    z.push_back(value);
  }
  const auto slopes = [&](double a) {
    return slopes_at(z, labels.values, static_cast<size_t>(columns), a);
  };
  // The first derivative rises with a. Its root lies between low and high; a Newton step that
  // leaves this range, or follows one that gained little, is replaced by the middle of the range.
  double low = 1e-3, high = 1e3, a = 1, before = HUGE_VAL;
  if (slopes(high).first <= 0) return 1 / high;
  if (slopes(low).first >= 0) return 1 / low;
  for (int step = 0; step < 200 && high - low > 1e-14 * high; ++step) {
    const Slopes here = slopes(a);
    if (here.first == 0) break;
    (here.first > 0 ? high : low) = a;
    double next = a - here.first / here.second;
    const bool slow = std::abs(here.first) > before / 2;
    if (slow || !(next > low && next < high)) next = std::sqrt(low * high);
    if (std::abs(next - a) <= 1e-15 * a) break;
    before = std::abs(here.first);
    a = next;
  }
  return 1 / a;
}

}  // namespace lydia::train
