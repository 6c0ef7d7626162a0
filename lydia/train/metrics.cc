#include "lydia/train/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "lydia/ops/copy.h"
#include "lydia/train/metrics_input.h"

namespace lydia::train {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

double quotient(double a, double b) { return b == 0 ? 0 : a / b; }

// Whether fewer than k classes stand above `target`.
bool among_highest(std::span<const double> row, int64_t target, int64_t k) {
  const auto t = static_cast<size_t>(target);
  int64_t above = 0;
  for (size_t c = 0; c < row.size(); ++c) above += row[c] > row[t] || (row[c] == row[t] && c < t);
  return above < k;
}

bool is_scores(const Tensor& predicted, const Tensor& target) {
  return predicted.ndim() == target.ndim() + 1;
}

}  // namespace

void Mean::update(double value, double weight) {
  const double term = value * weight, sum = sum_ + term;
  lost_ += std::abs(sum_) >= std::abs(term) ? (sum_ - sum) + term : (term - sum) + sum_;
  sum_ = sum;
  weight_ += weight;
}

double Mean::compute() const {
  if (weight_ == 0) return kNan;
  // An infinite or NaN sum has no meaningful remainder.
  return (std::isfinite(sum_) ? sum_ + lost_ : sum_) / weight_;
}

Accuracy::Accuracy(int64_t k) : k_(k) {
  LYDIA_CHECK(k >= 1, ValueError, "accuracy: expected k of 1 or more, got ", k);
}

void Accuracy::update(const Tensor& predicted, const Tensor& target) {
  const Labels truth = labels_of(target, "accuracy");
  if (!is_scores(predicted, target)) {
    LYDIA_CHECK(k_ == 1, ValueError, "accuracy: k = ", k_, " needs scores [N, C], got labels");
    const Labels labels = labels_of(predicted, "accuracy");
    check_same_count(labels.size(), truth.size(), "accuracy");
    for (size_t i = 0; i < truth.values.size(); ++i) {
      if (truth.values[i] == kIgnoreLabel) continue;
      hits_ += labels.values[i] == truth.values[i];
      ++total_;
    }
    return;
  }
  const ScoreRows scores = score_rows(predicted, 2, "accuracy");
  check_same_count(scores.rows, truth.size(), "accuracy");
  for (int64_t i = 0; i < scores.rows; ++i) {
    const int64_t label = truth.values[static_cast<size_t>(i)];
    if (label == kIgnoreLabel) continue;
    check_classes({&label, 1}, scores.columns, "accuracy");
    hits_ += among_highest(scores.row(i), label, k_);
    ++total_;
  }
}

double Accuracy::compute() const {
  return total_ == 0 ? kNan : static_cast<double>(hits_) / static_cast<double>(total_);
}

ClassScores scores_of_counts(int64_t true_positive, int64_t false_positive,
                             int64_t false_negative) {
  const auto tp = static_cast<double>(true_positive);
  const auto errors = static_cast<double>(false_positive + false_negative);
  return {quotient(tp, static_cast<double>(true_positive + false_positive)),
          quotient(tp, static_cast<double>(true_positive + false_negative)),
          quotient(2 * tp, 2 * tp + errors), true_positive + false_negative};
}

ClassScores average_scores(std::span<const ClassScores> classes, const ClassScores& micro,
                           Average average) {
  if (average == Average::Micro) return micro;
  ClassScores out;
  double weights = 0;
  for (const ClassScores& one : classes) {
    const double weight = average == Average::Macro ? 1 : static_cast<double>(one.support);
    out.precision += weight * one.precision;
    out.recall += weight * one.recall;
    out.f1 += weight * one.f1;
    out.support += one.support;
    weights += weight;
  }
  out.precision = quotient(out.precision, weights);
  out.recall = quotient(out.recall, weights);
  out.f1 = quotient(out.f1, weights);
  return out;
}

ConfusionMatrix::ConfusionMatrix(int64_t classes) : classes_(classes) {
  LYDIA_CHECK(classes >= 1 && classes <= 30'000, ValueError,
              "confusion_matrix: expected 1 to 30000 classes, got ", classes);
  reset();
}

void ConfusionMatrix::reset() { counts_.assign(static_cast<size_t>(classes_ * classes_), 0); }

