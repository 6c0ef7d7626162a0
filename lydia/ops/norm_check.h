// The argument checks that layer_norm and rms_norm share.
#pragma once

#include "lydia/ops/op.h"

namespace lydia {

// The number of elements in `shape`, which must be the trailing sizes of x and the shape and dtype
// of each defined parameter.
inline int64_t check_norm_shape(const char* op, const Tensor& x, const Dims& shape,
                                std::initializer_list<const Tensor*> parameters) {
  check_defined(op, x, "input");
  LYDIA_CHECK(is_floating(x.dtype()), TypeError, op, ": expected a floating-point tensor, got ",
              x.dtype());
  const int lead = x.ndim() - shape.ndim();
  LYDIA_CHECK(!shape.empty() && lead >= 0 &&
                  std::equal(shape.begin(), shape.end(), x.sizes().begin() + lead),
              ValueError, op, ": expected an input that ends in normalized_shape ", shape, ", got ",
              x.sizes());
  for (const Tensor* p : parameters) {
    if (!p->defined()) continue;
    LYDIA_CHECK(p->sizes() == shape, ValueError, op, ": expected weight and bias of shape ", shape,
                ", got ", p->sizes());
    LYDIA_CHECK(p->dtype() == x.dtype(), TypeError, op, ": expected weight and bias of dtype ",
                x.dtype(), ", got ", p->dtype());
  }
  return numel_of(shape);
}

}  // namespace lydia
