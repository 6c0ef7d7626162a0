#include "lydia/ops/layer_norm.h"

#include "lydia/ops/autocast.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/norm_check.h"
#include "lydia/ops/op.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"

namespace lydia {

// The op sees rows: x [n, width]; it also gives mean and 1/std per row for the gradient.
Tensor layer_norm(const Tensor& x, const Dims& shape, const Tensor& weight, const Tensor& bias,
                  double eps) {
  LYDIA_FULL_PRECISION(layer_norm, x, shape, weight, bias, eps);
  const int64_t width = check_norm_shape("layer_norm", x, shape, {&weight, &bias});
  const Tensor rows = contiguous(reshape(x, {width ? x.numel() / width : 0, width}));
  Tensor y = empty_like(rows);
  const DType stats = x.dtype() == DType::F64 ? DType::F64 : DType::F32;
  Tensor mean = empty({rows.size(0)}, stats, x.device()), rstd = empty_like(mean);
  const Tensor w = weight.defined() ? contiguous(reshape(weight, {width})) : weight;
  const Tensor b = bias.defined() ? contiguous(reshape(bias, {width})) : bias;
  run(Op::layer_norm, {&rows, &w, &b}, {&y, &mean, &rstd}, LayerNormAttrs{width, eps});
  return reshape(y, x.sizes());
}

namespace {

// dx = rstd (h - mean(h) - xhat mean(h xhat)) with h = g w
Tensors composite_grad(const GradContext& c, const Tensor& g) {
  const Tensor x = c.in(0);
  const double eps = c.attrs<LayerNormAttrs>().eps;
  const Tensor centred = sub(x, mean(x, {1}, true));
  const Tensor rstd = div(1.0, sqrt(add(mean(square(centred), {1}, true), eps)));
  const Tensor xhat = mul(centred, rstd);
  Tensor dx, dw, db;
  if (c.needs(0)) {
    const Tensor h = c.has_in(1) ? mul(g, c.in(1)) : g;
    const Tensor inner = sub(sub(h, mean(h, {1}, true)), mul(xhat, mean(mul(h, xhat), {1}, true)));
    dx = mul(rstd, inner);
  }
  if (c.needs(1)) dw = sum(mul(g, xhat), {0});
  if (c.needs(2)) db = sum(g, {0});
  return {dx, dw, db};
}

}  // namespace

const GradRule layer_norm_rule = {[](const GradContext& c, const Tensors& g) -> Tensors {
                                    if (!g[0].defined()) return {{}, {}, {}};
                                    if (grad_enabled()) return composite_grad(c, g[0]);
                                    const Tensor x = c.in(0), w = c.in(1), mean = c.out(1),
                                                 rstd = c.out(2);
                                    const Tensor upstream = contiguous(g[0]);
                                    Tensor dx = empty_like(x), dw, db;
                                    if (c.needs(1)) dw = empty(c.sizes(1), x.dtype(), x.device());
                                    if (c.needs(2)) db = empty(c.sizes(2), x.dtype(), x.device());
                                    run(Op::layer_norm_grad, {&upstream, &x, &w, &mean, &rstd},
                                        {&dx, &dw, &db}, c.attrs<LayerNormAttrs>());
                                    return {dx, dw, db};
                                  },
                                  kIn(0) | kIn(1) | kOut(1) | kOut(2)};

const GradRule layer_norm_grad_rule = {};

}  // namespace lydia