void ConfusionMatrix::update(const Tensor& predicted, const Tensor& target) {
  constexpr std::string_view kName = "confusion_matrix";
  const Labels truth = labels_of(target, kName);
  std::vector<int64_t> chosen;
  if (is_scores(predicted, target)) {
    const ScoreRows scores = score_rows(predicted, 2, kName);
    for (int64_t i = 0; i < scores.rows; ++i) {
      const auto row = scores.row(i);
      chosen.push_back(std::max_element(row.begin(), row.end()) - row.begin());
    }
  } else {
    const Labels labels = labels_of(predicted, kName);
    chosen.assign(labels.values.begin(), labels.values.end());
  }
  check_same_count(static_cast<int64_t>(chosen.size()), truth.size(), kName);
  std::vector<size_t> cells;  // all checked before the first is counted
  for (size_t i = 0; i < chosen.size(); ++i) {
    if (truth.values[i] == kIgnoreLabel) continue;
    check_classes({&truth.values[i], 1}, classes_, kName);
    check_classes({&chosen[i], 1}, classes_, kName);
    cells.push_back(static_cast<size_t>(truth.values[i] * classes_ + chosen[i]));
  }
  for (const size_t cell : cells) ++counts_[cell];
}

int64_t ConfusionMatrix::count(int64_t truth, int64_t predicted) const {
  const int64_t labels[] = {truth, predicted};
  check_classes(labels, classes_, "confusion_matrix");
  return counts_[static_cast<size_t>(truth * classes_ + predicted)];
}

int64_t ConfusionMatrix::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), int64_t{0});
}

Tensor ConfusionMatrix::compute() const {
  Tensor out = zeros({classes_, classes_}, DType::I64);
  std::copy(counts_.begin(), counts_.end(), out.data<int64_t>());
  return out;
}

double ConfusionMatrix::accuracy() const {
  int64_t right = 0;
  for (int64_t c = 0; c < classes_; ++c) right += count(c, c);
  return total() == 0 ? kNan : static_cast<double>(right) / static_cast<double>(total());
}

ClassScores ConfusionMatrix::class_scores(int64_t label) const {
  int64_t truth = 0, predicted = 0;
  for (int64_t other = 0; other < classes_; ++other) {
    truth += count(label, other);
    predicted += count(other, label);
  }
  const int64_t right = count(label, label);
  return scores_of_counts(right, predicted - right, truth - right);
}

ClassScores ConfusionMatrix::scores(Average average) const {
  std::vector<ClassScores> present;
  int64_t right = 0;
  for (int64_t label = 0; label < classes_; ++label) {
    int64_t seen = 0;
    for (int64_t other = 0; other < classes_; ++other) {
      seen += count(label, other) + count(other, label);
    }
    if (seen > 0) present.push_back(class_scores(label));
    right += count(label, label);
  }
  const int64_t wrong = total() - right;
  return average_scores(present, scores_of_counts(right, wrong, wrong), average);
}

void Perplexity::update(double loss_sum, int64_t tokens) {
  LYDIA_CHECK(tokens >= 0, ValueError, "perplexity: expected a count of tokens, got ", tokens);
  if (tokens == 0) return;
  const auto count = static_cast<double>(tokens);
  loss_.update(loss_sum / count, count);
}

void Perplexity::update(const Tensor& logits, const Tensor& target) {
  LYDIA_CHECK(is_scores(logits, target), ValueError,
              "perplexity: expected logits [..., V] and targets [...], got ", logits.ndim(),
              " and ", target.ndim(), " dimensions");
  const int64_t classes = logits.size(-1);
  const Labels truth = labels_of(target, "perplexity");
  const ScoreRows rows = score_rows(logits.reshape({truth.size(), classes}), 2, "perplexity");
  for (int64_t i = 0; i < rows.rows; ++i) {
    const int64_t label = truth.values[static_cast<size_t>(i)];
    if (label == kIgnoreLabel) continue;
    check_classes({&label, 1}, classes, "perplexity");
    const auto row = rows.row(i);
    const double top = *std::max_element(row.begin(), row.end());
    double sum = 0;
    for (const double logit : row) sum += std::exp(logit - top);
    loss_.update(top + std::log(sum) - row[static_cast<size_t>(label)]);
  }
}

double Perplexity::compute() const { return std::exp(loss_.compute()); }

double Perplexity::bits_per_byte(int64_t bytes) const {
  LYDIA_CHECK(bytes > 0, ValueError, "bits_per_byte: expected a number of bytes, got ", bytes);
  return loss_.compute() * loss_.weight() / (std::numbers::ln2 * static_cast<double>(bytes));
}

}  // namespace lydia::train
