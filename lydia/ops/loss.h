// Losses, by torch.nn.functional's names and defaults. `reduction`: none keeps the elements, mean
// and sum reduce them.
#pragma once

#include <optional>
#include <string>

#include "lydia/core/tensor.h"

namespace lydia {

enum class LossReduction { None, Mean, Sum };
// "none", "mean" or "sum"; ValueError otherwise.
LossReduction parse_reduction(const char* op, const std::string& text);

Tensor mse_loss(const Tensor& input, const Tensor& target,
                LossReduction reduction = LossReduction::Mean);
Tensor l1_loss(const Tensor& input, const Tensor& target,
               LossReduction reduction = LossReduction::Mean);
// d = |input - target|: d^2 / (2 beta) below beta, d - beta/2 above; beta = 0 is l1_loss.
Tensor smooth_l1_loss(const Tensor& input, const Tensor& target,
                      LossReduction reduction = LossReduction::Mean, double beta = 1);
// delta * smooth_l1_loss with beta = delta.
Tensor huber_loss(const Tensor& input, const Tensor& target,
                  LossReduction reduction = LossReduction::Mean, double delta = 1);
// -w (t log p + (1 - t) log(1 - p)); logarithms are clamped at -100, as in PyTorch.
Tensor binary_cross_entropy(const Tensor& input, const Tensor& target, const Tensor& weight = {},
                            LossReduction reduction = LossReduction::Mean);
// The same of p = sigmoid(input), from the logits: stable for any input. `pos_weight` scales t = 1.
Tensor binary_cross_entropy_with_logits(const Tensor& input, const Tensor& target,
                                        const Tensor& weight = {},
                                        LossReduction reduction = LossReduction::Mean,
                                        const Tensor& pos_weight = {});
// target (log target - input), input being log probabilities; 0 where target is 0. batch_mean
// divides the sum by the first size.
Tensor kl_div(const Tensor& input, const Tensor& target,
              LossReduction reduction = LossReduction::Mean, bool log_target = false,
              bool batch_mean = false);

// -w[t] input[t]: input [N, C, ...] of log probabilities, target [N, ...] of int64 classes; weight
// [C]. The mean is weighted; targets equal to ignore_index count for nothing.
Tensor nll_loss(const Tensor& input, const Tensor& target, const Tensor& weight = {},
                LossReduction reduction = LossReduction::Mean, int64_t ignore_index = -100);
// nll_loss of log_softmax(input, 1), in one pass for class targets without weight or smoothing;
// a floating target of input's shape holds class probabilities.
Tensor cross_entropy(const Tensor& input, const Tensor& target, const Tensor& weight = {},
                     LossReduction reduction = LossReduction::Mean, int64_t ignore_index = -100,
                     double label_smoothing = 0);

struct CrossEntropyAttrs {
  int64_t ignore_index = -100;
};

}  // namespace lydia
