#include "lydia/ops/softmax.h"

#include "lydia/ops/autocast.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/op.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

Tensor along(Op op, const Tensor& x, int64_t dim, std::optional<DType> dtype) {
  const char* name = op_name(op);
  check_defined(name, x, "input");
  const SoftmaxAttrs attrs{wrap_dim(name, dim, x.ndim())};
  const Tensor input = to(x, dtype.value_or(full_precision(x.dtype())));
  LYDIA_CHECK(is_floating(input.dtype()), TypeError, name,
              ": expected a floating-point tensor, got ", x.dtype(), "; pass dtype=");
  Tensor out = empty(x.sizes(), input.dtype(), x.device());
  run(op, {&input}, {&out}, attrs);
  return out;
}

Tensor fused_grad(Op op, const Tensor& g, const Tensor& y, const SoftmaxAttrs& attrs) {
  Tensor out = empty(y.sizes(), y.dtype(), y.device());
  run(op, {&g, &y}, {&out}, attrs);
  return out;
}

}  // namespace

Tensor softmax(const Tensor& x, int64_t dim, std::optional<DType> dtype) {
  return along(Op::softmax, x, dim, dtype);
}
Tensor log_softmax(const Tensor& x, int64_t dim, std::optional<DType> dtype) {
  return along(Op::log_softmax, x, dim, dtype);
}

// dx = y (g - sum(g y)): one fused pass, or the same with ops where it is itself differentiated.
const GradRule softmax_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
                                 const auto& a = c.attrs<SoftmaxAttrs>();
                                 const Tensor y = c.out();
                                 if (!grad_enabled())
                                   return {fused_grad(Op::softmax_grad, g[0], y, a)};
                                 return {mul(y, sub(g[0], sum(mul(g[0], y), {a.dim}, true)))};
                               },
                               kOut(0)};

// dx = g - exp(y) sum(g)
const GradRule log_softmax_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
                                     const auto& a = c.attrs<SoftmaxAttrs>();
                                     const Tensor y = c.out();
                                     if (!grad_enabled())
                                       return {fused_grad(Op::log_softmax_grad, g[0], y, a)};
                                     return {sub(g[0], mul(exp(y), sum(g[0], {a.dim}, true)))};
                                   },
                                   kOut(0)};

const GradRule softmax_grad_rule = {};
const GradRule log_softmax_grad_rule = {};

}  // namespace lydia
