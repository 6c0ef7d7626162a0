// Metrics that grow batch by batch: update() with each batch, compute() at any time, reset().
// Nothing is divided by before compute(), so that the result does not depend on the batches.
//
// Where a quotient has nothing below the line, compute() gives NaN for means and accuracies and, as
// scikit-learn does, 0 for precision, recall and F1.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lydia/core/tensor.h"

namespace lydia::train {

// Targets with this value are left out, as in cross_entropy.
inline constexpr int64_t kIgnoreLabel = -100;

// A weighted mean, such as the loss of an epoch. The sum is compensated (Neumaier), so a million
// small terms lose nothing.
class Mean {
 public:
  void update(double value, double weight = 1);
  double compute() const;
  double weight() const { return weight_; }
  void reset() { *this = {}; }

 private:
  double sum_ = 0, lost_ = 0, weight_ = 0;
};

// The share of rows whose target is among the k highest scores. Of equal scores the one with the
// lower index counts as higher, as in argmax.
class Accuracy {
 public:
  explicit Accuracy(int64_t k = 1);
  // Scores [N, C] with targets [N], or predicted labels and targets of one shape (k = 1).
  void update(const Tensor& predicted, const Tensor& target);
  double compute() const;
  int64_t count() const { return total_; }
  void reset() { hits_ = total_ = 0; }

 private:
  int64_t k_, hits_ = 0, total_ = 0;
};

enum class Average { Micro, Macro, Weighted };

// For one class or an average of classes.
struct ClassScores {
  double precision = 0, recall = 0, f1 = 0;
  int64_t support = 0;  // rows of the class
};

// Precision TP / (TP + FP), recall TP / (TP + FN), F1 their harmonic mean; 0 where undefined.
ClassScores scores_of_counts(int64_t true_positive, int64_t false_positive, int64_t false_negative);
// Micro sums the counts first; macro is the plain mean over classes, weighted that by support.
ClassScores average_scores(std::span<const ClassScores> classes, const ClassScores& micro,
                           Average average);

// Counts [truth, prediction], and what follows from them.
class ConfusionMatrix {
 public:
  explicit ConfusionMatrix(int64_t classes);
  // Scores [N, C] or labels, as Accuracy. Throws ValueError for labels outside the classes.
  void update(const Tensor& predicted, const Tensor& target);
  void reset();

  int64_t classes() const { return classes_; }
  int64_t count(int64_t truth, int64_t predicted) const;
  int64_t total() const;
  // The counts as an int64 tensor [C, C].
  Tensor compute() const;

  double accuracy() const;  // NaN when nothing was counted
  ClassScores class_scores(int64_t label) const;
  // Classes that are neither a target nor a prediction do not count in the macro average.
  ClassScores scores(Average average) const;

 private:
  int64_t classes_;
  std::vector<int64_t> counts_;
};

// exp of the mean negative log-likelihood (in nats) per token.
class Perplexity {
 public:
  // A sum of losses over `tokens` tokens.
  void update(double loss_sum, int64_t tokens);
  // Logits [..., V] with targets [...]; kIgnoreLabel is left out.
  void update(const Tensor& logits, const Tensor& target);
  double compute() const;
  // The same loss in bits for each byte of the text it was taken over: sum / (ln 2 · bytes).
  double bits_per_byte(int64_t bytes) const;
  void reset() { loss_.reset(); }

 private:
  Mean loss_;
};

}  // namespace lydia::train
