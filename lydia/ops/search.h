// Places in sorted rows, and counts by value.
#pragma once

#include <optional>

#include "lydia/core/tensor.h"

namespace lydia {

// Where each value would go in its sorted row to keep it sorted: before equal ones, or with `right`
// after them. sorted: 1-d, or values' shape but for the last dimension. int64, or int32 on request.
Tensor searchsorted(const Tensor& sorted, const Tensor& values, bool right = false,
                    bool int32 = false);
// searchsorted with the arguments the other way round and 1-d boundaries.
Tensor bucketize(const Tensor& values, const Tensor& boundaries, bool right = false,
                 bool int32 = false);
// How often each value 0, 1, ... occurs in a 1-d integer tensor, or the sum of its weights.
Tensor bincount(const Tensor& x, const Tensor& weights = {}, int64_t minlength = 0);
// Counts in `bins` equal bins from low to high (both included; equal ones: the range of x).
Tensor histc(const Tensor& x, int64_t bins = 100, double low = 0, double high = 0);

struct SearchAttrs {
  bool right = false;
  int64_t bins = 0;  // bincount: minlength
  double low = 0, high = 0;
};

}  // namespace lydia
