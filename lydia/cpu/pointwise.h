// Runs a contiguous row kernel over strided, broadcast operands of any dtype.
#pragma once

#include "lydia/cpu/rows.h"
#include "lydia/ops/op.h"

namespace lydia::cpu {

// Attributes are PointwiseAttrs. Operands that are dense in the compute dtype are read in place;
// the others are gathered and converted block by block in the first-level cache.
void pointwise(const KernelCall& call, RowOp row);

template <RowOp R>
void pointwise_kernel(const KernelCall& call) {
  pointwise(call, R);
}

}  // namespace lydia::cpu
