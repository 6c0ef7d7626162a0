// The values of a kernel's input in row-major order.
#pragma once

#include "lydia/ops/copy.h"

namespace lydia::cpu {

// t itself when it is contiguous, else a contiguous copy that belongs to no graph.
inline Tensor plain(const Tensor& t) {
  if (!t.defined() || t.is_contiguous()) return t;
  Tensor copy = empty(t.sizes(), t.dtype(), t.device());
  raw_copy(copy, t);
  return copy;
}

}  // namespace lydia::cpu
