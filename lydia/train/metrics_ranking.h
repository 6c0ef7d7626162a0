// How well scores put positives above negatives. Equal scores share a place, so that the result
// does not depend on the order of rows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lydia/core/tensor.h"

namespace lydia::train {

// The area under the ROC curve: the share of pairs (positive, negative) in which the positive has
// the higher score; an equal pair counts half. Targets are 0 and 1. NaN when one class is not
// there.
double auroc(std::span<const double> scores, std::span<const int64_t> targets);
double auroc(const Tensor& scores, const Tensor& targets);
// Scores [N, C], targets [N] in [0, C): each class against the rest, and the plain mean of these.
// Throws ValueError when a class has no row or all of them: the mean would be of other things.
double auroc_one_vs_rest(const Tensor& scores, const Tensor& targets);

// Sum over thresholds of (recall_n - recall_{n-1}) · precision_n, without interpolation. NaN when
// there is no positive.
double average_precision(std::span<const double> scores, std::span<const int64_t> targets);
double average_precision(const Tensor& scores, const Tensor& targets);

// Collects scores and targets of many batches for the two above: rankings need all rows at once.
class RankingScores {
 public:
  void update(const Tensor& scores, const Tensor& targets);
  double auroc() const { return train::auroc(scores_, targets_); }
  double average_precision() const { return train::average_precision(scores_, targets_); }
  int64_t count() const { return static_cast<int64_t>(scores_.size()); }
  void reset();

 private:
  std::vector<double> scores_;
  std::vector<int64_t> targets_;
};

}  // namespace lydia::train
