// Metrics from C++, with numbers worked out by hand; test_metrics.py has them beside scikit-learn.
#include "lydia/train/metrics.h"

#include <doctest/doctest.h>

#include <cmath>

#include "lydia/ops/copy.h"
#include "lydia/train/metrics_calibration.h"
#include "lydia/train/metrics_interval.h"
#include "lydia/train/metrics_ranking.h"
#include "lydia/train/metrics_spans.h"

namespace lydia::train {
namespace {

Tensor doubles(const Dims& sizes, const std::vector<double>& values) {
  const Tensor out = zeros(sizes, DType::F64);
  std::copy(values.begin(), values.end(), out.data<double>());
  return out;
}

Tensor integers(const std::vector<int64_t>& values) {
  const Tensor out = zeros({static_cast<int64_t>(values.size())}, DType::I64);
  std::copy(values.begin(), values.end(), out.data<int64_t>());
  return out;
}

TEST_CASE("top-k accuracy: equal scores go to the lower index, ignored targets do not count") {
  const Tensor scores = doubles({4, 3}, {5, 1, 1, 1, 5, 5, 1, 5, 5, 0, 0, 9});
  Accuracy first(1), second(2);
  first.update(scores, integers({0, 1, 2, kIgnoreLabel}));
  second.update(scores, integers({0, 1, 2, kIgnoreLabel}));
  CHECK(first.compute() == doctest::Approx(2.0 / 3));
  CHECK(second.compute() == 1);
  CHECK(second.count() == 3);
  CHECK_THROWS_AS(first.update(scores, integers({0, 1, 2, 3})), ValueError);
  CHECK_THROWS_AS(first.update(scores, integers({0, 1})), ValueError);
  CHECK_THROWS_AS(Accuracy(0), ValueError);
}

TEST_CASE("a confusion matrix refuses a bad batch whole") {
  ConfusionMatrix matrix(3);
  CHECK_THROWS_AS(matrix.update(integers({0, 7}), integers({0, 1})), ValueError);
  CHECK(matrix.total() == 0);
  matrix.update(integers({0, 1, 1, 0}), integers({0, 1, 0, 0}));
  CHECK(matrix.count(0, 1) == 1);
  CHECK(matrix.class_scores(1).precision == 0.5);
  // Class 2 never comes: the macro average is over the other two.
  CHECK(matrix.scores(Average::Macro).recall == doctest::Approx((2.0 / 3 + 1) / 2));
  CHECK_THROWS_AS(matrix.count(3, 0), ValueError);
}

TEST_CASE("rankings") {
  const Tensor scores = doubles({4}, {0.1, 0.4, 0.4, 0.8});
  const Tensor targets = integers({0, 0, 1, 1});
  CHECK(auroc(scores, targets) == 3.5 / 4);
  CHECK(average_precision(scores, targets) == doctest::Approx(0.5 + 0.5 * 2 / 3));
  CHECK(std::isnan(auroc(scores, integers({1, 1, 1, 1}))));
  CHECK_THROWS_AS(auroc(doubles({2}, {NAN, 1}), integers({0, 1})), ValueError);
  CHECK_THROWS_AS(auroc(doubles({1, 2}, {0, 1}), integers({0, 1})), ValueError);
}

TEST_CASE("perplexity of equal logits is the number of classes") {
  Perplexity metric;
  metric.update(zeros({2, 3, 8}, DType::F64), zeros({2, 3}, DType::I64));
  CHECK(metric.compute() == doctest::Approx(8));
  CHECK(metric.bits_per_byte(6) == doctest::Approx(3));
  CHECK_THROWS_AS(metric.bits_per_byte(0), ValueError);
  CHECK_THROWS_AS(metric.update(zeros({2, 8}), zeros({3}, DType::I64)), ValueError);
}

TEST_CASE("calibration") {
  const Tensor p = doubles({4}, {0.2, 0.2, 0.9, 0.9});
  const Tensor y = integers({0, 1, 1, 1});
  const auto bins = reliability_bins(p, y, 2);
  CHECK(bins[0].count == 2);
  CHECK(calibration_error(bins) == doctest::Approx((0.3 + 0.1) / 2));
  CHECK(brier_score(p, y) == doctest::Approx((0.04 + 0.64 + 0.01 + 0.01) / 4));
  // sigmoid(z / T) = 3/4 for the three right of four: T = 2 / ln 3.
  CHECK(fit_temperature(doubles({4}, {2, 2, 2, 2}), integers({1, 1, 1, 0})) ==
        doctest::Approx(2 / std::log(3)));
  CHECK_THROWS_AS(fit_temperature(doubles({1}, {INFINITY}), integers({1})), ValueError);
}

TEST_CASE("spans of three readings") {
  const std::vector<std::string> tags = {"I-A", "E-A", "B-B", "O", "S-A", "B-A", "I-B", "E-B"};
  CHECK(read_spans(tags) ==
        std::vector<Span>{{"A", 0, 2}, {"B", 2, 3}, {"A", 4, 5}, {"A", 5, 6}, {"B", 6, 8}});
  CHECK(read_spans(tags, SpanScheme::Iobes) == std::vector<Span>{{"A", 4, 5}});
  CHECK(read_spans({"I-A", "B-A", "I-A", "I-B", "B-B"}, SpanScheme::Iob2) ==
        std::vector<Span>{{"A", 1, 3}, {"B", 4, 5}});
}

TEST_CASE("normal quantiles and sample quantiles") {
  CHECK(normal_quantile(0.975) == doctest::Approx(1.959963984540054).epsilon(1e-12));
  CHECK(normal_quantile(1e-10) == doctest::Approx(-6.361340902404056).epsilon(1e-9));
  CHECK(quantile_of_sorted(std::vector<double>{1, 2, 4}, 0.75) == 3);
  CHECK_THROWS_AS(quantile_of_sorted({}, 0.5), ValueError);
  CHECK_THROWS_AS(bootstrap(0, [](auto) { return 0.0; }), ValueError);
}

}  // namespace
}  // namespace lydia::train
