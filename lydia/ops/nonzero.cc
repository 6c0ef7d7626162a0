#include "lydia/ops/nonzero.h"

#include "lydia/ops/copy.h"
#include "lydia/ops/op.h"
#include "lydia/ops/view.h"

namespace lydia {

const GradRule nonzero_rule = {};

Tensor nonzero(const Tensor& x) {
  check_defined("nonzero", x, "input");
  const Tensor mask = contiguous(to(x.detach(), DType::Bool));
  Tensor out;
  run(Op::nonzero, {&mask}, {&out});
  return out;
}

Tensors nonzero_tuple(const Tensor& x) {
  check_defined("nonzero", x, "input");
  return unbind(nonzero(x.ndim() ? x : reshape(x, {1})), 1);
}

Tensor argwhere(const Tensor& x) { return nonzero(x); }

}  // namespace lydia
