#include "lydia/ops/multi_norm.h"

#include <cmath>

#include "lydia/ops/copy.h"
#include "lydia/ops/multi_tensor.h"

namespace lydia {

double multi_norm(const Tensors& tensors, double p) {
  LYDIA_CHECK(p > 0, ValueError, "multi_norm: expected p > 0, got ", p);
  const OutsideAutograd outside;
  Tensors inputs;
  std::vector<const Tensor*> in;
  for (const Tensor& t : tensors) {
    check_defined("multi_norm", t, "tensors");
    LYDIA_CHECK(t.is_floating_point(), TypeError, "multi_norm: expected floating tensors, got ",
                t.dtype());
    inputs.push_back(contiguous(t.detach()));
  }
  for (const Tensor& t : inputs) in.push_back(&t);
  Tensor sum = empty({}, DType::F64);
  Tensor* out[] = {&sum};
  const MultiNormAttrs attrs{p};
  detail::run(Op::multi_norm, in, out, &attrs, nullptr);
  const auto total = sum.item<double>();
  return std::isinf(p) ? total : std::pow(total, 1 / p);
}

}  // namespace lydia
