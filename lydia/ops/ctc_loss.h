// Connectionist temporal classification (Graves et al. 2006): -log of the probability that one
// class per step, with repeats merged and blanks dropped, spells the target.
#pragma once

#include "lydia/ops/loss.h"

namespace lydia {

// log_probs [T, N, C], targets [N, S] or all of them one after another [sum of lengths], lengths
// [N] on the CPU; or log_probs [T, C] with targets [S] and 0-d or one-element lengths. Mean: each
// loss over its target's length, then over the batch. A target that does not fit into its steps
// costs infinity, or with zero_infinity nothing; no gradient comes from it.
struct CtcOptions {
  int64_t blank = 0;
  LossReduction reduction = LossReduction::Mean;
  bool zero_infinity = false;
};
Tensor ctc_loss(const Tensor& log_probs, const Tensor& targets, const Tensor& input_lengths,
                const Tensor& target_lengths, const CtcOptions& options = {});

}  // namespace lydia
