// Whether probabilities mean what they say: reliability bins, expected calibration error, Brier
// score, and temperature scaling (Guo et al., "On Calibration of Modern Neural Networks", ICML
// 2017).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lydia/core/tensor.h"

namespace lydia::train {

enum class Binning {
  Width,  // equal ranges of confidence: (low, high]; 0 goes into the first
  Mass,   // about as many rows in each; rows of equal confidence stay together
};

struct ReliabilityBin {
  double low = 0, high = 0;  // range of confidence
  int64_t count = 0;
  double confidence = 0, accuracy = 0;  // means; 0 for an empty bin
};

// Confidences in [0, 1] and whether each was right (0 or 1). Throws ValueError for other values.
std::vector<ReliabilityBin> reliability_bins(std::span<const double> confidences,
                                             std::span<const int64_t> right, int bins = 15,
                                             Binning binning = Binning::Width);
// Probabilities [N, C] with targets [N]: the confidence is that of the most probable class.
// Probabilities [N] with targets 0 and 1: the confidence is that of class 1, "right" means
// target 1.
std::vector<ReliabilityBin> reliability_bins(const Tensor& probabilities, const Tensor& targets,
                                             int bins = 15, Binning binning = Binning::Width);

// Sum over bins of count / N · |accuracy - confidence|; `largest`: the largest gap instead.
double calibration_error(std::span<const ReliabilityBin> bins, bool largest = false);

// The diagram: accuracy over confidence beside the diagonal, as SVG.
std::string reliability_svg(std::span<const ReliabilityBin> bins, const std::string& title);

// Mean squared distance to the truth: (p - y)^2 for probabilities [N], the sum over classes of
// (p_c - [y = c])^2 for [N, C].
double brier_score(const Tensor& probabilities, const Tensor& targets);

// The T > 0 for which softmax(logits / T) has the lowest mean negative log-likelihood: Newton's
// method on 1/T, in which the loss is convex. Logits [N, C] with targets [N], or [N] with targets 0
// and 1 (sigmoid). Held between 1e-3 and 1e3, where it ends when the targets are always (or never)
// the highest.
double fit_temperature(const Tensor& logits, const Tensor& targets);

}  // namespace lydia::train
