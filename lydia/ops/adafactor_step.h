// One step of Adafactor (Shazeer and Stern 2018, arXiv:1804.04235, as torch.optim has it) over many
// tensors, in place and outside autograd.
//
// A matrix [..., R, C] keeps running means of g^2 over its columns, r [..., R, 1], and over its
// rows, c [..., 1, C]; anything smaller keeps v with its own shape. With x += gain (new - x) for
// r, c and v:
//   estimate = r c / max(mean over R of r, eps1), or v
//   u = g / sqrt(max(estimate, eps1^2))
//   p = keep p - rate max(eps2, rms(p)) / max(1, rms(u) / clip) u
#pragma once

#include <span>

#include "lydia/core/tensor.h"

namespace lydia {

struct AdafactorNumbers {
  double sign = 1, keep = 1, rate = 0, gain = 0, eps1 = 0, eps2 = 0, clip = 1;
};

struct AdafactorItem {
  Tensor param, grad;
  Tensor row, column, full;  // the state: the first two, or the last alone
  AdafactorNumbers numbers;
};

// Shapes and dtypes as in optimizer_step.
void adafactor_step(std::span<const AdafactorItem> items);

// What the kernel gets: inputs are the gradients, outputs the parameters, rows, columns, fulls.
struct AdafactorAttrs {
  std::span<const AdafactorItem> each;
};

}  // namespace lydia
