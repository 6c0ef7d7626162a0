// One step of an optimiser over many tensors: a single pass that reads each parameter, its
// gradient and its state once and writes parameter and state once, in place and outside autograd.
//
// g is the gradient (negated by `sign`) plus `l2` p; p first shrinks to `keep` p. Then, per rule:
//   sgd                p -= rate g
//   sgd_momentum       s0 = decay1 s0 + gain1 g,  p -= rate s0
//   sgd_nesterov       s0 = decay1 s0 + gain1 g,  p -= rate (g + decay1 s0)
//   adam               s0 += gain1 (g - s0),  s1 = decay2 s1 + gain2 g^2,
//                      p -= rate s0 / (root sqrt(s1) + eps)
//   adam_amsgrad       the same with s2 = max(s2, s1) in place of s1 under the root
//   adagrad            s0 += g^2,  p -= rate g / (sqrt(s0) + eps)
//   rmsprop            s0 = decay2 s0 + gain2 g^2,  u = g / (sqrt(s0) + eps),  p -= rate u
//   rmsprop_centered   the same with s0 - s1^2 under the root, s1 += gain2 (g - s1)
//   ..._momentum       s2 = decay1 s2 + u,  p -= rate s2
//   lion               p -= rate sign(s0 + gain1 (g - s0)),  s0 += gain2 (g - s0)
//   average            p += rate (g - p), for weights that follow other weights
#pragma once

#include <array>
#include <span>

#include "lydia/core/tensor.h"

namespace lydia {

enum class StepRule : uint8_t {
  sgd,
  sgd_momentum,
  sgd_nesterov,
  adam,
  adam_amsgrad,
  adagrad,
  rmsprop,
  rmsprop_momentum,
  rmsprop_centered,
  rmsprop_centered_momentum,
  lion,
  average
};
inline constexpr int kStepRules = 12;
inline constexpr int kStepSlots = 3;

struct StepNumbers {
  double sign = 1, l2 = 0, keep = 1, rate = 0;
  double decay1 = 0, gain1 = 0, decay2 = 0, gain2 = 0;
  double root = 1, eps = 0;
};

// One parameter with its gradient and state. State that the rule does not name stays undefined.
struct StepItem {
  StepRule rule;
  Tensor param, grad;
  std::array<Tensor, kStepSlots> state;
  StepNumbers numbers;
};

// Parameters are floating, any strides; grad has the parameter's shape and dtype; state has its
// shape and is f64 for f64 parameters, else f32. Half parameters are stepped in f32 and rounded
// once. Versions of what was written count up. Two items must not share memory.
void optimizer_step(std::span<const StepItem> items);

// What the kernel gets: inputs are the gradients, outputs the parameters, then each state slot.
struct StepAttrs {
  struct One {
    StepRule rule;
    StepNumbers numbers;
  };
  std::span<const One> each;
};

}  // namespace lydia
