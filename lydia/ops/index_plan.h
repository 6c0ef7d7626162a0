// How an index expression is carried out: a window on x, then index tensors over adjacent
// dimensions of that window.
#pragma once

#include "lydia/ops/index.h"

namespace lydia {

struct IndexPlan {
  // The window: its geometry on x, and on a contiguous tensor of x's shape (for the gradient).
  Dims sizes, strides, dense_strides;
  int64_t offset = 0, dense_offset = 0;

  // Index tensors (int64, broadcast to one shape) and the dimensions of the window they index.
  Tensors tensors;
  Dims dims;
  Dims named;             // the dimensions of x, for errors
  bool in_front = false;  // the result dimensions move to the front
};

IndexPlan plan_index(const char* op, const Tensor& x, Indices items);
// The window of the plan as a view of x, with the indexed dimensions side by side from `*first` on.
Tensor index_window(const Tensor& x, const IndexPlan& plan, int64_t* first);

}  // namespace lydia
